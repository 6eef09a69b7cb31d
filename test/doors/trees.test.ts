import { beforeAll, describe, expect, test } from "vitest";
import {
  as,
  call,
  expectProblem,
  may,
  newKey,
  newMember,
  newOrg,
  someone,
  withKey,
} from "../support/http.ts";

type Org = Awaited<ReturnType<typeof newOrg>>;

const patch = (org: { at: string }, body: unknown, sent = {}) => call("PATCH", org.at, body, sent);

describe("settings", () => {
  let root: Org;
  let below: Org;
  beforeAll(async () => {
    root = await newOrg("Settled");
    below = await newOrg("Below", someone("admin"), root.id);
  });

  test("an org shows its settings, and the root those of the tree", async () => {
    expect((await call("GET", root.at)).body).toMatchObject({
      deletion: "owners",
      children: "admins",
      subjectTypes: ["user"],
      receives: "anyone",
      autoAccept: null,
    });
    const { body } = await call("GET", below.at);
    expect(body).toMatchObject({ receives: "anyone", autoAccept: null });
    expect(body).not.toHaveProperty("deletion");
    expect(body).not.toHaveProperty("settings");
    const set = { receives: "collaborators", autoAccept: "commenter" };
    expect((await patch(below, set, as(below.admin))).body).toMatchObject(set);
    expect((await patch(below, { autoAccept: null })).body).toMatchObject({ autoAccept: null });
  });

  test.each([
    ["deletion", "platform"],
    ["children", "company"],
    ["subjectTypes", ["identity"]],
  ])("what holds for the tree is set at its root alone: %s", async (name, value) => {
    const reply = await patch(below, { [name]: value });
    expectProblem(reply, 422, "invalid");
    expect(reply.body.errors).toMatchObject([{ pointer: `/${name}` }]);
  });

  test("a role that there is not accepts nothing by itself", async () => {
    const reply = await patch(root, { autoAccept: "emperor" });
    expectProblem(reply, 422, "invalid");
    expect(reply.body.errors).toMatchObject([{ pointer: "/autoAccept" }]);
    expectProblem(await patch(root, { deletion: "nobody" }), 400, "invalid");
  });

  test("[R24] once deletion is the platform's, only the platform can give it back", async () => {
    const org = await newOrg("Guarded");
    expect((await patch(org, { deletion: "platform" }, as(org.admin))).status).toBe(200);
    expectProblem(await patch(org, { deletion: "owners" }, as(org.admin)), 403, "forbidden");
    expect((await patch(org, { name: "Still" }, as(org.admin))).body.deletion).toBe("platform");
    expect((await patch(org, { deletion: "owners" })).body.deletion).toBe("owners");
  });

  test("[R24] children: company keeps sub-workspaces to the root's admins", async () => {
    const body = { name: "Deeper", parent: below.id };
    expect((await call("POST", "/v1/orgs", body, as(below.admin))).status).toBe(201);
    await patch(root, { children: "company" }, as(root.admin));
    expectProblem(await call("POST", "/v1/orgs", body, as(below.admin)), 403, "forbidden");
    const key = await newKey(below.at, "manage");
    expectProblem(await call("POST", "/v1/orgs", body, withKey(key.token)), 403, "forbidden");
    expect((await call("POST", "/v1/orgs", body, as(root.admin))).status).toBe(201);
    await patch(root, { children: "admins" });
    expect((await call("POST", "/v1/orgs", body, as(below.admin))).status).toBe(201);
  });

  test("further subject types mean a user, too", async () => {
    await call("PUT", `${root.at}/resources/site/hq`, { name: "HQ" });
    const { email } = await newMember(root.at);
    const view = async (type: string) =>
      (
        await call("POST", `/orgs/${root.id}/access/v1/evaluation`, {
          subject: { type, id: email },
          action: { name: "view" },
          resource: { type: "site", id: "hq" },
        })
      ).body.decision;
    expect([await view("user"), await view("identity")]).toEqual([true, false]);
    const { body } = await patch(root, { subjectTypes: ["identity"] });
    expect(body.subjectTypes).toEqual(["user", "identity"]);
    expect([await view("user"), await view("identity")]).toEqual([true, true]);
    expect(await view("robot")).toBe(false);
    expect(await may(root.id, email, "view", "site:hq")).toBe(true);
  });
});

