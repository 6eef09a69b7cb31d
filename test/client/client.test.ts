import { exports } from "cloudflare:workers";
import { Hono } from "hono";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { guard } from "../../src/client/hono.ts";
import { waitOf } from "../../src/client/http.ts";
import {
  byBinding,
  Latchkey,
  LatchkeyError,
  type LatchkeyBinding,
  verifyWebhook,
  WebhookError,
  type Evaluation,
} from "../../src/client/index.ts";
import { publicKeyOf, secretOf, signaturesOf } from "../../src/doors/queues/signing.ts";
import type { Latchkey as Entrypoint } from "../../src/worker.ts";
import { call, newKey, newMember, newOrg, someone } from "../support/http.ts";

/** What was sent, and what is answered in place of Latchkey, first to last. */
let sent: Request[];
let faults: (Response | Error)[];

async function transport(request: Request): Promise<Response> {
  sent.push(request.clone());
  const fault = faults.shift();
  if (fault instanceof Error) throw fault;
  return fault ?? exports.default.fetch(request);
}

let org: number;
let key: string;
let member: string;

const client = (more: object = {}) =>
  new Latchkey({ url: "http://latchkey.test/", key, org, fetch: transport, ...more });
const question = (name: string, id = "hq", subject = member): Evaluation => ({
  subject: { type: "user", id: subject },
  action: { name },
  resource: { type: "site", id },
});

const later = (status: number, after = "0") =>
  new Response(null, { status, headers: { "retry-after": after } });

beforeAll(async () => {
  const acme = await newOrg("Acme");
  org = acme.id;
  for (const id of ["hq", "plant", "depot"])
    await call("PUT", `${acme.at}/resources/site/${id}`, { name: id });
  member = (await newMember(acme.at)).email;
  key = (await newKey(acme.at, "check", "manage")).token;
});

beforeEach(() => {
  sent = [];
  faults = [];
});

describe("checks", () => {
  test("those of one tick go out as one request", async () => {
    const latchkey = client();
    const answers = [latchkey.check(question("view")), latchkey.check(question("edit"))];
    const many = latchkey.checkMany([question("view", "plant"), question("view", "nowhere")]);
    expect(await Promise.all(answers)).toEqual([true, false]);
    expect(await many).toEqual([true, false]);
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual([
      `/orgs/${org}/access/v1/evaluations`,
    ]);
    expect(await latchkey.check(question("view"))).toBe(true);
    expect(sent[1]?.url).toMatch(/\/evaluation$/);
  });

  test("no request holds more than Latchkey takes", async () => {
    const many = Array.from({ length: 201 }, (_, n) => question(n % 2 ? "view" : "delete"));
    const answers = await client().checkMany(many);
    expect(answers).toEqual(many.map((_, n) => n % 2 === 1));
    expect(sent.length).toBe(3);
  });

  test("one that is malformed fails alone", async () => {
    const latchkey = client();
    const [good, bad] = await Promise.allSettled([
      latchkey.check(question("view")),
      latchkey.check(question("", "hq")),
    ]);
    expect(good).toEqual({ status: "fulfilled", value: true });
    expect(bad).toMatchObject({ status: "rejected", reason: { status: 400, code: "invalid" } });
  });

  test("what cannot be told is an error, and no answer", async () => {
    faults = [later(503), later(503), later(503)];
    await expect(client().check(question("view"))).rejects.toMatchObject({ status: 503 });
    await expect(client({ key: "none" }).check(question("view"))).rejects.toMatchObject({
      status: 401,
      code: "unauthenticated",
    });
  });
});

describe("what is tried again", () => {
  test("questions and readings, when Latchkey says", async () => {
    faults = [later(503), later(429)];
    expect(await client().check(question("view"))).toBe(true);
    expect(sent.length).toBe(3);
    faults = [new Error("cut off")];
    expect(await client().get("")).toMatchObject({ id: org });
  });

  test("it is waited as long as asked, and no longer than is bearable", async () => {
    faults = [later(503, "1")];
    const began = Date.now();
    expect(await client().check(question("view"))).toBe(true);
    expect(Date.now() - began).toBeGreaterThanOrEqual(950);
    faults = [later(503, "3600")];
    await expect(client().check(question("view"))).rejects.toMatchObject({
      retryAfterMs: 3_600_000,
    });
    expect(waitOf("Tue, 03 Mar 2026 09:00:10 GMT", Date.parse("2026-03-03T09:00:00Z"))).toBe(
      10_000,
    );
    expect(waitOf("soon", 0)).toBeUndefined();
  });

  test("writes only under an idempotency key", async () => {
    const team = { name: someone("Crew") };
    faults = [new Error("cut off")];
    await expect(client().write("POST", "/teams", team)).rejects.toMatchObject({
      status: 0,
      code: "unreachable",
    });
    expect(sent.length).toBe(1);
    faults = [new Error("cut off")];
    const made = await client().write("POST", "/teams", team, { idempotencyKey: team.name });
    expect(made).toMatchObject(team);
    expect(sent.length).toBe(3);
  });

  test("no refusal", async () => {
    const refused = client().write("POST", "/teams", {}, { idempotencyKey: someone() });
    await expect(refused).rejects.toBeInstanceOf(LatchkeyError);
    await expect(refused).rejects.toMatchObject({ problem: { errors: [{ pointer: "/name" }] } });
    expect(sent.length).toBe(1);
  });
});

