import { describe, expect, test } from "vitest";
import { as, call, expectProblem, may, newMember, newOrg } from "../support/http.ts";

const viewer = { role: "viewer", scope: { all: true } };

/** Two organisations, each with a site. */
async function twoOrgs() {
  const acme = await newOrg("Acme");
  const beta = await newOrg("Beta");
  await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ" });
  await call("PUT", `${beta.at}/resources/site/plant`, { name: "Plant" });
  return { acme, beta };
}
type Org = Awaited<ReturnType<typeof newOrg>>;

const by = (org: Org) => as(org.admin);
const ask = (from: Org, to: Org) =>
  call("POST", `${from.at}/collaborations`, { with: to.id }, by(from));
const agree = (org: Org, id: string) =>
  call("POST", `${org.at}/collaborations/${id}/accept`, {}, by(org));
const end = (org: Org, id: string) => call("DELETE", `${org.at}/collaborations/${id}`, {}, by(org));
const seen = async (org: Org, id: string) =>
  (await call("GET", `${org.at}/collaborations/${id}`, undefined, by(org))).body;
const listed = async (org: Org, query = "") =>
  (await call("GET", `${org.at}/collaborations${query}`, undefined, by(org))).body.items;

async function share(from: Org, to: Org, terms: object = viewer): Promise<string> {
  const made = await call("POST", `${from.at}/shares`, { to: { org: to.id }, ...terms }, by(from));
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body.id as string;
}
const take = (org: Org, id: string) =>
  call("POST", `${org.at}/received-shares/${id}/accept`, {}, by(org));

async function collaborating() {
  const { acme, beta } = await twoOrgs();
  const id = (await ask(acme, beta)).body.id as string;
  expect((await agree(beta, id)).status).toBe(200);
  return { acme, beta, id };
}