const remove = (org: { at: string }, body: unknown = {}, sent = {}) =>
  call("DELETE", org.at, body, sent);
const viewer = { role: "viewer", scope: { all: true } };

describe("[R24] deletion", () => {
  /** A tree of two levels under its root, with things in the middle. */
  async function grove() {
    const root = await newOrg("Root");
    const mid = await newOrg("Mid", someone("admin"), root.id);
    const leaf = await newOrg("Leaf", someone("admin"), mid.id);
    await call("PUT", `${mid.at}/resources/site/42`, { name: "Mid's" });
    await call("PUT", `${leaf.at}/resources/site/43`, { name: "Leaf's" });
    return { root, mid, leaf };
  }

  test("shows what would go, and needs the name", async () => {
    const { mid } = await grove();
    const shown = await remove(mid);
    expectProblem(shown, 409, "confirmation_needed");
    expect(shown.body.preview).toEqual({
      orgs: 2,
      resources: 2,
      members: 2,
      teams: 0,
      grants: 2,
      shares: 0,
      receivedShares: 0,
      rules: 0,
      links: 0,
      libraries: 0,
      keys: 0,
      collaborations: 0,
      confirm: "Mid",
    });
    expectProblem(await remove(mid, { confirm: "mid" }), 409, "confirmation_needed");
    expect((await call("GET", mid.at)).status).toBe(200);
    expect((await remove(mid, { confirm: "Mid" }, as(mid.admin))).status).toBe(204);
  });

  test("everything in it is gone at once, and nothing outside it", async () => {
    const { root, mid, leaf } = await grove();
    const key = await newKey(leaf.at, "manage", "check");
    const everywhere = await newMember(root.at);
    expect(await may(root.id, everywhere.email, "view", "site:43")).toBe(true);
    expect((await remove(mid, { confirm: "Mid" })).status).toBe(204);

    for (const { at, admin, adminMember } of [mid, leaf]) {
      expectProblem(await call("GET", at), 404, "not_found");
      expectProblem(await call("GET", `${at}/tree`), 404, "not_found");
      expectProblem(await call("GET", `${at}/members/${adminMember}`), 404, "not_found");
      expectProblem(await call("PUT", `${at}/resources/site/new`, {}), 404, "not_found");
      expectProblem(await call("GET", at, undefined, as(admin)), 404, "not_found");
      expectProblem(await remove({ at }, { confirm: "Mid" }), 404, "not_found");
      expect((await call("GET", "/v1/me/access", undefined, as(admin))).body.items).toEqual([]);
      const left = await call("DELETE", `/v1/me/access/${adminMember}`, {}, as(admin));
      expectProblem(left, 404, "not_found");
    }
    expectProblem(await call("GET", leaf.at, undefined, withKey(key.token)), 401);
    expect(await may(root.id, everywhere.email, "view", "site:43")).toBe(false);
    const tree = await call("GET", `${root.at}/tree`);
    expect(tree.body.items).toMatchObject([{ id: root.id }]);
    expect((await call("GET", `${root.at}/resources`)).body.items).toEqual([]);

    const history = await call("GET", `${root.at}/changes`, undefined, as(root.admin));
    const said = history.body.items.flatMap((one: { says: string[] }) => one.says);
    expect(said).toContain("deleted the organisation Mid");
  });

  test("what it held can be made anew elsewhere, at once", async () => {
    const { root, mid, leaf } = await grove();
    await remove(leaf, { confirm: "Leaf" });
    expect((await call("PUT", `${mid.at}/resources/site/43`, {})).status).toBe(201);
    expect((await call("PUT", `${mid.at}/resources/site/43`, {})).status).toBe(200);
    const body = { name: "Leaf", parent: mid.id };
    const again = await call("POST", "/v1/orgs", body, as(root.admin));
    expect(again.body.id).not.toBe(leaf.id);
  });

  test("shares end on both sides", async () => {
    const { mid, leaf } = await grove();
    const partner = await newOrg("Partner");
    await call("PUT", `${partner.at}/resources/site/p1`, {});
    const outsider = someone("outsider");

    const out = await call("POST", `${mid.at}/shares`, { to: { org: partner.id }, ...viewer });
    const taken = `${partner.at}/received-shares/${out.body.id}`;
    await call("POST", `${taken}/accept`, {});
    const personal = { to: { email: outsider, name: "Out" }, ...viewer };
    const direct = await call("POST", `${mid.at}/shares`, personal);
    await call("POST", `/v1/me/access/${direct.body.id}/accept`, {}, as(outsider));
    const back = await call("POST", `${partner.at}/shares`, { to: { org: leaf.id }, ...viewer });
    await call("POST", `${leaf.at}/received-shares/${back.body.id}/accept`, {});
    const pending = await call("POST", `${partner.at}/shares`, { to: { org: mid.id }, ...viewer });
    expect(await may(mid.id, partner.admin, "view", "site:42")).toBe(true);
    expect(await may(mid.id, outsider, "view", "site:42")).toBe(true);
    expect(await may(partner.id, leaf.admin, "view", "site:p1")).toBe(true);

    expect((await remove(mid)).body.preview).toMatchObject({ shares: 2, receivedShares: 1 });
    expect((await remove(mid, { confirm: "Mid" })).status).toBe(204);
    expect(await may(partner.id, leaf.admin, "view", "site:p1")).toBe(false);
    expect((await call("GET", `${partner.at}/received-shares`)).body.items).toEqual([]);
    expectProblem(await call("GET", taken), 404, "not_found");
    expectProblem(await call("GET", `${taken}/resources`), 404, "not_found");
    const statuses = async () =>
      (await call("GET", `${partner.at}/shares`)).body.items.map((one: { status: string }) => one);
    expect(await statuses()).toMatchObject([
      { id: back.body.id, status: "declined" },
      { id: pending.body.id, status: "declined" },
    ]);
    for (const person of [outsider, partner.admin]) {
      const { body } = await call("GET", "/v1/me/access", undefined, as(person));
      expect(body.items.filter((one: { kind: string }) => one.kind !== "member")).toEqual([]);
    }
    expectProblem(
      await call("POST", `${partner.at}/shares`, { to: { org: mid.id }, ...viewer }),
      422,
      "invalid",
    );
  });

  test("the tree says who may: an admin of the org, or the platform alone", async () => {
    const { root, mid } = await grove();
    const member = await newMember(mid.at);
    expectProblem(await remove(mid, { confirm: "Mid" }, as(member.email)), 403, "forbidden");
    await patch(root, { deletion: "platform" }, as(root.admin));
    expectProblem(await remove(mid, { confirm: "Mid" }, as(mid.admin)), 403, "forbidden");
    expectProblem(await remove(root, { confirm: "Root" }, as(root.admin)), 403, "forbidden");
    expect((await remove(mid, { confirm: "Mid" })).status).toBe(204);
  });

  test("[R23] the default org stays, and so does what is above it; the whole tree may go", async () => {
    const { root, mid, leaf } = await grove();
    await patch(leaf, { default: true });
    expectProblem(await remove(leaf, { confirm: "Leaf" }), 409, "conflict");
    expectProblem(await remove(mid, { confirm: "Mid" }), 409, "conflict");
    expect((await remove(root, { confirm: "Root" }, as(root.admin))).status).toBe(204);
    for (const { at } of [root, mid, leaf]) expectProblem(await call("GET", at), 404, "not_found");
  });

  test("a repeated request gets its first answer, and in a batch it counts at once", async () => {
    const { root, mid, leaf } = await grove();
    const key = { "idempotency-key": crypto.randomUUID() };
    for (let n = 0; n < 2; n++)
      expect((await remove(leaf, { confirm: "Leaf" }, key)).status).toBe(204);
    const edits = [
      { method: "DELETE", path: mid.at, body: { confirm: "Mid" } },
      { method: "PATCH", path: mid.at, body: { name: "Late" } },
    ];
    expectProblem(await call("POST", `${root.at}/batch`, { edits }), 404, "not_found");
    expect((await call("GET", mid.at)).body.name).toBe("Mid");
  });
});