test("what was written is read", async () => {
  const latchkey = client();
  expect(latchkey.revision).toBeUndefined();
  await latchkey.write("PUT", "/resources/site/new", { name: "New" });
  expect(latchkey.revision).toMatch(/^\d+\.\d+$/);
  expect(await latchkey.check(question("view", "new"))).toBe(true);
  expect(sent[1]?.headers.get("access-revision")).toBe(latchkey.revision);
  const elsewhere = client({ revision: latchkey.revision });
  expect(await elsewhere.check(question("view", "new"))).toBe(true);
  expect(sent[2]?.headers.get("access-revision")).toBe(latchkey.revision);
  expect(await latchkey.write("DELETE", "/resources/site/new")).toBeUndefined();
  expect(await latchkey.check(question("view", "new"))).toBe(false);
});

test("lists and searches are read to their end", async () => {
  const latchkey = client();
  const names: string[] = [];
  for await (const { id } of latchkey.list<{ id: string }>("resources", { limit: 1 }))
    names.push(id);
  expect(names.toSorted()).toEqual(["depot", "hq", "plant"]);
  const found: string[] = [];
  const { subject, action } = question("view");
  const query = { subject, action, resource: { type: "site" } };
  for await (const { id } of latchkey.search("resource", query, 2)) found.push(id);
  expect(found.toSorted()).toEqual(["depot", "hq", "plant"]);
  const may: string[] = [];
  for await (const { name } of latchkey.search("action", question("view"))) may.push(name);
  expect(may).toContain("view");
});

test("an answer is explained", async () => {
  const explained = await client().explain(question("view"));
  expect(explained).toMatchObject({ decision: true, says: expect.any(String) });
  expect(explained.paths[0]?.steps[0]).toMatchObject({ kind: "grant", role: "viewer" });
});

describe("webhooks", () => {
  const id = "dlv_1_2_0";
  const body = JSON.stringify({ type: "share.offered", timestamp: "", sequence: 1, data: {} });
  const signedBy = (generations: readonly number[], at = new Date(), asymmetric = true) => ({
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": signaturesOf(
      "root",
      { id: "whk_1_1_0", asymmetric, generations },
      id,
      at,
      body,
    ),
  });
  const secret = (generation: number) => secretOf("root", "whk_1_1_0", generation);
  const publicKey = publicKeyOf("root", "whk_1_1_0", 1);

  test("are verified by the secret, and by the public key", async () => {
    for (const by of [secret(1), publicKey, [secret(2), secret(1)]])
      expect(await verifyWebhook(by, signedBy([1]), body)).toMatchObject({ type: "share.offered" });
    const headers = new Headers(signedBy([2, 1]));
    expect(await verifyWebhook(secret(1), headers, body)).toMatchObject({ sequence: 1 });
  });

  test("of others, changed or too old are refused", async () => {
    const old = new Date(Date.now() - 301_000);
    const { "webhook-id": _, ...nameless } = signedBy([1]);
    for (const [by, headers, text] of [
      [secret(2), signedBy([1]), body],
      [publicKeyOf("root", "whk_1_1_0", 2), signedBy([1]), body],
      [publicKey, signedBy([1], new Date(), false), body],
      [secret(1), signedBy([1]), `${body} `],
      [secret(1), { ...signedBy([1]), "webhook-id": "dlv_1_3_0" }, body],
      [secret(1), { ...signedBy([1]), "webhook-signature": "v1,%%%" }, body],
      [secret(1), signedBy([1], old), body],
      [secret(1), signedBy([1], new Date(Date.now() + 301_000)), body],
      [secret(1), nameless, body],
      ["whsec_%", signedBy([1]), body],
    ] as const)
      await expect(verifyWebhook(by, headers, text)).rejects.toBeInstanceOf(WebhookError);
    const bounds = { toleranceS: 600 };
    expect(await verifyWebhook(secret(1), signedBy([1], old), body, bounds)).toBeTruthy();
  });
});

test("a binding decides like the client", async () => {
  const bound = exports as unknown as {
    Latchkey(of: { props: { org?: number } }): LatchkeyBinding;
  };
  // The entrypoint is what the client says of it.
  const typed = (one: Entrypoint): LatchkeyBinding => one;
  expect(typed).toBeTypeOf("function");
  const decider = byBinding(bound.Latchkey({ props: { org } }));
  expect(await decider.check(question("view"))).toBe(true);
  expect(await decider.check(question("edit"))).toBe(false);
  const nobody = byBinding(bound.Latchkey({ props: {} })).check(question("view"));
  await expect(nobody).rejects.toMatchObject({ name: "LatchkeyError", status: 401 });
});

describe("a guarded route", () => {
  const app = new Hono();
  app.get(
    "/sites/:id",
    guard<never, "/sites/:id">(
      { check: (asked) => client().check(asked) },
      {
        subject: (c) => c.req.header("user"),
        action: "view",
        resource: (c) => ({ type: "site", id: c.req.param("id") }),
      },
    ),
    (c) => c.text("in"),
  );
  const enter = (user?: string) =>
    app.request("/sites/hq", { headers: user === undefined ? {} : { user } });

  test("lets in who may, and nobody else", async () => {
    expect(await (await enter(member)).text()).toBe("in");
    expect((await enter()).status).toBe(401);
    const stranger = await enter("stranger@people.example");
    expect(stranger.status).toBe(403);
    expect(stranger.headers.get("content-type")).toBe("application/problem+json");
  });

  test("lets nobody in where it cannot be told", async () => {
    faults = [later(503, "3600")];
    const reply = await enter(member);
    expect(reply.status).toBe(503);
    expect(reply.headers.get("retry-after")).toBe("1");
  });
});
