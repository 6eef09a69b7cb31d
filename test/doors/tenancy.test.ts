import { beforeAll, describe, expect, test } from "vitest";
import {
  accept,
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

/*
 * Who must not learn or get what: across trees, across the orgs of one tree, and across actors.
 */

type Org = Awaited<ReturnType<typeof newOrg>>;
let acme: Org;
let beta: Org;
let unit: Org;
let sibling: Org;
beforeAll(async () => {
  acme = await newOrg("Acme");
  beta = await newOrg("Beta");
  unit = await newOrg("Unit", someone("unit"), acme.id);
  sibling = await newOrg("Sibling", someone("sibling"), acme.id);
  await call("PUT", `${acme.at}/resources/site/hq`, { tags: ["North"] });
  await call("PUT", `${sibling.at}/resources/site/secret`, {});
});

const once = () => ({ "idempotency-key": crypto.randomUUID() });
const below = (org: Org, name: string) => ({ name, parent: org.id });
const parentOf = async (org: number) => (await call("GET", `/v1/orgs/${org}`)).body.parent;

describe("org numbers", () => {
  test("[R34] one Idempotency-Key in two trees makes two orgs", async () => {
    const key = once();
    const one = await call("POST", "/v1/orgs", below(acme, "One"), key);
    const two = await call("POST", "/v1/orgs", below(beta, "Two"), key);
    const root = await call("POST", "/v1/orgs", { name: "Root" }, key);
    expect([one.status, two.status, root.status]).toEqual([201, 201, 201]);
    expect(new Set([one.body.id, two.body.id, root.body.id]).size).toBe(3);
    expect(await parentOf(one.body.id)).toBe(acme.id);
    expect(await parentOf(two.body.id)).toBe(beta.id);
  });

  test("[R34] one Idempotency-Key of two people through one key makes two orgs", async () => {
    const { token } = await newKey(acme.at, "manage");
    const other = await newMember(acme.at, "admin");
    const key = once();
    const [one, two] = [
      await call("POST", "/v1/orgs", below(acme, "One"), { ...key, ...as(acme.admin, token) }),
      await call("POST", "/v1/orgs", below(acme, "Two"), { ...key, ...as(other.email, token) }),
    ];
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.body.id).not.toBe(one.body.id);
    expect((await call("GET", `/v1/orgs/${one.body.id}`)).body.name).toBe("One");
  });

  test("none is given out to who may make nothing", async () => {
    const before = (await call("POST", "/v1/orgs", { name: "Before" })).body.id;
    const forged = withKey(`lk_${acme.id}_1_0_${"x".repeat(43)}`);
    expectProblem(await call("POST", "/v1/orgs", below(acme, "x"), forged), 401);
    expectProblem(await call("POST", "/v1/orgs", below(acme, "x"), as(beta.admin)), 404);
    expect((await call("POST", "/v1/orgs", { name: "After" })).body.id).toBe(before + 1);
  });
});

describe("conditions tell a stranger nothing", () => {
  test("If-Match of a thing that there is, and of one that there is not", async () => {
    const patch = (member: string, sent: Record<string, string>) =>
      call("PATCH", `${acme.at}/members/${member}`, { name: "x" }, sent);
    for (const tag of ['"x"', "*"]) {
      const sent = { ...as(beta.admin), "if-match": tag };
      expectProblem(await patch(acme.adminMember, sent), 404);
      expectProblem(await patch("mem_0_0_0", sent), 404);
      expectProblem(await patch("mem_0_0_0", { "if-match": tag }), 404);
    }
    expectProblem(await patch(acme.adminMember, { "if-match": '"x"' }), 412);
  });

  test("If-Match of what is gone makes nothing anew", async () => {
    const at = `${acme.at}/resources/site/gone`;
    const tag = (await call("PUT", at, {})).headers.get("etag") ?? "";
    await call("DELETE", at);
    expectProblem(await call("PUT", at, {}, { "if-match": tag }), 412, "stale_revision");
  });

  test("Access-Revision to a key that is none, or to a stranger", async () => {
    const forged = withKey(`lk_${acme.id}_1_0_${"x".repeat(43)}`);
    const later = { "access-revision": `${acme.id}.999999` };
    expectProblem(await call("GET", acme.at, undefined, { ...forged, ...later }), 401);
    expectProblem(await call("GET", acme.at, undefined, { ...as(beta.admin), ...later }), 404);
    expectProblem(await call("GET", acme.at, undefined, later), 412, "stale_revision");
  });

  test("[R34] an answer given outside a key's reach", async () => {
    const wide = await newKey(acme.at, "manage");
    const narrow = await newKey(unit.at, "manage");
    const key = once();
    const ask = (token: string) =>
      call("PATCH", acme.at, { color: "red" }, { ...key, ...as(acme.admin, token) });
    expect((await ask(wide.token)).status).toBe(200);
    expectProblem(await ask(narrow.token), 404);
  });
});

