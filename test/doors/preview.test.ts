import { beforeAll, describe, expect, test } from "vitest";
import { as, call, expectProblem, may, newMember, newOrg, someone } from "../support/http.ts";

const all = { all: true };

let acme: Awaited<ReturnType<typeof newOrg>>;

beforeAll(async () => {
  acme = await newOrg("Acme");
  for (const [id, tags] of [
    ["hq", ["North"]],
    ["depot", ["South"]],
  ] as const)
    await call("PUT", `${acme.at}/resources/site/${id}`, { name: id, tags });
});

const preview = (at: string, method: string, path: string, body?: unknown, sent = {}) =>
  call("POST", `${at}/preview`, { method, path, body }, sent);

describe("who gains, loses or changes what", () => {
  test("a grant removed, changed and added, and nothing is made by looking", async () => {
    const { email, id, grant } = await newMember(acme.at, "collaborator");
    const gone = await preview(acme.at, "DELETE", `${acme.at}/grants/${grant}`);
    expect(gone.status).toBe(200);
    expect(gone.body).toMatchObject({
      gains: [],
      loses: [
        { person: email, role: "collaborator", scope: all, org: { id: acme.id }, kind: "grant" },
      ],
      changes: [],
      counts: { gains: 0, loses: 1, changes: 0, people: 1 },
      more: false,
      confirm: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(await may(acme.id, email, "edit", "site:hq")).toBe(true);
    const less = await preview(acme.at, "PATCH", `${acme.at}/grants/${grant}`, { role: "viewer" });
    expect(less.body.changes).toMatchObject([
      { person: email, before: { role: "collaborator" }, after: { role: "viewer" } },
    ]);
    // What another access gives, too, is not gained.
    const same = await preview(acme.at, "POST", `${acme.at}/members/${id}/grants`, {
      role: "viewer",
      scope: { tags: ["North"] },
    });
    expect(same.body.counts).toMatchObject({ gains: 0, loses: 0, changes: 0 });
    const more = await preview(acme.at, "POST", `${acme.at}/members/${id}/grants`, {
      role: "admin",
    });
    expect(more.body.gains).toMatchObject([{ person: email, role: "admin", scope: all }]);
  });

  test("a tag moves access to a resource, person by person", async () => {
    const owner = await newOrg("Owner");
    await call("PUT", `${owner.at}/resources/site/hq`, { name: "HQ", tags: ["North"] });
    const { id, email } = await newMember(owner.at, "viewer");
    await call("POST", `${owner.at}/members/${id}/grants`, {
      role: "collaborator",
      scope: { tags: ["north"] },
    });
    const body = { tags: ["South"] };
    const reply = await preview(owner.at, "PATCH", `${owner.at}/resources/site/hq`, body);
    expect(reply.body).toMatchObject({
      gains: [],
      loses: [],
      changes: [
        {
          person: email,
          before: { role: "collaborator", resource: "site:hq" },
          after: { role: "viewer", resource: "site:hq" },
        },
      ],
    });
  });

  test("a batch is looked at as a whole, and a team's members with it", async () => {
    const one = await newMember(acme.at, "viewer");
    const team = (await call("POST", `${acme.at}/teams`, { name: "Crew" })).body.id;
    const edits = [
      { method: "PUT", path: `${acme.at}/teams/${team}/members/${one.id}`, body: {} },
      {
        method: "POST",
        path: `${acme.at}/teams/${team}/grants`,
        body: { role: "collaborator", scope: { tags: ["North"] } },
      },
      { method: "DELETE", path: `${acme.at}/grants/${one.grant}` },
    ];
    const reply = await call("POST", `${acme.at}/preview`, { edits });
    expect(reply.body).toMatchObject({
      gains: [{ person: one.email, role: "collaborator", scope: { tags: ["North"] } }],
      loses: [{ person: one.email, role: "viewer", scope: all }],
    });
    const made = await call(
      "POST",
      `${acme.at}/batch`,
      { edits },
      { "if-preview": reply.body.confirm },
    );
    expect(made.status).toBe(200);
    expect(await may(acme.id, one.email, "edit", "site:hq")).toBe(true);
    expect(await may(acme.id, one.email, "view", "site:depot")).toBe(false);
  });

  test("what a partner loses is told as a whole, its people counted and not named", async () => {
    const beta = await newOrg("Beta");
    const offer = { to: { org: beta.id }, role: "viewer", scope: { tags: ["North"] } };
    const share = (await call("POST", `${acme.at}/shares`, offer)).body.id;
    const received = `${beta.at}/received-shares/${share}`;
    await call("POST", `${received}/accept`, {}, as(beta.admin));
    const bea = await newMember(beta.at, "viewer");
    const rule = { to: { member: bea.id }, role: "viewer", scope: all };
    // The receiver sees its own people, and the share by its id.
    const seen = await preview(beta.at, "POST", `${received}/rules`, rule, as(beta.admin));
    expect(seen.body.gains).toMatchObject([
      { person: bea.email, kind: "rule", share, role: "viewer" },
    ]);
    await call("POST", `${received}/rules`, rule);
    const reply = await preview(acme.at, "DELETE", `${acme.at}/shares/${share}`);
    expect(reply.body.partners).toMatchObject([
      {
        org: beta.id,
        share,
        before: { role: "viewer", scope: { tags: ["North"] } },
        after: null,
        people: 2,
      },
    ]);
    expect(JSON.stringify(reply.body)).not.toContain(bea.email);
    const fresh = await preview(acme.at, "POST", `${acme.at}/shares`, {
      ...offer,
      role: "commenter",
    });
    expect(fresh.body.partners).toMatchObject([
      { org: beta.id, share: null, before: null, after: { role: "commenter" } },
    ]);
    const frozen = await preview(acme.at, "POST", `${acme.at}/freeze`, { partner: beta.id });
    expect(frozen.body.partners).toMatchObject([{ share, after: null }]);
  });

  test("[R24] a move and a deletion, with what they ask to be confirmed", async () => {
    const root = await newOrg("Root");
    const south = await newOrg("South", someone("south"), root.id);
    const north = await newOrg("North", someone("north"), root.id);
    const leaf = await newOrg("Leaf", someone("leaf"), north.id);
    const move = await preview(root.at, "PATCH", leaf.at, { parent: south.id });
    expect(move.body.loses).toMatchObject([
      { person: north.admin, role: "admin", org: { id: leaf.id } },
    ]);
    expect(move.body.gains).toMatchObject([
      { person: south.admin, role: "admin", org: { id: leaf.id } },
    ]);
    expect(move.body.confirmations).toMatchObject([{ confirm: expect.any(String) }]);
    const { confirm } = move.body.confirmations[0];
    const body = { parent: south.id, confirm };
    const moved = await call("PATCH", leaf.at, body, { "if-preview": move.body.confirm });
    expect(moved.status).toBe(200);
    const end = await preview(root.at, "DELETE", leaf.at);
    expect(end.body.confirmations).toMatchObject([{ confirm: "Leaf", orgs: 1 }]);
    const lost = end.body.loses.map((one: { person: string }) => one.person);
    expect(lost).toEqual(expect.arrayContaining([root.admin, south.admin, leaf.admin]));
    expect((await call("GET", leaf.at)).status).toBe(200);
  });

  test("a role set defined anew is told by role", async () => {
    const roles = (...actions: string[]) => ({ roles: [{ name: "keeper", actions }] });
    await call("PUT", `${acme.at}/role-sets/keys`, roles("open", "close"));
    await call("PUT", `${acme.at}/types/safe`, { roleSet: "keys" });
    await call("PUT", `${acme.at}/resources/safe/one`, { name: "One" });
    await newMember(acme.at, "keys.keeper");
    const reply = await preview(acme.at, "PUT", `${acme.at}/role-sets/keys`, roles("open"));
    expect(reply.body.roles).toMatchObject([
      { role: "keys.keeper", loses: ["close"], people: 1 },
      {},
    ]);
    expect(reply.body.confirmations).toHaveLength(1);
  });
});

describe("If-Preview", () => {
  test("[R33] an edit is made only if it still does what was shown", async () => {
    const { email, grant } = await newMember(acme.at, "collaborator");
    const team = (await call("POST", `${acme.at}/teams`, { name: "Other" })).body.id;
    const path = `${acme.at}/teams/${team}/grants`;
    const body = { role: "collaborator", scope: { tags: ["South"] } };
    const empty = await preview(acme.at, "POST", path, body);
    expect(empty.body.counts.people).toBe(0);
    const member = await newMember(acme.at, "viewer");
    await call("PUT", `${acme.at}/teams/${team}/members/${member.id}`, {});
    const stale = await call("POST", path, body, { "if-preview": empty.body.confirm });
    expectProblem(stale, 412, "stale_revision");
    const fresh = await preview(acme.at, "POST", path, body);
    expect(fresh.body.gains).toMatchObject([{ person: member.email }]);
    // What has nothing to do with it may change.
    await call("PATCH", `${acme.at}/grants/${grant}`, { role: "viewer" });
    expect(await may(acme.id, email, "edit", "site:hq")).toBe(false);
    // The word stands for this edit, and for no other.
    const other = { ...body, role: "commenter" };
    expectProblem(await call("POST", path, other, { "if-preview": fresh.body.confirm }), 412);
    expect((await call("POST", path, body, { "if-preview": fresh.body.confirm })).status).toBe(201);
  });

  test("what edits make has another id each time, and the word stands all the same", async () => {
    const member = await newMember(acme.at, "viewer");
    const made = { role: "collaborator", scope: { resources: ["site:annex"] } };
    const edits = [
      { method: "PUT", path: `${acme.at}/resources/site/annex`, body: { name: "Annex" } },
      { method: "POST", path: `${acme.at}/members/${member.id}/grants`, body: made },
    ];
    const { body } = await call("POST", `${acme.at}/preview`, { edits });
    expect(body.gains).toContainEqual(
      expect.objectContaining({ person: member.email, role: "collaborator" }),
    );
    await call("POST", `${acme.at}/teams`, { name: "Meanwhile" });
    const done = await call("POST", `${acme.at}/batch`, { edits }, { "if-preview": body.confirm });
    expect(done.status).toBe(200);
  });

  test("[R22] an admin below is not told what was given above for what", async () => {
    const root = await newOrg("Root");
    const north = await newOrg("North", someone("north"), root.id);
    await call("PUT", `${root.at}/resources/site/secret`, { name: "Secret" });
    const { id, email } = await newMember(root.at, "viewer");
    await call("POST", `${root.at}/members/${id}/grants`, {
      role: "collaborator",
      scope: { tags: ["Hidden"] },
    });
    const end = await preview(north.at, "DELETE", north.at, undefined, as(north.admin));
    expect(end.status).toBe(200);
    const told = end.body.loses.filter((one: { person: string }) => one.person === email);
    expect(told.length).toBeGreaterThan(0);
    for (const one of told) expect(one.scope).toBeNull();
    expect(JSON.stringify(end.body)).not.toContain("Hidden");
  });

  test("the word is its reader's own, for one edit and for a batch", async () => {
    const { grant } = await newMember(acme.at, "collaborator");
    const boss = await newMember(acme.at, "admin");
    const path = `${acme.at}/grants/${grant}`;
    const body = { role: "commenter" };
    const sent = (who: string, confirm: string) => ({ ...as(who), "if-preview": confirm });
    const seen = await preview(acme.at, "PATCH", path, body, as(boss.email));
    const { confirm } = seen.body;
    expectProblem(await call("PATCH", path, body, sent(acme.admin, confirm)), 412);
    const edits = [{ method: "PATCH", path, body }];
    const many = await call("POST", `${acme.at}/preview`, { edits }, as(boss.email));
    const apply = (who: string) =>
      call("POST", `${acme.at}/batch`, { edits }, sent(who, many.body.confirm));
    expectProblem(await apply(acme.admin), 412, "stale_revision");
    expect((await apply(boss.email)).status).toBe(200);
    // What it did is done: the same word does not do it again.
    expectProblem(await call("PATCH", path, body, sent(boss.email, confirm)), 412);
  });

  test("[R9] only admins look, and what an edit would be refused for refuses the look", async () => {
    const { email, grant } = await newMember(acme.at, "viewer");
    const path = `${acme.at}/grants/${grant}`;
    expectProblem(await preview(acme.at, "DELETE", path, undefined, as(email)), 403, "forbidden");
    expectProblem(
      await preview(acme.at, "DELETE", `${acme.at}/grants/grt_0_0_0`),
      404,
      "not_found",
    );
    const other = await newOrg("Other");
    expectProblem(await preview(acme.at, "PATCH", other.at, { name: "Mine" }), 404, "not_found");
    expectProblem(await preview(acme.at, "PATCH", path, { role: "none" }), 422, "invalid");
    expectProblem(await preview(acme.at, "GET", path), 400, "invalid");
  });
});