describe("[R31] a collaboration", () => {
  test("is asked for by an org's number, and stands once the other side accepts", async () => {
    const { acme, beta } = await twoOrgs();
    const asked = await ask(acme, beta);
    expect(asked.status).toBe(201);
    const { id } = asked.body;
    expect(asked.body).toMatchObject({
      with: { id: beta.id, name: "Beta" },
      status: "pending",
      direction: "outgoing",
      shared: { given: 0, received: 0 },
      given: [],
      received: [],
    });
    expect(await seen(acme, id)).toEqual(asked.body);
    expect(await listed(beta)).toMatchObject([
      { id, with: { id: acme.id, name: "Acme" }, status: "pending", direction: "incoming" },
    ]);
    expectProblem(await agree(acme, id), 403, "forbidden");
    const agreed = await agree(beta, id);
    expect(agreed.body).toMatchObject({ id, status: "active", direction: "incoming" });
    expect((await agree(beta, id)).body).toMatchObject({ status: "active" });
    expect(await seen(acme, id)).toMatchObject({ status: "active", direction: "outgoing" });
    expectProblem(await ask(acme, beta), 409, "conflict");
    expectProblem(await ask(beta, acme), 409, "conflict");
  });

  test("asked for twice is refused; asked for by both, it stands", async () => {
    const { acme, beta } = await twoOrgs();
    const { id } = (await ask(acme, beta)).body;
    expectProblem(await ask(acme, beta), 409, "conflict");
    const back = await ask(beta, acme);
    expect(back.status).toBe(200);
    expect(back.body).toMatchObject({ id, status: "active", direction: "incoming" });
  });

  test("asked for by both at once, it ends as one", async () => {
    const { acme, beta } = await twoOrgs();
    const asked = await Promise.all([ask(acme, beta), ask(beta, acme)]);
    for (const { status, body } of asked)
      if (status === 201) await agree(body.org === acme.id ? beta : acme, body.id);
    const given = await share(acme, beta);
    await take(beta, given);
    expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(true);
    expect((await end(beta, asked[0].body.id)).status).toBe(204);
    for (const org of [acme, beta]) expect(await listed(org)).toEqual([]);
    expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(false);
  });

  test("is between trees, and with an org that there is", async () => {
    const { acme } = await twoOrgs();
    const below = await newOrg("Below", undefined, acme.id);
    for (const other of [acme.id, below.id, 999_999_999])
      expectProblem(
        await call("POST", `${acme.at}/collaborations`, { with: other }, by(acme)),
        422,
        "invalid",
      );
  });

  test("declined or withdrawn, it cannot be accepted, and can be asked for anew", async () => {
    const { acme, beta } = await twoOrgs();
    const first = (await ask(acme, beta)).body.id;
    expect((await end(beta, first)).status).toBe(204);
    expect(await seen(acme, first)).toMatchObject({ status: "ended" });
    expectProblem(await agree(beta, first), 409, "conflict");
    const second = (await ask(acme, beta)).body.id;
    expect(second).not.toBe(first);
    expect((await end(acme, second)).status).toBe(204);
    expect((await end(acme, second)).status).toBe(204);
    expectProblem(await agree(beta, second), 409, "conflict");
    expect(await listed(acme)).toEqual([]);
    expect(await listed(acme, "?status=ended")).toHaveLength(2);
    expect((await ask(beta, acme)).status).toBe(201);
    // What ended before does not end what came after.
    const third = (await listed(acme))[0].id;
    await agree(acme, third);
    await end(beta, first);
    expect(await seen(acme, third)).toMatchObject({ status: "active" });
  });

  test("is none of a third org's, nor of another org of the tree", async () => {
    const { acme, id } = await collaborating();
    const third = await newOrg("Third");
    const below = await newOrg("Below", undefined, acme.id);
    for (const org of [third, below]) {
      const at = `${org.at}/collaborations/${id}`;
      expectProblem(await call("GET", at), 404, "not_found");
      expectProblem(await call("POST", `${at}/accept`, {}), 404, "not_found");
      expectProblem(await call("DELETE", at, {}), 404, "not_found");
      expect(await listed(org)).toEqual([]);
    }
  });

  test("shows what is shared both ways", async () => {
    const { acme, beta, id } = await collaborating();
    const given = await share(acme, beta);
    const received = await share(beta, acme, { role: "commenter", scope: { tags: ["North"] } });
    const gone = await share(acme, beta);
    await take(acme, received);
    await call("DELETE", `${acme.at}/shares/${gone}`, {}, by(acme));
    expect(await listed(acme)).toMatchObject([{ id, shared: { given: 1, received: 1 } }]);
    expect(await listed(beta, "?status=active")).toMatchObject([
      { id, shared: { given: 1, received: 1 } },
    ]);
    expect(await listed(beta, "?status=pending")).toEqual([]);
    expect(await seen(acme, id)).toMatchObject({
      given: [{ id: given, role: "viewer", status: "pending" }],
      received: [{ id: received, role: "commenter", status: "active" }],
    });
  });

  test("many are listed in pages, none twice", async () => {
    const { acme, beta } = await twoOrgs();
    const third = await newOrg("Third");
    const ids = [(await ask(acme, beta)).body.id, (await ask(third, acme)).body.id];
    const first = await call("GET", `${acme.at}/collaborations?limit=1`);
    const second = await call(
      "GET",
      `${acme.at}/collaborations?limit=1&cursor=${first.body.next_cursor}`,
    );
    const found = [...first.body.items, ...second.body.items].map((one) => one.id);
    expect(new Set(found)).toEqual(new Set(ids));
    expect(found).toHaveLength(2);
    expect(second.body.next_cursor).toBeNull();
  });

  test("both sides are told", async () => {
    const { acme, beta, id } = await collaborating();
    const names = async (org: Org) =>
      (await call("GET", `${org.at}/changes`)).body.items.flatMap(
        (change: { events: { name: string }[] }) => change.events.map((event) => event.name),
      );
    expect(await names(acme)).toContain("collaboration.asked");
    expect(await names(beta)).toContain("collaboration.accepted");
    await end(beta, id);
    expect(await names(beta)).toContain("collaboration.ended");
  });

  test("is not accepted by who saw something else", async () => {
    const { acme, beta } = await twoOrgs();
    const { id } = (await ask(acme, beta)).body;
    const at = `${beta.at}/collaborations/${id}`;
    const { headers } = await call("GET", at);
    await share(acme, beta);
    const sent = { "if-match": headers.get("etag") };
    expectProblem(await call("POST", `${at}/accept`, {}, sent), 412, "stale_revision");
    const fresh = { "if-match": (await call("GET", at)).headers.get("etag") };
    expect((await call("POST", `${at}/accept`, {}, fresh)).status).toBe(200);
  });
});

