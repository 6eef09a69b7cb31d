import { beforeAll, describe, expect, test } from "vitest";
import {
  accept,
  as,
  call,
  expectProblem,
  may,
  newMember,
  newOrg,
  someone,
} from "../support/http.ts";

const ALL = { all: true };
type Org = Awaited<ReturnType<typeof newOrg>>;

let acme: Org;

beforeAll(async () => {
  acme = await newOrg("Acme");
  await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ" });
});

async function newTeam(at: string, name = someone("team")) {
  const made = await call("POST", `${at}/teams`, { name });
  expect(made.status).toBe(201);
  return `${at}/teams/${made.body.id as string}`;
}

/** A member without a grant of their own. */
async function plainMember(at: string) {
  const email = someone("plain");
  const made = await call("POST", `${at}/members`, { name: "Plain", email });
  await accept(made.body.id, email);
  return { id: made.body.id as string, email };
}

describe("a team", () => {
  test("is made, renamed and removed, and its name is its own in the org", async () => {
    const made = await call("POST", `${acme.at}/teams`, { name: " Night shift " });
    expect(made.body).toMatchObject({ name: "Night shift", org: acme.id, members: 0, grants: [] });
    const at = `${acme.at}/teams/${made.body.id}`;
    const again = await call("POST", `${acme.at}/teams`, { name: "Night shift" });
    expectProblem(again, 409, "conflict");
    const other = await newTeam(acme.at, "Day shift");
    expectProblem(await call("PATCH", other, { name: "Night shift" }), 409, "conflict");
    expect((await call("PATCH", other, { name: "Day shift" })).status).toBe(200);
    const found = await call("GET", at);
    const etag = found.headers.get("etag");
    const renamed = await call("PATCH", at, { name: "Nights" }, { "if-match": etag });
    expect(renamed.body).toMatchObject({ id: made.body.id, name: "Nights" });
    const stale = await call("DELETE", at, undefined, { "if-match": etag });
    expectProblem(stale, 412, "stale_revision");
    expect((await call("DELETE", at)).status).toBe(204);
    expectProblem(await call("GET", at), 404, "not_found");
    expectProblem(await call("GET", `${at}/members`), 404, "not_found");
    const elsewhere = await newOrg("Elsewhere");
    const theirs = at.replace(acme.at, elsewhere.at);
    expectProblem(await call("PATCH", theirs, { name: "Ours" }), 404, "not_found");
  });

  test("lists its members, page by page and as CSV", async () => {
    const at = await newTeam(acme.at, "Listed");
    const people = [await newMember(acme.at), await newMember(acme.at)];
    for (const { id } of people)
      expect((await call("PUT", `${at}/members/${id}`, {})).body).toMatchObject({ id });
    expect((await call("PUT", `${at}/members/${people[0]?.id}`, {})).status).toBe(200);
    expect((await call("GET", at)).body).toMatchObject({ members: 2 });
    const first = await call("GET", `${at}/members?limit=1`);
    const second = await call("GET", `${at}/members?limit=1&cursor=${first.body.next_cursor}`);
    expect(second.body.next_cursor).toBeNull();
    const listed = [...first.body.items, ...second.body.items];
    expect(listed.map(({ email }) => email as string).toSorted()).toEqual(
      people.map(({ email }) => email).toSorted(),
    );
    expect(listed[0].teams).toEqual([{ id: at.split("/").at(-1), name: "Listed" }]);
    const csv = await call("GET", `${at}/members`, undefined, { accept: "text/csv" });
    expect(csv.body).toContain(people[0]?.email);
    const teams = await call("GET", `${acme.at}/teams`);
    expect(teams.body.items.map((team: { name: string }) => team.name)).toContain("Listed");
  });

  test("is made of its own org's members", async () => {
    const below = await newOrg("Below", someone(), acme.id);
    const above = await newMember(acme.at);
    const elsewhere = await newOrg("Elsewhere");
    const at = await newTeam(below.at);
    expectProblem(await call("PUT", `${at}/members/${above.id}`, {}), 422, "invalid");
    const foreign = `${at}/members/${elsewhere.adminMember}`;
    expectProblem(await call("PUT", foreign, {}), 404, "not_found");
    expectProblem(await call("DELETE", `${at}/members/${above.id}`), 404, "not_found");
  });

  test("a member is in at most 1000 teams", async () => {
    const org = await newOrg("Many teams");
    const create = { method: "POST", path: `${org.at}/teams` };
    const names = Array.from({ length: 1_000 }, (_, n) => ({ ...create, body: { name: `${n}` } }));
    const made = await call("POST", `${org.at}/batch`, { edits: names });
    const { id } = await newMember(org.at);
    const edits = made.body.results.map((one: { body: { id: string } }) => ({
      method: "PUT",
      path: `${org.at}/teams/${one.body.id}/members/${id}`,
    }));
    expect((await call("POST", `${org.at}/batch`, { edits })).status).toBe(200);
    const more = await newTeam(org.at);
    expectProblem(await call("PUT", `${more}/members/${id}`, {}), 422, "limit");
    expect((await call("DELETE", `${org.at}/members/${id}`)).status).toBe(204);
  });

  test("in a batch, teams can swap their names", async () => {
    const org = await newOrg("Swap");
    const [a, b] = [await newTeam(org.at, "A"), await newTeam(org.at, "B")];
    const to = (path: string, name: string) => ({ method: "PATCH", path, body: { name } });
    const made = { method: "POST", path: `${org.at}/teams`, body: { name: "Y" } };
    const edits = [to(a, "X"), to(b, "A"), to(a, "B"), made, to(b, "Z"), to(b, "A"), to(a, "C")];
    const reply = await call("POST", `${org.at}/batch`, { edits });
    expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    const names = async () =>
      (await call("GET", `${org.at}/teams`)).body.items.map((team: { name: string }) => team.name);
    expect(await names()).toEqual(["C", "A", "Y"]);
    expect((await call("POST", `${org.at}/rebuild`)).status).toBe(200);
    expect(await names()).toEqual(["C", "A", "Y"]);
    const ended = await call("POST", `${org.at}/batch`, {
      edits: [to(a, "X"), to(b, "C"), to(a, "A"), { method: "DELETE", path: a }, to(b, "A")],
    });
    expect(ended.status).toBe(200);
    expect(await names()).toEqual(["A", "Y"]);
  });

  test("[R33] in a batch it is filled and given access together, or not at all", async () => {
    const { id } = await newMember(acme.at);
    const team = await newTeam(acme.at);
    const edits = [
      { method: "PUT", path: `${team}/members/${id}` },
      { method: "POST", path: `${team}/grants`, body: { role: "editor", scope: ALL } },
    ];
    const reply = await call("POST", `${acme.at}/batch`, { edits });
    expectProblem(reply, 422, "invalid");
    expect((await call("GET", team)).body).toMatchObject({ members: 0 });
  });
});