describe("[R23] the default org", () => {
  let root: Org;
  let standard: Org;
  let other: Org;
  beforeAll(async () => {
    root = await newOrg("Company");
    standard = await newOrg("Standard", someone("admin"), root.id);
    other = await newOrg("Other", someone("admin"), root.id);
    await patch(other, { default: true });
    await patch(standard, { default: true });
    await call("PUT", `${standard.at}/resources/site/s1`, {});
    await call("PUT", `${standard.at}/resources/document/d1`, {});
    await call("PUT", `${other.at}/resources/site/o1`, {});
  });

  const invite = async (org: Org, more: object = {}) => {
    const email = someone("joins");
    const made = await call("POST", `${org.at}/members`, { name: "J", email, ...more });
    return { email, id: made.body.id as string };
  };
  const accepts = ({ email, id }: { email: string; id: string }) =>
    call("POST", `/v1/me/access/${id}/accept`, {}, as(email));
  const sees = async (email: string) => [
    await may(root.id, email, "view", "site:s1"),
    await may(root.id, email, "view", "document:d1"),
    await may(root.id, email, "edit", "site:s1"),
    await may(root.id, email, "view", "site:o1"),
  ];

  test("there is one in a tree", async () => {
    const { body } = await call("GET", `${root.at}/tree`);
    const shown = body.items.map((one: { id: number; default: boolean }) => [one.id, one.default]);
    expect(shown).toEqual([
      [root.id, false],
      [standard.id, true],
      [other.id, false],
    ]);
  });

  test.each(["above it", "beside it", "in it"])(
    "who joins %s without a scope becomes its viewer, on acceptance",
    async (where) => {
      const org = { "above it": root, "beside it": other, "in it": standard }[where] ?? root;
      const person = await invite(org);
      expect(await sees(person.email)).toEqual([false, false, false, false]);
      await accepts(person);
      expect(await sees(person.email)).toEqual([true, true, false, false]);
      const members = (await call("GET", `${standard.at}/members?limit=1000`)).body.items;
      const own = members.filter((one: { email: string }) => one.email === person.email);
      expect(own.length).toBe(where === "above it" ? 0 : 1);
    },
  );

  test("who has a scope of their own gets no more, and nobody gets it twice", async () => {
    const scoped = await invite(other, viewer);
    await accepts(scoped);
    expect(await sees(scoped.email)).toEqual([false, false, false, true]);
    const person = await invite(root);
    await accepts(person);
    const again = await call("POST", `${other.at}/members`, { name: "J", email: person.email });
    await accepts({ email: person.email, id: again.body.id });
    const access = await call("GET", `${root.at}/members/${person.id}`);
    expect(access.body.grants.length).toBe(2);
    expect(await sees(person.email)).toEqual([true, true, false, false]);
  });

  test("an invitation to it that waits is not accepted on the way", async () => {
    const person = await invite(standard, { ...viewer, role: "collaborator" });
    const also = await call("POST", `${other.at}/members`, { name: "J", email: person.email });
    await accepts({ email: person.email, id: also.body.id });
    expect(await sees(person.email)).toEqual([false, false, false, false]);
  });

  test("members imported as active join it, too", async () => {
    const [plain, scoped] = [someone("plain"), someone("scoped")];
    const rows = [
      { email: plain, status: "active" },
      { email: scoped, status: "active", ...viewer },
    ];
    const sent = { "content-type": "application/x-ndjson" };
    const text = rows.map((row) => JSON.stringify(row)).join("\n");
    const reply = await call("POST", `${other.at}/members/import`, text, sent);
    expect(reply.body.items).toMatchObject([{ status: 201 }, { status: 201 }]);
    expect(await sees(plain)).toEqual([true, true, false, false]);
    expect(await sees(scoped)).toEqual([false, false, false, true]);
  });
});