describe("[R31] sharing", () => {
  test("with an org of another tree asks for a collaboration; accepting the share accepts it", async () => {
    const { acme, beta } = await twoOrgs();
    const first = await share(acme, beta);
    const [asked] = await listed(acme);
    expect(asked).toMatchObject({ status: "pending", direction: "outgoing" });
    const second = await share(acme, beta);
    expect(await listed(acme)).toMatchObject([{ id: asked.id, shared: { given: 2, received: 0 } }]);
    for (const id of [first, second])
      expect((await call("GET", `${acme.at}/shares/${id}`)).body.collaboration).toBe(asked.id);
    const accepted = await take(beta, first);
    expect(accepted.body).toMatchObject({ status: "active", collaboration: asked.id });
    expect(await listed(beta)).toMatchObject([{ id: asked.id, status: "active" }]);
    expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(true);
  });

  test("back accepts what the other side asked for", async () => {
    const { acme, beta } = await twoOrgs();
    const { id } = (await ask(acme, beta)).body;
    const back = await share(beta, acme);
    expect(await seen(acme, id)).toMatchObject({ status: "active", received: [{ id: back }] });
  });

  test("in one batch asks once", async () => {
    const { acme, beta } = await twoOrgs();
    const item = {
      method: "POST",
      path: `${acme.at}/shares`,
      body: { to: { org: beta.id }, ...viewer },
    };
    expect((await call("POST", `${acme.at}/batch`, { edits: [item, item] })).status).toBe(200);
    expect(await listed(acme)).toMatchObject([{ shared: { given: 2, received: 0 } }]);
  });

  test("within one tree needs no collaboration", async () => {
    const { acme } = await twoOrgs();
    const below = await newOrg("Below", undefined, acme.id);
    const id = await share(acme, below);
    expect((await call("GET", `${acme.at}/shares/${id}`)).body.collaboration).toBeNull();
    expect((await take(below, id)).status).toBe(200);
    expect(await listed(acme)).toEqual([]);
    expect(await may(acme.id, below.admin, "view", "site:hq")).toBe(true);
  });
});

describe("[R31] the end of a collaboration", () => {
  test.each(["the one that asked", "the one that accepted"])(
    "by %s ends the shares between the two, and a later one revives none",
    async (who) => {
      const { acme, beta, id } = await collaborating();
      const [ender, other] = who === "the one that asked" ? [acme, beta] : [beta, acme];
      const there = await share(acme, beta);
      const back = await share(beta, acme);
      const waiting = await share(other, ender);
      await take(beta, there);
      await take(acme, back);
      expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(true);
      expect(await may(beta.id, acme.admin, "view", "site:plant")).toBe(true);

      expect((await end(ender, id)).status).toBe(204);
      const dead = async () => {
        expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(false);
        expect(await may(beta.id, acme.admin, "view", "site:plant")).toBe(false);
        expectProblem(await take(ender, waiting), 409, "conflict");
      };
      await dead();
      expect(await seen(other, id)).toMatchObject({ status: "ended" });

      const again = (await ask(other, ender)).body.id;
      await agree(ender, again);
      await dead();
      expect(await seen(ender, again)).toMatchObject({ shared: { given: 0, received: 0 } });

      // Each side sees of its shares what became of them.
      const ofEnder = await call("GET", `${ender.at}/shares`);
      expect(ofEnder.body.items).toEqual([]);
      const ofOther = await call("GET", `${other.at}/shares`);
      expect(ofOther.body.items.map((one: { status: string }) => one.status)).toEqual([
        "ended",
        "ended",
      ]);
      const received = await call("GET", `${ender.at}/received-shares`);
      expect(received.body.items.map((one: { status: string }) => one.status)).toEqual([
        "ended",
        "ended",
      ]);
      expect((await call("GET", `${other.at}/received-shares`)).body.items).toEqual([]);
    },
  );

  test("ends what the receiving org's own people were let in to", async () => {
    const { acme, beta, id } = await collaborating();
    const given = await share(acme, beta);
    await take(beta, given);
    const member = await newMember(beta.at);
    const rules = `${beta.at}/received-shares/${given}/rules`;
    await call("POST", rules, { to: "members", ...viewer });
    expect(await may(acme.id, member.email, "view", "site:hq")).toBe(true);
    await end(beta, id);
    expect(await may(acme.id, member.email, "view", "site:hq")).toBe(false);
    expectProblem(await call("POST", rules, { to: "members", ...viewer }), 409, "not_accepted");
  });
});

