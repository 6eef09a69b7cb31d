import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { objectOf } from "../objects/record.ts";
import {
  accept,
  as,
  call,
  expectProblem,
  newKey,
  newMember,
  newOrg,
  someone,
} from "../support/http.ts";

const all = { all: true };

/** Listens to an org's changes; reads events one at a time. */
class Listener {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  private constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  static async to(at: string, sent: Record<string, string> = {}): Promise<Listener> {
    const headers = { authorization: "Bearer root", accept: "text/event-stream", ...sent };
    const response = await exports.default.fetch(`http://latchkey.test${at}/changes`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    if (!response.body) throw new Error("no stream");
    return new Listener(response.body.getReader());
  }

  /** The next change; null when the stream has ended. */
  async next(): Promise<{ id: number; what: string; says: string[] } | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data === undefined) continue;
        const id = Number(/^id: (\d+)$/m.exec(block)?.[1]);
        return { ...JSON.parse(data), id };
      }
      const { value, done } = await this.#reader.read();
      if (done) return null;
      this.#text += new TextDecoder().decode(value);
    }
  }

  close = () => this.#reader.cancel();
}

describe("changes as a stream", () => {
  test("come as they are made, and go on after the last one that was heard", async () => {
    const acme = await newOrg("Acme");
    const first = await Listener.to(acme.at);
    expect(await first.next()).toMatchObject({ what: "org.create" });
    expect(await first.next()).toMatchObject({ what: "access.accept" });
    const waiting = first.next();
    await call("POST", `${acme.at}/teams`, { name: "Crew" });
    const made = await waiting;
    expect(made).toMatchObject({ what: "team.create", says: ["made the team Crew"] });
    await first.close();
    await call("POST", `${acme.at}/teams`, { name: "Second" });
    const again = await Listener.to(acme.at, { "last-event-id": String(made?.id) });
    expect(await again.next()).toMatchObject({ says: ["made the team Second"] });
    await again.close();
  });

  test("those of the orgs below are heard, and those of orgs beside are not", async () => {
    const root = await newOrg("Root");
    const north = await newOrg("North", someone("north"), root.id);
    const south = await newOrg("South", someone("south"), root.id);
    const { items } = (await call("GET", `${root.at}/changes?limit=1000`)).body;
    const heard = await Listener.to(north.at, { "last-event-id": items.at(-1).id });
    await call("POST", `${south.at}/teams`, { name: "Theirs" });
    await call("POST", `${north.at}/teams`, { name: "Ours" });
    expect(await heard.next()).toMatchObject({ says: ["made the team Ours"] });
    await heard.close();
  });

  test("[R12] end when access ends", async () => {
    const acme = await newOrg("Acme");
    const key = await newKey(acme.at, "manage");
    const heard = await Listener.to(acme.at, { authorization: `Bearer ${key.token}` });
    await call("DELETE", `${acme.at}/keys/${key.id}`, {});
    let last = await heard.next();
    while (last !== null && last.what !== "key.delete") last = await heard.next();
    expect(await heard.next().catch(() => null)).toBeNull();
  });

  test("wait for a reader who is slow, and come without loss or repetition", async () => {
    const acme = await newOrg("Acme");
    const edits = (n: number) =>
      Array.from({ length: 30 }, (_, k) =>
        call("POST", `${acme.at}/teams`, { name: `Team ${n} ${k}` }),
      );
    for (let n = 0; n < 5; n++) await Promise.all(edits(n));
    const heard = await Listener.to(acme.at);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const ids: number[] = [];
    for (let n = 0; n < 80; n++) ids.push((await heard.next())?.id ?? 0);
    await heard.close();
    const again = await Listener.to(acme.at, { "last-event-id": String(ids.at(-1)) });
    while (ids.length < 152) ids.push((await again.next())?.id ?? 0);
    await again.close();
    const { items } = (await call("GET", `${acme.at}/changes?limit=1000`)).body;
    expect(ids).toEqual(items.map(({ id }: { id: string }) => Number(id)));
  });

  test("are refused like the list", async () => {
    const acme = await newOrg("Acme");
    const accepting = { accept: "text/event-stream" };
    const member = await newMember(acme.at);
    const get = (sent: object) =>
      call("GET", `${acme.at}/changes`, undefined, { ...accepting, ...sent });
    expectProblem(await get(as(member.email)), 403, "forbidden");
    expectProblem(await get(as(someone())), 404, "not_found");
    for (const id of ["x", "-1", "1.5", "1e9", "9".repeat(20)])
      expectProblem(await get({ "last-event-id": id }), 400, "invalid");
    for (const query of ["after=x", "cursor=x", "cursor=eA", "limit=0", "limit=x", "after=-1"])
      expectProblem(await call("GET", `${acme.at}/changes/effective?${query}`), 400, "invalid");
    for (const query of ["after=x", "cursor=x", "limit=0", "after=-1"])
      expectProblem(await call("GET", `${acme.at}/changes?${query}`), 400, "invalid");
  });
});