describe("what lies beside an org", () => {
  test("a viewer learns of no resource of a sibling by its name", async () => {
    const viewer = await newMember(unit.at);
    const put = (id: string, who: string) =>
      call("PUT", `${unit.at}/resources/site/${id}`, {}, as(who));
    expectProblem(await put("secret", viewer.email), 403);
    expectProblem(await put("nonesuch", viewer.email), 403);
    expectProblem(await put("secret", unit.admin), 409, "conflict");
  });

  test("an import stands in the history of the org that it was asked under", async () => {
    const rows = [
      { type: "site", id: "secret", name: "Renamed" },
      { type: "site", id: "of-the-root" },
    ];
    const body = rows.map((row) => JSON.stringify(row)).join("\n");
    const sent = { "content-type": "application/x-ndjson" };
    const reply = await call("POST", `${acme.at}/resources/import`, body, sent);
    expect(reply.body.items).toMatchObject([{ status: 200 }, { status: 201 }]);
    const told = await call("GET", `${sibling.at}/changes`, undefined, as(sibling.admin));
    expect(JSON.stringify(told.body)).not.toContain("of-the-root");
  });

  test("an external id stands for its person where it was given and below, not above", async () => {
    const externalId = crypto.randomUUID();
    const mallory = await newMember(unit.at, "admin");
    const made = await call(
      "POST",
      `${unit.at}/members`,
      { name: "Victim", email: acme.admin, externalId },
      as(mallory.email),
    );
    expect(made.status).toBe(201);
    await call("PUT", `${unit.at}/resources/site/in-unit`, {});
    expect(await may(acme.id, acme.admin, "delete", "site:hq")).toBe(true);
    expect(await may(acme.id, externalId, "delete", "site:hq")).toBe(false);
    expect(await may(acme.id, externalId, "view", "site:in-unit")).toBe(true);
    const { token } = await newKey(acme.at, "manage");
    expectProblem(await call("GET", `${acme.at}/keys`, undefined, as(externalId, token)), 404);
  });

  test("[R18] a rule names nothing that its share does not reach", async () => {
    const offer = { to: { org: beta.id }, role: "viewer", scope: { tags: ["North"] } };
    const share = (await call("POST", `${acme.at}/shares`, offer)).body.id;
    const at = `${beta.at}/received-shares/${share}`;
    await call("POST", `${at}/accept`, {});
    const rule = (ref: string) =>
      call("POST", `${at}/rules`, { to: "members", role: "viewer", scope: { resources: [ref] } });
    const [hidden, none] = [await rule("site:secret"), await rule("site:nonesuch")];
    expectProblem(hidden, 422, "invalid");
    expect(hidden.body.detail.replace("secret", "nonesuch")).toBe(none.body.detail);
    expect((await rule("site:hq")).status).toBe(201);
  });

  test("leaving a share tells nobody whether another org accepted it", async () => {
    const offer = { to: { org: unit.id }, role: "viewer", scope: { all: true } };
    const share = (await call("POST", `${beta.at}/shares`, offer)).body.id;
    await call("POST", `${unit.at}/received-shares/${share}/accept`, {});
    const leave = (who: string) => call("DELETE", `/v1/me/access/${share}`, undefined, as(who));
    const outsider = await newMember(sibling.at);
    expectProblem(await leave(outsider.email), 404);
    expectProblem(await leave(unit.admin), 409, "conflict");
  });
});

test("[R8] accepting is for who was asked", async () => {
  const made = await call("POST", `${acme.at}/members`, {
    name: "Asked",
    email: someone("asked"),
    role: "viewer",
    scope: { all: true },
  });
  const other = await newMember(acme.at);
  const path = `/v1/me/access/${made.body.id}/accept`;
  expectProblem(await call("POST", path, {}, as(other.email)), 404);
  await accept(made.body.id, made.body.email);
});