describe("[R31] whom an org takes shares from", () => {
  test("only those with whom it collaborates, where it says so", async () => {
    const { acme, beta } = await twoOrgs();
    await call("PATCH", beta.at, { receives: "collaborators" });
    const offer = () =>
      call("POST", `${acme.at}/shares`, { to: { org: beta.id }, ...viewer }, by(acme));
    const refused = await offer();
    expectProblem(refused, 422, "invalid");
    expect(refused.body.errors[0].pointer).toBe("/to/org");
    expect(await listed(acme)).toEqual([]);
    const { id } = (await ask(acme, beta)).body;
    expectProblem(await offer(), 422, "invalid");
    await agree(beta, id);
    expect((await offer()).status).toBe(201);
    await end(acme, id);
    expectProblem(await offer(), 422, "invalid");
  });

  test("sharing back with who asked is let through", async () => {
    const { acme, beta } = await twoOrgs();
    await call("PATCH", beta.at, { receives: "collaborators" });
    await ask(beta, acme);
    await share(acme, beta);
    expect(await listed(beta)).toMatchObject([{ status: "active" }]);
  });
});

describe("[R16] [R31] an org that takes shares by itself", () => {
  const status = async (org: Org, id: string) =>
    (await call("GET", `${org.at}/shares/${id}`)).body.status;

  test("takes those of whom it collaborates with, up to a role", async () => {
    const { acme, beta } = await collaborating();
    const before = await share(acme, beta);
    await call("PATCH", beta.at, { autoAccept: "commenter" });
    expect(await status(acme, before)).toBe("pending");
    const taken = await call("POST", `${acme.at}/shares`, { to: { org: beta.id }, ...viewer });
    expect(taken.body.status).toBe("active");
    expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(true);
    const { items } = (await call("GET", `${beta.at}/changes`)).body;
    expect(items.at(-1)).toMatchObject({ actor: { id: "latchkey" }, what: "received.hear" });

    const above = await share(acme, beta, { role: "collaborator", scope: { all: true } });
    const other = await share(acme, beta, { role: "workspace.viewer", scope: { all: true } });
    expect(await status(acme, above)).toBe("pending");
    expect(await status(acme, other)).toBe("pending");
    const lowered = await call("PATCH", `${acme.at}/shares/${above}`, { role: "commenter" });
    expect(lowered.body.status).toBe("active");
  });

  test("leaves to a person what no collaboration carries yet, or what was declined", async () => {
    const { acme, beta } = await twoOrgs();
    await call("PATCH", beta.at, { autoAccept: "admin" });
    const first = await share(acme, beta);
    expect(await status(acme, first)).toBe("pending");
    expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(false);
    await call("POST", `${beta.at}/received-shares/${first}/decline`, {});
    const [{ id }] = await listed(beta);
    await agree(beta, id);
    await call("PATCH", `${acme.at}/shares/${first}`, { role: "commenter" });
    expect(await status(acme, first)).toBe("declined");
  });

  test("both ways at once", async () => {
    const { acme, beta } = await collaborating();
    for (const org of [acme, beta]) await call("PATCH", org.at, { autoAccept: "viewer" });
    const made = await Promise.all(
      [0, 1, 2, 3].map((n) => (n % 2 ? share(acme, beta) : share(beta, acme))),
    );
    expect(await Promise.all(made.map((id, n) => status(n % 2 ? acme : beta, id)))).toEqual(
      made.map(() => "active"),
    );
  });
});

