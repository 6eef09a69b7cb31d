import { describe, expect, test } from "vitest";
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

const ROLES = "/v1/platform/roles";

async function grant(role: string, org?: number, email = someone(role)) {
  const body = { email, role, ...(org === undefined ? {} : { org }) };
  const made = await call("POST", ROLES, body);
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return { id: made.body.id as string, email };
}

const terms = { role: "viewer", scope: { all: true } };
const invitation = () => ({ name: "New", email: someone("new"), ...terms });

/** One request of each kind that an admin may make of an org. */
async function administering(at: string, person: string) {
  const site = `${at}/resources/site/${at.split("/").at(-1)}`;
  await call("PUT", site, {});
  const made = await call("POST", `${at}/members`, invitation());
  return [
    await call("GET", at, undefined, as(person)),
    await call("GET", `${at}/members`, undefined, as(person)),
    await call("GET", `${at}/changes`, undefined, as(person)),
    await call("GET", site, undefined, as(person)),
    await call("PATCH", at, { description: "Looked after" }, as(person)),
    await call("PATCH", site, { tags: ["North"] }, as(person)),
    await call("POST", `${at}/members`, invitation(), as(person)),
    await call("DELETE", `${at}/members/${made.body.id}`, undefined, as(person)),
    await call(
      "POST",
      `${at}/shares`,
      { to: { email: someone(), name: "Out" }, ...terms },
      as(person),
    ),
    await call("POST", `${at}/keys`, { name: "key" }, as(person)),
  ].map((reply) => reply.status);
}
const DONE = [200, 200, 200, 200, 200, 200, 201, 204, 201, 201];
const NOTHING_THERE = DONE.map(() => 404);

describe("[R27] who holds a platform role", () => {
  test.each(["super_admin", "sys_admin"])("as %s administers every org", async (role) => {
    const { email } = await grant(role);
    const acme = await newOrg("Acme");
    const below = await newOrg("Below", someone(), acme.id);
    expect(await administering(acme.at, email)).toEqual(DONE);
    expect(await administering(below.at, email)).toEqual(DONE);
    const sub = { name: "Branch", parent: acme.id };
    expect((await call("POST", "/v1/orgs", sub, as(email))).status).toBe(201);
  });

  test("as account manager administers the org assigned and those below, and no other", async () => {
    const acme = await newOrg("Acme");
    const north = await newOrg("North", someone(), acme.id);
    const site = await newOrg("Site", someone(), north.id);
    const other = await newOrg("Other");
    const { email } = await grant("account_manager", north.id);
    expect(await administering(north.at, email)).toEqual(DONE);
    expect(await administering(site.at, email)).toEqual(DONE);
    expect(await administering(acme.at, email)).toEqual(NOTHING_THERE);
    expect(await administering(other.at, email)).toEqual(NOTHING_THERE);
  });

  test("loses all of it at once when it is taken back", async () => {
    const acme = await newOrg("Acme");
    for (const [role, org] of [["sys_admin"], ["account_manager", acme.id]] as const) {
      const { id, email } = await grant(role, org);
      expect((await call("GET", `${acme.at}/members`, undefined, as(email))).status).toBe(200);
      expect((await call("DELETE", `${ROLES}/${id}`)).status).toBe(204);
      expectProblem(await call("GET", acme.at, undefined, as(email)), 404, "not_found");
      expectProblem(await call("DELETE", `${ROLES}/${id}`), 404, "not_found");
    }
  });

  test("sees every resource, and may do nothing to one in a check", async () => {
    const acme = await newOrg("Acme");
    await call("PUT", `${acme.at}/resources/site/hq`, {});
    const holders = [
      await grant("super_admin"),
      await grant("sys_admin"),
      await grant("account_manager", acme.id),
    ];
    for (const { email } of holders) {
      const seen = await call("GET", `${acme.at}/resources`, undefined, as(email));
      expect(seen.body.items).toMatchObject([{ id: "hq" }]);
      expect(await may(acme.id, email, "view", "site:hq")).toBe(false);
      const mine = await call("GET", "/v1/me/access", undefined, as(email));
      expect(mine.body.items).toEqual([]);
    }
  });

  test("[R9] gains no access for themselves by name", async () => {
    const acme = await newOrg("Acme");
    for (const { email } of [await grant("super_admin"), await grant("account_manager", acme.id)]) {
      const reply = await call(
        "POST",
        `${acme.at}/members`,
        { name: "I", email, ...terms },
        as(email),
      );
      expectProblem(reply, 403, "forbidden");
      expectProblem(
        await call("POST", ROLES, { email, role: "sys_admin" }, as(email)),
        email.startsWith("super") ? 403 : 404,
      );
    }
  });

  test("[R7, R9] takes no role as the org's own admins may, member or not", async () => {
    const acme = await newOrg("Acme");
    const project = `${acme.at}/resources/project/p`;
    await call("PUT", project, {});
    for (const { email } of [await grant("sys_admin"), await grant("account_manager", acme.id)]) {
      await newMember(acme.at, "viewer", email);
      expectProblem(await call("POST", `${project}/elevate`, {}, as(email)), 403, "forbidden");
      expect(await may(acme.id, email, "edit", "project:p")).toBe(false);
    }
    expect((await call("POST", `${project}/elevate`, {}, as(acme.admin))).status).toBe(201);
    expect(await may(acme.id, acme.admin, "edit", "project:p")).toBe(true);
  });

  test("has by an org's key no more than a member of the org has", async () => {
    const acme = await newOrg("Acme");
    const { token } = await newKey(acme.at, "manage");
    for (const { email } of [await grant("super_admin"), await grant("account_manager", acme.id)]) {
      expectProblem(await call("GET", acme.at, undefined, as(email, token)), 404, "not_found");
      const member = await newMember(acme.at, "viewer", email);
      expectProblem(await call("GET", `${acme.at}/members`, undefined, as(email, token)), 403);
      expect(
        (await call("DELETE", `/v1/me/access/${member.id}`, undefined, as(email))).status,
      ).toBe(204);
    }
  });

  test("as a sys_admin does what the platform alone may; as an account manager does not", async () => {
    const acme = await newOrg("Acme");
    const sys = await grant("sys_admin");
    const manager = await grant("account_manager", acme.id);
    const rows = () => `${JSON.stringify({ email: someone("in"), status: "active" })}\n`;
    const sent = { "content-type": "application/x-ndjson" };
    const into = (person: string) =>
      call("POST", `${acme.at}/members/import`, rows(), { ...as(person), ...sent });
    expect((await into(sys.email)).body.items).toMatchObject([{ status: 201 }]);
    expect((await into(manager.email)).body.items).toMatchObject([{ status: 403 }]);

    const kept = { deletion: "platform" };
    expect((await call("PATCH", acme.at, kept, as(acme.admin))).status).toBe(200);
    const freed = { deletion: "owners" };
    expectProblem(await call("PATCH", acme.at, freed, as(manager.email)), 403, "forbidden");
    expect((await call("PATCH", acme.at, freed, as(sys.email))).status).toBe(200);
  });

  test("[R24] as a sys_admin deletes an org whose deletion is the platform's; its managers go with it", async () => {
    const acme = await newOrg("Acme");
    const sys = await grant("sys_admin");
    const manager = await grant("account_manager", acme.id);
    await call("PATCH", acme.at, { deletion: "platform" });
    const remove = (person: string) => call("DELETE", acme.at, { confirm: "Acme" }, as(person));
    expectProblem(await remove(acme.admin), 403, "forbidden");
    expectProblem(await remove(manager.email), 403, "forbidden");
    expect((await remove(sys.email)).status).toBe(204);
    const listed = await call("GET", `${ROLES}?limit=1000`);
    expect(JSON.stringify(listed.body.items)).not.toContain(manager.email);
    expectProblem(await call("DELETE", `${ROLES}/${manager.id}`), 404, "not_found");
  });
});