describe("what a team has", () => {
  test("[R13] its members hold its grants beside their own", async () => {
    const at = await newTeam(acme.at);
    const ann = await newMember(acme.at, "viewer");
    const grant = await call("POST", `${at}/grants`, { role: "collaborator", scope: ALL });
    expect(grant.status).toBe(201);
    expect(await may(acme.id, ann.email, "edit", "site:hq")).toBe(false);
    await call("PUT", `${at}/members/${ann.id}`, {});
    expect(await may(acme.id, ann.email, "edit", "site:hq")).toBe(true);
    expect((await call("GET", at)).body.grants).toMatchObject([{ role: "collaborator" }]);
    const mine = await call("GET", "/v1/me/access", undefined, as(ann.email));
    expect(mine.body.items).toMatchObject([{ role: "collaborator", resources: 1 }]);
    await call("DELETE", `${acme.at}/grants/${grant.body.id}`);
    expect(await may(acme.id, ann.email, "edit", "site:hq")).toBe(false);
    expect(await may(acme.id, ann.email, "view", "site:hq")).toBe(true);
  });

  test("[R12] leaving the team, its end, and leaving the org act at once", async () => {
    const at = await newTeam(acme.at);
    const [ann, ben, cid] = [
      await plainMember(acme.at),
      await plainMember(acme.at),
      await plainMember(acme.at),
    ];
    await call("POST", `${at}/grants`, { role: "viewer", scope: ALL });
    for (const { id } of [ann, ben, cid]) await call("PUT", `${at}/members/${id}`, {});
    expect(await may(acme.id, ann.email, "view", "site:hq")).toBe(true);
    expect((await call("DELETE", `${at}/members/${ann.id}`)).status).toBe(204);
    expect(await may(acme.id, ann.email, "view", "site:hq")).toBe(false);
    expectProblem(await call("DELETE", `${at}/members/${ann.id}`), 404, "not_found");
    expect((await call("DELETE", `${acme.at}/members/${cid.id}`)).status).toBe(204);
    expect((await call("GET", at)).body).toMatchObject({ members: 1 });
    expect(await may(acme.id, ben.email, "view", "site:hq")).toBe(true);
    expect((await call("DELETE", at)).status).toBe(204);
    expect(await may(acme.id, ben.email, "view", "site:hq")).toBe(false);
  });

  test("[R8] counts for a member from their acceptance on", async () => {
    const at = await newTeam(acme.at);
    await call("POST", `${at}/grants`, { role: "viewer", scope: ALL });
    const email = someone("late");
    const made = await call("POST", `${acme.at}/members`, { name: "Late", email });
    expect((await call("PUT", `${at}/members/${made.body.id}`, {})).status).toBe(201);
    expect(await may(acme.id, email, "view", "site:hq")).toBe(false);
    await accept(made.body.id, email);
    expect(await may(acme.id, email, "view", "site:hq")).toBe(true);
  });

  test("[R22] a team of an org above can be given access below it", async () => {
    const below = await newOrg("Pole", someone(), acme.id);
    await call("PUT", `${below.at}/resources/site/pole`, {});
    const at = await newTeam(acme.at);
    const ann = await plainMember(acme.at);
    await call("PUT", `${at}/members/${ann.id}`, {});
    const path = at.replace(acme.at, below.at);
    expect((await call("POST", `${path}/grants`, { role: "viewer", scope: ALL })).status).toBe(201);
    expect(await may(acme.id, ann.email, "view", "site:pole")).toBe(true);
    expect(await may(acme.id, ann.email, "view", "site:hq")).toBe(false);
    const beside = await newTeam(below.at);
    const up = beside.replace(below.at, acme.at);
    const refused = await call("POST", `${up}/grants`, { role: "viewer", scope: ALL });
    expectProblem(refused, 404, "not_found");
  });
});