describe("[R16] what was shared with an org appears among its own", () => {
  interface Shown {
    readonly type: string;
    readonly id: string;
    readonly org: { readonly id: number; readonly name: string };
    readonly share?: string;
  }

  /** Pages of two until the end. */
  async function all(at: string, query = "", sent = {}): Promise<Shown[]> {
    const items: Shown[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const next: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const path = `${at}/resources?include=shared&limit=2${query}${next}`;
      const reply = await call("GET", path, undefined, sent);
      expect(reply.status).toBe(200);
      expect(reply.body.items.length).toBeLessThanOrEqual(2);
      items.push(...reply.body.items);
      cursor = reply.body.next_cursor;
    }
    return items;
  }
  const ids = (items: readonly Shown[]) => items.map((one) => one.id);

  async function world() {
    const { acme, beta } = await twoOrgs();
    const third = await newOrg("Third");
    const put = (org: Org, id: string, tags: string[] = []) =>
      call("PUT", `${org.at}/resources/site/${id}`, { name: `Site ${id}`, tags });
    for (const id of ["b1", "b2"]) await put(beta, id);
    for (const id of ["a1", "a2", "a3"]) await put(acme, id, id === "a2" ? ["North"] : []);
    await put(third, "t1", ["north"]);
    const one = await share(acme, beta);
    const two = await share(third, beta);
    for (const id of [one, two]) await take(beta, id);
    return { acme, beta, third, one, two };
  }

  test("own first, then the shares', each naming its owner, in one list of pages", async () => {
    const { acme, beta, third, one, two } = await world();
    const items = await all(beta.at);
    expect(ids(items.slice(0, 3))).toEqual(["plant", "b1", "b2"]);
    expect(items[0]).not.toHaveProperty("share");
    // Shares follow each other by their ids.
    const by = (id: string) => items.filter((item) => item.share === id);
    expect(ids(by(one))).toEqual(["hq", "a1", "a2", "a3"]);
    expect(by(one)[0]?.org).toEqual({ id: acme.id, name: "Acme" });
    expect(ids(by(two))).toEqual(["t1"]);
    expect(by(two)[0]?.org).toEqual({ id: third.id, name: "Third" });
    expect(items).toHaveLength(8);
    const own = await call("GET", `${beta.at}/resources`);
    expect(ids(own.body.items)).toEqual(["plant", "b1", "b2"]);
    // A check about them is asked under the owner's org.
    expect(await may(acme.id, beta.admin, "view", "site:a1")).toBe(true);
  });

  test("filters hold for all of them", async () => {
    const { beta } = await world();
    expect(new Set(ids(await all(beta.at, "&tag=NORTH")))).toEqual(new Set(["a2", "t1"]));
    expect(ids(await all(beta.at, "&q=site%20a"))).toEqual(["a1", "a2", "a3"]);
    expect(ids(await all(beta.at, "&type=document"))).toEqual([]);
  });

  test("a member sees what rules let them reach, an admin what was shared", async () => {
    const { acme, beta, one } = await world();
    const member = await newMember(beta.at);
    expect(ids(await all(beta.at, "", as(member.email)))).toEqual(["plant", "b1", "b2"]);
    await call("POST", `${beta.at}/received-shares/${one}/rules`, {
      to: { member: member.id },
      role: "viewer",
      scope: { resources: ["site:a1", "site:a3"] },
    });
    const seen = ["plant", "b1", "b2", "a1", "a3"];
    expect(ids(await all(beta.at, "", as(member.email)))).toEqual(seen);
    expect(ids(await all(beta.at, "", as(beta.admin)))).toContain("t1");
    await call("PATCH", `${acme.at}/shares/${one}`, { scope: { tags: ["North"] } });
    expect(ids(await all(beta.at, "", as(member.email)))).toEqual(["plant", "b1", "b2"]);
  });

  test("not before it is accepted, and not after it ended", async () => {
    const { acme, beta, one, two } = await world();
    await share(acme, beta);
    expect(await all(beta.at)).toHaveLength(8);
    await call("POST", `${beta.at}/received-shares/${two}/decline`, {});
    expect(ids(await all(beta.at))).not.toContain("t1");
    await call("DELETE", `${acme.at}/shares/${one}`, {});
    expect(ids(await all(beta.at))).toEqual(["plant", "b1", "b2"]);
  });

  test("nothing of an unanswered share is seen once the collaboration has ended", async () => {
    const { acme, beta, id } = await collaborating();
    const waiting = await share(acme, beta);
    const at = `${beta.at}/received-shares/${waiting}/resources`;
    expect((await call("GET", at)).body.items).toMatchObject([{ id: "hq", share: waiting }]);
    await end(beta, id);
    expectProblem(await call("GET", at), 404, "not_found");
  });
});