test("[R21] of what ends at one instant, each org is told its own", async () => {
  const root = await newOrg("Root");
  const north = await newOrg("North", someone("north"), root.id);
  const south = await newOrg("South", someone("south"), root.id);
  const expiresAt = new Date(Date.now() + 1_000).toISOString();
  const people: Record<string, string> = {};
  for (const { id, at } of [south, north, root]) {
    const member = await newMember(at, "viewer");
    await call("PATCH", `${at}/grants/${member.grant}`, { expiresAt });
    people[id] = member.email;
  }
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await objectOf(root.id).keepTime();
  for (const { id, at, admin } of [north, south]) {
    const [told, effective] = await Promise.all(
      ["changes?limit=1000", "changes/effective?limit=100"].map(async (path) => {
        const { items } = (await call("GET", `${at}/${path}`, undefined, as(admin))).body;
        return JSON.stringify(
          items.filter(({ what }: { what: string }) => what === "expiry.announce"),
        );
      }),
    );
    for (const [org, email] of Object.entries(people)) {
      expect(told?.includes(`"org":${org},`), `${org} told to ${id}`).toBe(org === String(id));
      expect(effective?.includes(email), `${email} told to ${id}`).toBe(org === String(id));
    }
  }
  const all = (await call("GET", `${root.at}/changes?limit=1000`)).body.items;
  expect(
    all.filter(({ what }: { what: string }) => what === "expiry.announce").length,
  ).toBeGreaterThanOrEqual(3);
});

describe("effective changes", () => {
  const effective = async (at: string, after = 0) =>
    (await call("GET", `${at}/changes/effective?after=${after}`)).body;

  test("say who gained and lost what by each change, and leave out what did nothing", async () => {
    const acme = await newOrg("Acme");
    await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ", tags: ["North"] });
    const { items } = (await call("GET", `${acme.at}/changes?limit=1000`)).body;
    const start = Number(items.at(-1).id);
    const email = someone("member");
    const terms = { role: "viewer", scope: { tags: ["North"] } };
    const { body } = await call("POST", `${acme.at}/members`, { name: "Mem", email, ...terms });
    await accept(body.id, email);
    await call("PATCH", `${acme.at}/members/${body.id}`, { name: "Renamed" });
    await call("PATCH", `${acme.at}/grants/${body.grants[0].id}`, { role: "collaborator" });
    await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ", tags: ["South"] });
    await call("DELETE", `${acme.at}/members/${body.id}`, {});
    const found = await effective(acme.at, start);
    const told = found.items.map((item: Record<string, unknown>) => item["what"]);
    expect(told).toEqual(["access.accept", "grant.change", "resource.put", "member.remove"]);
    const [joined, raised, tagged, gone] = found.items;
    expect(joined).toMatchObject({
      actor: { email },
      gains: [{ person: email, role: "viewer", scope: { tags: ["North"] } }],
      loses: [],
    });
    expect(raised.changes).toMatchObject([
      { person: email, before: { role: "viewer" }, after: { role: "collaborator" } },
    ]);
    expect(tagged.loses).toMatchObject([
      { person: email, role: "collaborator", resource: "site:hq" },
    ]);
    expect(gone.loses).toMatchObject([
      { person: email, role: "collaborator", scope: { tags: ["North"] } },
    ]);
    expect(found.next_cursor).toBeNull();
    // The present is as it was.
    expect((await call("GET", `${acme.at}/members/${body.id}`)).status).toBe(404);
    // Page by page it is the same.
    const paged: unknown[] = [];
    for (let cursor = ""; ;) {
      const query = cursor === "" ? `after=${start}` : `cursor=${cursor}`;
      const page = (await call("GET", `${acme.at}/changes/effective?limit=2&${query}`)).body;
      paged.push(...page.items);
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(paged).toEqual(found.items);
  });

  test("[R21] an end is told when it is announced, and a partner as a whole", async () => {
    const acme = await newOrg("Acme");
    const beta = await newOrg("Beta");
    const offer = { to: { org: beta.id }, role: "viewer", scope: all };
    const share = (await call("POST", `${acme.at}/shares`, offer)).body.id;
    await call("PATCH", `${acme.at}/shares/${share}`, { role: "commenter" });
    await call("DELETE", `${acme.at}/shares/${share}`, {});
    const found = await effective(acme.at);
    expect(
      found.items.slice(-3).map((item: { partners: unknown[] }) => item.partners[0]),
    ).toMatchObject([
      { org: beta.id, before: null, after: { role: "viewer" } },
      { org: beta.id, share, before: { role: "viewer" }, after: { role: "commenter" } },
      { org: beta.id, share, before: { role: "commenter" }, after: null },
    ]);
    const member = await newMember(acme.at, "viewer");
    const expiresAt = new Date(Date.now() + 1_000).toISOString();
    await call("PATCH", `${acme.at}/grants/${member.grant}`, { expiresAt });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await objectOf(acme.id).keepTime();
    const { items } = await effective(acme.at);
    expect(items.at(-1)).toMatchObject({
      what: "expiry.announce",
      loses: [{ person: member.email, role: "viewer" }],
    });
  });
});

test("the history speaks the language that is asked for", async () => {
  const { at } = await newOrg("Histoire");
  await call("PUT", `${at}/libraries/colours`, { values: [] });
  const says = async (language: string) => {
    const { body } = await call("GET", `${at}/changes`, undefined, { "accept-language": language });
    return body.items.at(-1).says;
  };
  expect(await says("fr-FR, en;q=0.5")).toEqual(["a créé la bibliothèque colours"]);
  expect(await says("de")).toEqual(["made the library colours"]);
});