describe("who manages teams", () => {
  test("[R9] nobody puts themselves into a team", async () => {
    const at = await newTeam(acme.at);
    const other = await newMember(acme.at, "admin");
    const own = `${at}/members/${other.id}`;
    expectProblem(await call("PUT", own, {}, as(other.email)), 403, "forbidden");
    expect((await call("PUT", own, {}, as(acme.admin))).status).toBe(201);
  });

  describe("[R10] the last admin, where a team makes them one", () => {
    let org: Org;
    let team: string;

    beforeAll(async () => {
      org = await newOrg("Led by a team");
      team = await newTeam(org.at);
      await call("PUT", `${team}/members/${org.adminMember}`, {});
      expect((await call("POST", `${team}/grants`, { role: "admin" })).status).toBe(201);
      const { body } = await call("GET", `${org.at}/members/${org.adminMember}`);
      const own = `${org.at}/grants/${body.grants[0].id}`;
      expect((await call("DELETE", own)).status).toBe(204);
      expect((await call("GET", `${org.at}/members`, undefined, as(org.admin))).status).toBe(200);
    });

    test("stays in the team, and the team and its grant stay", async () => {
      const { body } = await call("GET", team);
      const grant = `${org.at}/grants/${body.grants[0].id}`;
      const late = new Date(Date.now() + 86_400_000).toISOString();
      for (const [method, path, sent] of [
        ["DELETE", `${team}/members/${org.adminMember}`, undefined],
        ["DELETE", team, undefined],
        ["DELETE", grant, undefined],
        ["PATCH", grant, { expiresAt: late }],
        ["PATCH", grant, { role: "viewer" }],
        ["DELETE", `${org.at}/members/${org.adminMember}`, undefined],
      ] as const)
        expectProblem(await call(method, path, sent), 409, "last_admin");
    });

    test("may go once there is another", async () => {
      const second = await plainMember(org.at);
      await call("PUT", `${team}/members/${second.id}`, {});
      expect((await call("DELETE", `${team}/members/${org.adminMember}`)).status).toBe(204);
      expectProblem(await call("DELETE", team), 409, "last_admin");
      await newMember(org.at, "admin");
      expect((await call("DELETE", team)).status).toBe(204);
    });
  });

  test("[R10] a member of an org above who alone leads one below, by a team", async () => {
    const root = (await call("POST", "/v1/orgs", { name: "Without admins" })).body.id as number;
    const at = `/v1/orgs/${root}`;
    const below = (await call("POST", "/v1/orgs", { name: "Below", parent: root })).body.id;
    const lead = await plainMember(at);
    const team = await newTeam(at);
    await call("PUT", `${team}/members/${lead.id}`, {});
    const path = team.replace(at, `/v1/orgs/${below}`);
    expect((await call("POST", `${path}/grants`, { role: "admin" })).status).toBe(201);
    expectProblem(await call("DELETE", `${at}/members/${lead.id}`), 409, "last_admin");
    expectProblem(await call("DELETE", `${team}/members/${lead.id}`), 409, "last_admin");
    expectProblem(await call("DELETE", team), 409, "last_admin");
  });
});