describe("[R27] the platform's roles", () => {
  test("are given and taken by super admins, and nobody else", async () => {
    const acme = await newOrg("Acme");
    const { token } = await newKey(acme.at, "manage", "check");
    const chief = await grant("super_admin");
    const made = await call(
      "POST",
      ROLES,
      { email: someone(), role: "sys_admin" },
      as(chief.email),
    );
    expect(made).toMatchObject({ status: 201, body: { role: "sys_admin", org: null } });
    const assigned = await call(
      "POST",
      ROLES,
      { email: someone(), role: "account_manager", org: acme.id },
      as(chief.email),
    );
    expect(assigned).toMatchObject({ status: 201, body: { org: { id: acme.id, name: "Acme" } } });

    const sys = await grant("sys_admin");
    const manager = await grant("account_manager", acme.id);
    const member = await newMember(acme.at);
    const attempts = (sent: Record<string, string | null>) =>
      Promise.all([
        call("POST", ROLES, { email: someone(), role: "sys_admin" }, sent),
        call("DELETE", `${ROLES}/${made.body.id}`, undefined, sent),
        call("GET", ROLES, undefined, sent),
        call("GET", "/v1/platform/changes", undefined, sent),
        call("POST", ROLES, { email: someone(), role: "account_manager", org: acme.id }, sent),
        call("DELETE", `${ROLES}/${assigned.body.id}`, undefined, sent),
      ]).then((replies) => replies.map((reply) => reply.status));
    const outside = (inOrg: number) => [404, 404, 404, 404, inOrg, inOrg];
    expect(await attempts(as(sys.email))).toEqual([403, 403, 403, 403, 403, 403]);
    expect(await attempts(as(manager.email))).toEqual(outside(403));
    expect(await attempts(as(acme.admin))).toEqual(outside(403));
    expect(await attempts(as(member.email))).toEqual(outside(403));
    expect(await attempts(withKey(token))).toEqual(outside(403));
    expect(await attempts(as(chief.email, token))).toEqual(outside(404));
    expect(await attempts(as(someone("stranger")))).toEqual(outside(404));
    expect(await attempts({ authorization: null })).toEqual([401, 401, 401, 401, 401, 401]);

    for (const { body } of [made, assigned])
      expect((await call("DELETE", `${ROLES}/${body.id}`, undefined, as(chief.email))).status).toBe(
        204,
      );
  });

  test("can all be taken, the last super admin's too", async () => {
    const first = await grant("super_admin");
    const listed = await call("GET", ROLES);
    for (const { id, role } of listed.body.items as { id: string; role: string }[])
      if (role === "super_admin") expect((await call("DELETE", `${ROLES}/${id}`)).status).toBe(204);
    expectProblem(await call("GET", ROLES, undefined, as(first.email)), 404, "not_found");
    expect((await grant("super_admin")).id).toMatch(/^prl_0_/);
  });

  test("are listed with those assigned, in pages, and as CSV", async () => {
    const acme = await newOrg("Acme");
    const mine = [await grant("sys_admin"), await grant("account_manager", acme.id)];
    const found: { id: string; email: string }[] = [];
    for (let cursor = ""; ;) {
      const page = await call("GET", `${ROLES}?limit=2${cursor}`);
      found.push(...page.body.items);
      if (page.body.next_cursor === null) break;
      cursor = `&cursor=${page.body.next_cursor}`;
    }
    expect(new Set(found.map((one) => one.id)).size).toBe(found.length);
    expect(found.map((one) => one.id)).toEqual(expect.arrayContaining(mine.map((one) => one.id)));
    const csv = await call("GET", ROLES, undefined, { accept: "text/csv" });
    expect(csv.body).toContain(mine[1]?.email);
    expectProblem(await call("GET", `${ROLES}?limit=0`), 400, "invalid");
    expectProblem(await call("GET", `${ROLES}?cursor=%25`), 400, "invalid");
  });

  test("stand in the history of what they concern", async () => {
    const acme = await newOrg("Acme");
    const chief = await grant("super_admin");
    const given = { email: someone("manager"), role: "account_manager", org: acme.id };
    const made = await call("POST", ROLES, given, as(chief.email));
    await call("PATCH", acme.at, { description: "New" }, as(given.email));
    await call("DELETE", `${ROLES}/${made.body.id}`, undefined, as(chief.email));
    const { items } = (await call("GET", `${acme.at}/changes`)).body;
    expect(items.slice(-3)).toMatchObject([
      {
        what: "platformRole.grant",
        org: acme.id,
        actor: { email: chief.email },
        says: [`gave ${given.email} the platform role account_manager`],
      },
      { what: "org.update", actor: { email: given.email } },
      {
        what: "platformRole.remove",
        says: [`took the platform role account_manager from ${given.email}`],
      },
    ]);
    const own = (await call("GET", "/v1/platform/changes?limit=1000", undefined, as(chief.email)))
      .body.items;
    expect(own.at(-1)).toMatchObject({
      what: "platformRole.grant",
      actor: { id: "platform" },
      events: [{ name: "platformRole.granted", data: { email: chief.email, role: "super_admin" } }],
    });
  });

  test("are refused where they make no sense, and given once", async () => {
    const acme = await newOrg("Acme");
    const email = someone("twice");
    const asked = (body: unknown) => call("POST", ROLES, body);
    expectProblem(await asked({ email, role: "account_manager" }), 422, "invalid");
    expectProblem(await asked({ email, role: "sys_admin", org: acme.id }), 422, "invalid");
    expectProblem(await asked({ email, role: "account_manager", org: 999_999 }), 404, "not_found");
    expectProblem(await asked({ email, role: "account_manager", org: 0 }), 400, "invalid");
    expectProblem(await asked({ email, role: "emperor" }), 400, "invalid");
    expectProblem(await asked({ email, role: "sys_admin", surplus: true }), 400, "invalid");
    expectProblem(await asked("{"), 400, "invalid");
    const once = { "idempotency-key": "once" };
    const first = await call("POST", ROLES, { email, role: "sys_admin" }, once);
    const again = await call("POST", ROLES, { email, role: "sys_admin" }, once);
    expect(again.body).toEqual(first.body);
    expectProblem(await asked({ email, role: "sys_admin" }), 409, "conflict");
    expectProblem(await call("DELETE", `${ROLES}/prl_0_0_0`), 404, "not_found");
    expectProblem(await call("DELETE", `${ROLES}/nothing`), 404, "not_found");
    expectProblem(await call("GET", "/v1/orgs/0"), 404, "not_found");
  });
});

test("[R27] a root org's admin is its company admin: everything below it is theirs, nothing beside", async () => {
  const acme = await newOrg("Acme");
  const below = await newOrg("Below", someone(), acme.id);
  const other = await newOrg("Other");
  expect(await administering(acme.at, acme.admin)).toEqual(DONE);
  expect(await administering(below.at, acme.admin)).toEqual(DONE);
  expect(await administering(other.at, acme.admin)).toEqual(NOTHING_THERE);
  expect(await administering(acme.at, below.admin)).toEqual(NOTHING_THERE);
});
