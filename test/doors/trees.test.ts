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
    const { body } = await call("GET", `${standard.at}/members/${person.id}`);
    expect(body).toMatchObject({ status: "pending", grants: [{ role: "collaborator" }] });
    expect(body.grants).toHaveLength(1);
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

const below = (parent: Org, name = "Below") => newOrg(name, someone("admin"), parent.id);

describe("[R22] the orgs of a tree", () => {
  let root: Org;
  let left: Org;
  let right: Org;
  let leaf: Org;
  beforeAll(async () => {
    root = await newOrg("Company");
    [left, right] = [await below(root, "Left"), await below(root, "Right")];
    leaf = await below(left, "Leaf");
    for (const [org, id] of [
      [root, "top"],
      [left, "left"],
      [right, "right"],
      [leaf, "leaf"],
    ] as const)
      await call("PUT", `${org.at}/resources/site/${id}`, {});
  });

  const sees = async (email: string) => {
    const all = ["top", "left", "right", "leaf"];
    const seen = await Promise.all(all.map((id) => may(root.id, email, "view", `site:${id}`)));
    return all.filter((_, n) => seen[n]);
  };

  test("what is given in an org reaches those below it, and never up or sideways", async () => {
    expect(await sees((await newMember(left.at)).email)).toEqual(["left", "leaf"]);
    expect(await sees((await newMember(leaf.at)).email)).toEqual(["leaf"]);
    expect(await sees((await newMember(root.at)).email)).toEqual(["top", "left", "right", "leaf"]);
  });

  test("members and teams of an org above are grantees below; others are not", async () => {
    const above = await call("POST", `${root.at}/members`, { name: "A", email: someone("above") });
    await call("POST", `/v1/me/access/${above.body.id}/accept`, {}, as(above.body.email));
    const to = { member: above.body.id };
    const given = await call("POST", `${left.at}/grants`, { to, ...viewer }, as(left.admin));
    expect(given.status).toBe(201);
    expect(await sees(above.body.email)).toEqual(["left", "leaf"]);

    const inTeam = await call("POST", `${root.at}/members`, { name: "T", email: someone("team") });
    await call("POST", `/v1/me/access/${inTeam.body.id}/accept`, {}, as(inTeam.body.email));
    const team = await call("POST", `${root.at}/teams`, { name: "Everywhere" });
    await call("PUT", `${root.at}/teams/${team.body.id}/members/${inTeam.body.id}`, {});
    const ofTeam = { to: { team: team.body.id }, ...viewer };
    expect((await call("POST", `${leaf.at}/grants`, ofTeam)).status).toBe(201);
    expect(await sees(inTeam.body.email)).toEqual(["leaf"]);

    for (const outside of [right.adminMember, leaf.adminMember])
      expectProblem(
        await call("POST", `${left.at}/grants`, { to: { member: outside }, ...viewer }),
        422,
        "invalid",
      );
  });

  test("the root's admins see and manage every workspace; those below see no further up", async () => {
    const tree = await call("GET", `${root.at}/tree`, undefined, as(root.admin));
    expect(tree.body.items.map(({ id }: { id: number }) => id)).toEqual([
      root.id,
      left.id,
      right.id,
      leaf.id,
    ]);
    for (const { at } of [left, right, leaf]) {
      expect((await call("GET", at, undefined, as(root.admin))).status).toBe(200);
      expect((await call("GET", `${at}/members`, undefined, as(root.admin))).status).toBe(200);
      expect((await call("PATCH", at, { color: "teal" }, as(root.admin))).status).toBe(200);
    }
    expect(await may(root.id, root.admin, "delete", "site:leaf")).toBe(true);
    const own = await call("GET", `${left.at}/tree`, undefined, as(left.admin));
    expect(own.body.items.map(({ id }: { id: number }) => id)).toEqual([left.id, leaf.id]);
    for (const { at } of [root, right])
      expectProblem(await call("GET", `${at}/tree`, undefined, as(left.admin)), 404, "not_found");
  });

  test("a new sub-workspace is all that was said of it", async () => {
    const said = { name: "New", description: "What it is for", color: "#2a9d8f" };
    const made = await call("POST", "/v1/orgs", { ...said, parent: leaf.id }, as(left.admin));
    expect(made).toMatchObject({ status: 201, body: { ...said, parent: leaf.id, default: false } });
    const { body } = await call("GET", `${root.at}/tree`);
    expect(body.items.at(-1)).toMatchObject({ id: made.body.id, ...said, parent: leaf.id });
    // Which org is the default is the whole tree's to say.
    const own = { name: "Mine", parent: leaf.id, default: true };
    expectProblem(await call("POST", "/v1/orgs", own, as(left.admin)), 403, "forbidden");
    expectProblem(await patch(leaf, { default: true }, as(leaf.admin)), 403, "forbidden");
    expect((await patch(leaf, { default: true }, as(root.admin))).body.default).toBe(true);
  });

  test("[R10] a sub-workspace may do without an admin of its own, not without any", async () => {
    const org = await newOrg("Lonely");
    const bare = await call("POST", "/v1/orgs", { name: "Bare", parent: org.id }, as(org.admin));
    const of = (one: Org) => `${one.at}/members/${one.adminMember}`;
    expectProblem(await call("DELETE", of(org), {}), 409, "last_admin");
    const own = await newOrg("Owned", someone("admin"), bare.body.id);
    expect((await call("DELETE", of(own), {})).status).toBe(204);
    expectProblem(await call("DELETE", of(org), {}), 409, "last_admin");
  });
});