describe("a team in the rules of a received share", () => {
  let beta: Org;
  let received: string;

  beforeAll(async () => {
    beta = await newOrg("Beta");
    const offer = { to: { org: beta.id }, role: "collaborator", scope: ALL };
    const share = await call("POST", `${acme.at}/shares`, offer);
    received = `${beta.at}/received-shares/${share.body.id}`;
    await call("POST", `${received}/accept`, {});
  });

  const views = (person: string) => may(acme.id, person, "view", "site:hq");

  test("[R20] whoever joins the team has it at once, and loses it at once", async () => {
    const team = await newTeam(beta.at, "Guests");
    const id = team.split("/").at(-1);
    const rule = await call("POST", `${received}/rules`, {
      to: { team: id },
      role: "viewer",
      scope: ALL,
    });
    expect(rule.body).toMatchObject({ to: { team: id } });
    const ann = await plainMember(beta.at);
    expect(await views(ann.email)).toBe(false);
    await call("PUT", `${team}/members/${ann.id}`, {});
    expect(await views(ann.email)).toBe(true);
    expect(await may(acme.id, ann.email, "edit", "site:hq")).toBe(false);
    const email = someone("late");
    const late = await call("POST", `${beta.at}/members`, { name: "Late", email });
    await call("PUT", `${team}/members/${late.body.id}`, {});
    expect(await views(email)).toBe(false);
    await accept(late.body.id, email);
    expect(await views(email)).toBe(true);
    await call("DELETE", `${team}/members/${ann.id}`);
    expect(await views(ann.email)).toBe(false);
    expect((await call("DELETE", team)).status).toBe(204);
    expect(await views(email)).toBe(false);
    const rules = await call("GET", `${received}/rules`);
    expect(rules.body.items).toMatchObject([{ to: "admins" }]);
  });

  test("[R16] who becomes an admin by a team uses what admins may use", async () => {
    const before = await newTeam(beta.at);
    const after = await newTeam(beta.at);
    const [ann, ben] = [await plainMember(beta.at), await plainMember(beta.at)];
    await call("PUT", `${before}/members/${ann.id}`, {});
    expect(await views(ann.email)).toBe(false);
    await call("POST", `${before}/grants`, { role: "admin" });
    expect(await views(ann.email)).toBe(true);
    await call("POST", `${after}/grants`, { role: "admin" });
    expect(await views(ben.email)).toBe(false);
    await call("PUT", `${after}/members/${ben.id}`, {});
    expect(await views(ben.email)).toBe(true);
  });
});
