import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import { expectDocumented } from "./conform.ts";
import { rendered } from "../../src/doors/queues/mail.ts";

/** An answer over HTTP; the body is JSON where it says so, and text otherwise. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

type Sent = Readonly<Record<string, string | null>>;

/** A request with the platform's key. A text is sent as it is, all else as JSON; null takes a header away. */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  sent: Sent = {},
): Promise<Reply> {
  const headers = new Headers({
    authorization: "Bearer root",
    "content-type": "application/json",
  });
  for (const [name, value] of Object.entries(sent))
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  const raw = typeof body === "string" || body instanceof Uint8Array;
  const response = await exports.default.fetch(`http://latchkey.test${path}`, {
    method,
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(response.status, `${method} ${path}: ${text}`).not.toBe(500);
  const json = /json/.test(response.headers.get("content-type") ?? "");
  const reply: Reply = {
    status: response.status,
    headers: response.headers,
    body: json && text ? JSON.parse(text) : text || null,
  };
  expectDocumented(method, path, reply);
  return reply;
}

/** Acts for a person, by the platform's key or another one. */
export const as = (person: string, key = "root"): Sent => ({
  authorization: `Bearer ${key}`,
  "on-behalf-of": person,
});

export const withKey = (key: string): Sent => ({ authorization: `Bearer ${key}` });

/** A refusal has its status and code, and says both as RFC 9457 has it. */
export function expectProblem(reply: Reply, status: number, code?: string): void {
  expect(reply.headers.get("content-type")).toBe("application/problem+json");
  expect(reply.body).toMatchObject({
    type: expect.stringMatching(/^urn:latchkey:problem:\w+$/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code: code ?? expect.any(String),
  });
  expect(reply.status).toBe(status);
}

let people = 0;

/** An address that nobody has had before. */
export const someone = (name = "person"): string => `${name}-${people++}@people.example`;

/** A new org whose admin has accepted. */
export async function newOrg(name: string, admin = someone("admin"), parent?: number) {
  const made = await call("POST", "/v1/orgs", {
    name,
    ...(parent === undefined ? {} : { parent }),
    admin: { name: "Admin", email: admin },
  });
  expect(made.status).toBe(201);
  const id = made.body.id as number;
  const at = `/v1/orgs/${id}`;
  const listed = await call("GET", `${at}/members`);
  const member = listed.body.items.find((one: { email: string }) => one.email === admin)
    .id as string;
  await accept(member, admin);
  return { id, at, admin, adminMember: member };
}

export async function accept(access: string, person: string): Promise<void> {
  const reply = await call("POST", `/v1/me/access/${access}/accept`, {}, as(person));
  expect(reply.status).toBe(200);
}

/** A member who has accepted. */
export async function newMember(at: string, role = "viewer", email = someone("member")) {
  const made = await call("POST", `${at}/members`, {
    name: "Member",
    email,
    role,
    scope: { all: true },
  });
  expect(made.status).toBe(201);
  await accept(made.body.id, email);
  return { id: made.body.id as string, email, grant: made.body.grants[0].id as string };
}

export async function newKey(at: string, ...holds: ("check" | "manage")[]) {
  const made = await call("POST", `${at}/keys`, { name: "key", holds });
  expect(made.status).toBe(201);
  return { id: made.body.id as string, token: made.body.token as string };
}

/** May the person do this? Asked under the org. */
export async function may(org: number, person: string, action: string, resource: string) {
  const [type, id] = resource.split(":");
  const reply = await call("POST", `/orgs/${org}/access/v1/evaluation`, {
    subject: { type: "user", id: person },
    action: { name: action },
    resource: { type, id },
  });
  expect(reply.status).toBe(200);
  return reply.body.decision as boolean;
}

/** A browser: it keeps cookies, and says where its writes come from. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #sent: Sent;

  constructor(sent: Sent = {}) {
    this.#sent = sent;
  }

  async call(method: string, path: string, body?: unknown, sent: Sent = {}): Promise<Reply> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const reply = await call(method, path, body, {
      authorization: null,
      origin: "http://latchkey.test",
      ...(cookie === "" ? {} : { cookie }),
      ...this.#sent,
      ...sent,
    });
    for (const set of reply.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === "") this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return reply;
  }

  /** Sends a form, as a page without scripts does. Answers where it leads, or the page. */
  form(path: string, fields: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.call("POST", path, new URLSearchParams(fields).toString(), {
      "content-type": "application/x-www-form-urlencoded",
    });
  }

  /** Signs in by the link of a mail. */
  async signIn(email: string): Promise<this> {
    expect((await this.call("POST", "/sign-in", { email })).status).toBe(202);
    const reply = await this.call("POST", await linkFor(email), {});
    expect(reply).toMatchObject({ status: 200, body: { user: { email } } });
    return this;
  }
}

type MailRow = Parameters<typeof rendered>[0];

/** The latest mail to an address; it is awaited, for what an edit tells is told after its answer. */
export async function mailTo(email: string, kind = "sign-in"): Promise<MailRow> {
  const { DB } = env as unknown as { DB: D1Database };
  for (let tries = 0; tries < 100; tries++) {
    const row = await DB.prepare(
      `select * from mails where email = ? and kind = ? order by at desc, rowid desc limit 1`,
    )
      .bind(email, kind)
      .first<MailRow>();
    if (row) return row;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no mail ${kind} to ${email}`);
}

/** The path to which the latest mail of an address leads. */
export async function linkFor(email: string, kind = "sign-in"): Promise<string> {
  const { text } = await rendered(await mailTo(email, kind), "http://latchkey.test", "root");
  const path = /http:\/\/latchkey\.test(\S+)/.exec(text)?.[1];
  if (path === undefined) throw new Error(`no link in: ${text}`);
  return path;
}