describe("a move within the tree", () => {
  let root: Org;
  let from: Org;
  let to: Org;
  let org: Org;
  beforeAll(async () => {
    root = await newOrg("Company");
    [from, to] = [await below(root, "From"), await below(root, "To")];
    org = await below(from, "Moved");
    await call("PUT", `${org.at}/resources/site/m1`, {});
    await call("PUT", `${from.at}/resources/site/f1`, {});
  });

  /** Moves it, confirmed. */
  const move = async (one: Org, parent: Org, sent = {}) => {
    const asked = await patch(one, { parent: parent.id }, sent);
    expectProblem(asked, 409, "confirmation_needed");
    const { confirm } = asked.body.preview;
    return patch(one, { parent: parent.id, confirm }, sent);
  };

  test("shows first who gains and who loses, then changes just that [R22]", async () => {
    const loser = await newMember(from.at, "collaborator");
    const gainer = await newMember(to.at);
    const byTag = await call("POST", `${from.at}/members`, {
      name: "List",
      email: someone("list"),
      role: "viewer",
      scope: { resources: ["site:f1"] },
    });
    await call("POST", `/v1/me/access/${byTag.body.id}/accept`, {}, as(byTag.body.email));
    const named = await call("POST", `${from.at}/members`, { name: "N", email: someone("named") });
    await call("POST", `/v1/me/access/${named.body.id}/accept`, {}, as(named.body.email));
    await call("POST", `${org.at}/grants`, { to: { member: named.body.id }, ...viewer });
    const outsider = someone("outsider");
    const share = await call("POST", `${from.at}/shares`, {
      to: { email: outsider, name: "Out" },
      ...viewer,
    });
    await call("POST", `/v1/me/access/${share.body.id}/accept`, {}, as(outsider));
    const partner = await newOrg("Partner");
    await call("POST", `${to.at}/shares`, { to: { org: partner.id }, ...viewer });
    const sees = (email: string) => may(root.id, email, "view", "site:m1");
    const [out, inn] = [
      [loser.email, from.admin, named.body.email, outsider],
      [gainer.email, to.admin],
    ];
    for (const email of out) expect(await sees(email)).toBe(true);
    for (const email of inn) expect(await sees(email)).toBe(false);

    const asked = await patch(org, { parent: to.id });
    expectProblem(asked, 409, "confirmation_needed");
    const { preview } = asked.body;
    const through = ({ id }: Org, name: string) => ({ id, name });
    expect(preview).toMatchObject({ from: from.id, to: to.id, more: false });
    expect(preview.counts).toEqual({ gains: 3, loses: 4 });
    expect(preview.loses).toHaveLength(4);
    expect(preview.loses).toEqual(
      expect.arrayContaining([
        { email: from.admin, role: "admin", through: through(from, "From") },
        { email: loser.email, role: "collaborator", through: through(from, "From") },
        { email: outsider, role: "viewer", through: through(from, "From") },
        { email: named.body.email, role: "viewer", through: through(org, "Moved") },
      ]),
    );
    expect(preview.gains).toEqual(
      expect.arrayContaining([
        { email: to.admin, role: "admin", through: through(to, "To") },
        { email: gainer.email, role: "viewer", through: through(to, "To") },
        { org: partner.id, role: "viewer", through: through(to, "To") },
      ]),
    );
    expect((await call("GET", org.at)).body.parent).toBe(from.id);

    const late = await newMember(to.at);
    const stale = await patch(org, { parent: to.id, confirm: preview.confirm });
    expectProblem(stale, 412, "stale_revision");
    const moved = await move(org, to, as(root.admin));
    expect(moved).toMatchObject({ status: 200, body: { parent: to.id } });
    for (const email of out) expect(await sees(email)).toBe(false);
    for (const email of [...inn, late.email]) expect(await sees(email)).toBe(true);
    expect(await sees(org.admin)).toBe(true);
    expectProblem(await call("GET", org.at, undefined, as(from.admin)), 404, "not_found");

    const history = await call("GET", `${org.at}/changes`);
    const said = history.body.items.flatMap((one: { says: string[] }) => one.says);
    expect(said).toContain(`moved the organisation Moved from ${from.id} to ${to.id}`);
    // What names members of an org that is above no more counts again where it is.
    await move(org, from);
    expect(await sees(named.body.email)).toBe(true);
    await move(org, to);
  });

  test("a partner's share received below is open to the new admins above", async () => {
    const partner = await newOrg("Partner");
    await call("PUT", `${partner.at}/resources/site/p1`, {});
    const [one, other] = [await below(root, "One"), await below(root, "Other")];
    const leaf = await below(one, "Receiver");
    const share = await call("POST", `${partner.at}/shares`, { to: { org: leaf.id }, ...viewer });
    await call("POST", `${leaf.at}/received-shares/${share.body.id}/accept`, {});
    const sees = (who: Org) => may(partner.id, who.admin, "view", "site:p1");
    expect([await sees(one), await sees(other)]).toEqual([true, false]);
    await move(leaf, other);
    expect([await sees(one), await sees(other)]).toEqual([false, true]);
  });

  test("takes an admin of all three orgs", async () => {
    const both = await newMember(from.at, "admin");
    const lone = await below(from, "Lone");
    const ask = (sent: object) => patch(lone, { parent: to.id }, sent);
    // To an admin of where it is, the other org does not exist.
    const hidden = await ask(as(both.email));
    expectProblem(hidden, 422, "invalid");
    expect(hidden.body.errors).toMatchObject([{ pointer: "/parent" }]);
    const there = await call("POST", `${to.at}/members`, {
      name: "B",
      email: both.email,
      ...viewer,
    });
    await call("POST", `/v1/me/access/${there.body.id}/accept`, {}, as(both.email));
    expectProblem(await ask(as(both.email)), 403, "forbidden");
    await call("POST", `${to.at}/members/${there.body.id}/grants`, { role: "admin" });
    expectProblem(await ask(as(both.email)), 409, "confirmation_needed");
    const sideways = await newMember(to.at, "admin");
    const inside = await call("POST", `${lone.at}/members`, {
      name: "S",
      email: sideways.email,
      role: "admin",
    });
    await call("POST", `/v1/me/access/${inside.body.id}/accept`, {}, as(sideways.email));
    expectProblem(await ask(as(sideways.email)), 403, "forbidden");
    const key = await newKey(from.at, "manage");
    expectProblem(await ask(withKey(key.token)), 422, "invalid");
    expect((await patch(lone, { parent: from.id, color: "red" }, as(both.email))).status).toBe(200);
    await patch(root, { children: "company" });
    expectProblem(await ask(as(both.email)), 403, "forbidden");
    await patch(root, { children: "admins" });
    expectProblem(await ask(as(root.admin)), 409, "confirmation_needed");
  });

  test("[R24] an org never changes trees, and a root stays one", async () => {
    const elsewhere = await newOrg("Elsewhere");
    for (const parent of [elsewhere.id, 99_999_999, null]) {
      const reply = await patch(org, { parent });
      expectProblem(reply, 422, "invalid");
      expect(reply.body.errors).toMatchObject([{ pointer: "/parent" }]);
    }
    expectProblem(await patch(root, { parent: to.id }), 422, "invalid");
    expectProblem(await patch(root, { parent: elsewhere.id }), 422, "invalid");
    expect((await patch(root, { parent: null })).status).toBe(200);
  });

  test("an org lies neither below itself nor deeper than 32", async () => {
    const top = await newOrg("Deep");
    const chain = [top];
    const add = async () => {
      const body = { name: "D", parent: chain.at(-1)?.id };
      const reply = await call("POST", "/v1/orgs", body);
      if (reply.status === 201)
        chain.push({ ...top, id: reply.body.id, at: `/v1/orgs/${reply.body.id}` });
      return reply;
    };
    for (let n = 1; n < 32; n++) expect((await add()).status).toBe(201);
    const deeper = await add();
    expectProblem(deeper, 422, "limit");
    expect(deeper.body.detail).toContain("32");
    const [, second, third] = chain;
    if (!second || !third) throw new Error("no chain");
    expectProblem(await patch(second, { parent: second.id }), 422, "invalid");
    expectProblem(await patch(second, { parent: chain.at(-1)?.id }), 422, "invalid");
    const beside = await below(top, "Beside");
    const pair = await below(beside, "Pair");
    expectProblem(await patch(beside, { parent: chain[30]?.id }), 422, "limit");
    expectProblem(await patch(pair, { parent: chain[30]?.id }), 409, "confirmation_needed");
    expectProblem(await patch(third, { parent: pair.id }), 422, "limit");
  });

  test("[R10] no org is left without an admin that it has", async () => {
    const bare = async (name: string, parent?: number) => {
      const { body } = await call("POST", "/v1/orgs", { name, ...(parent ? { parent } : {}) });
      return { ...root, id: body.id as number, at: `/v1/orgs/${body.id}` };
    };
    const top = await bare("Top");
    const [manned, empty] = [await below(top, "Manned"), await bare("Empty", top.id)];
    const kept = await bare("Kept", manned.id);
    const deeper = await bare("Deeper", kept.id);
    expectProblem(await patch(kept, { parent: empty.id }), 409, "last_admin");

    // An admin of its own counts, unless it is a member of the org that it leaves [R22].
    const { body } = await call("POST", `${manned.at}/members`, { name: "M", email: someone() });
    await call("POST", `/v1/me/access/${body.id}/accept`, {}, as(body.email));
    await call("POST", `${kept.at}/grants`, { to: { member: body.id }, role: "admin" });
    expectProblem(await patch(kept, { parent: empty.id }), 409, "last_admin");
    await newMember(deeper.at, "admin");
    expectProblem(await patch(kept, { parent: empty.id }), 409, "last_admin");
    await newMember(kept.at, "admin");
    expectProblem(await patch(kept, { parent: empty.id }), 409, "confirmation_needed");
    expectProblem(await patch(kept, { parent: top.id }), 409, "confirmation_needed");
    await move(kept, empty);
    // The grant that names a member of the former org above makes nobody an admin any more.
    const members = (await call("GET", `${kept.at}/members`)).body.items;
    const gone = await call("DELETE", `${kept.at}/members/${members[0].id}`, {});
    expectProblem(gone, 409, "last_admin");
  });

  test("names a hundred at most on each side, and says that there are more", async () => {
    const crowd = await below(root, "Crowd");
    const leaf = await below(crowd, "Leaf");
    const rows = Array.from({ length: 120 }, (_, n) =>
      JSON.stringify({ email: `crowd-${n}@people.example`, status: "active", ...viewer }),
    );
    const sent = { "content-type": "application/x-ndjson" };
    await call("POST", `${crowd.at}/members/import`, rows.join("\n"), sent);
    const { preview } = (await patch(leaf, { parent: root.id })).body;
    expect(preview.loses).toHaveLength(100);
    expect(preview).toMatchObject({ counts: { gains: 0, loses: 121 }, more: true });
  });
});
