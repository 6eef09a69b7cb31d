import { beforeAll, describe, expect, test } from "vitest";
import { as, call, expectProblem, newMember, newOrg, someone } from "../support/http.ts";

/* The limits of a request's form: each is refused by its own code, and named with its number. */

type Org = Awaited<ReturnType<typeof newOrg>>;
let acme: Org;
beforeAll(async () => {
  acme = await newOrg("Acme");
  for (const id of ["a", "b"]) await call("PUT", `${acme.at}/resources/site/${id}`, {});
});

const many = <T>(n: number, each: (index: number) => T): T[] =>
  Array.from({ length: n }, (_, index) => each(index));
const viewer = { role: "viewer", scope: { all: true } };
const imported = (list: string, text: string, sent = {}) =>
  call("POST", `${acme.at}/${list}/import`, text, {
    "content-type": "application/x-ndjson",
    ...sent,
  });

describe("past a limit", () => {
  const evaluation = {
    subject: { type: "user", id: "x" },
    action: { name: "view" },
    resource: { type: "site", id: "a" },
  };
  const cases: readonly [string, string, string, unknown, string, number][] = [
    ["tags of a resource", "PUT", "/resources/site/x", { tags: many(65, String) }, "/tags", 64],
    [
      "tags of a scope",
      "POST",
      "/grants",
      { to: "members", role: "viewer", scope: { tags: many(65, String) } },
      "/scope/tags",
      64,
    ],
    [
      "resources of a scope",
      "POST",
      "/shares",
      {
        to: { email: "x@people.example", name: "X" },
        role: "viewer",
        scope: { resources: many(1_001, (n) => `site:${n}`) },
      },
      "/scope/resources",
      1_000,
    ],
    ["a name", "PATCH", "", { name: "x".repeat(201) }, "/name", 200],
    ["a tag", "PUT", "/resources/site/x", { tags: ["x".repeat(201)] }, "/tags/0", 200],
    ["an id", "PUT", `/resources/site/${"x".repeat(201)}`, {}, "/id", 200],
    [
      "properties",
      "POST",
      "/batch",
      {
        edits: [
          {
            method: "PUT",
            path: "/v1/orgs/ORG/resources/site/x",
            body: { properties: { a: "x".repeat(70_000) } },
          },
        ],
      },
      "/edits/0/body/properties",
      65_536,
    ],
    [
      "edits of a batch",
      "POST",
      "/batch",
      { edits: many(1_001, () => ({ method: "PATCH", path: "/v1/orgs/1", body: {} })) },
      "/edits",
      1_000,
    ],
  ];

  test.each(cases)("%s", async (_, method, path, body, pointer, number) => {
    const sent = JSON.parse(JSON.stringify(body).replaceAll("ORG", String(acme.id)));
    const reply = await call(method, acme.at + path, sent);
    expectProblem(reply, 422, "limit");
    expect(reply.body.errors[0].pointer).toBe(pointer);
    expect(reply.body.detail).toMatch(new RegExp(`\\b${number}\\b`));
  });

  test("evaluations of a request", async () => {
    const body = { ...evaluation, evaluations: many(101, () => ({})) };
    const reply = await call("POST", `/orgs/${acme.id}/access/v1/evaluations`, body);
    expectProblem(reply, 422, "limit");
    expect(reply.body.detail).toMatch(/\b100\b/);
  });

  test("up to it, all is well; what is malformed as well stays malformed", async () => {
    const tags = many(64, (n) => `t${n}`);
    const at = `${acme.at}/resources/site/${"y".repeat(200)}`;
    expect((await call("PUT", at, { name: "x".repeat(200), tags })).status).toBe(201);
    const grant = { to: "members", role: "viewer", scope: { tags } };
    expect((await call("POST", `${acme.at}/grants`, grant)).status).toBe(201);
    const odd = { ...grant, scope: { tags: many(65, String), all: true } };
    expectProblem(await call("POST", `${acme.at}/grants`, odd), 400, "invalid");
  });
});

describe("nested too deeply", () => {
  const deep = (levels: number) =>
    `{"properties":{"a":${"[".repeat(levels)}${"]".repeat(levels)}}}`;

  test("a body is malformed, and strings nest nothing", async () => {
    const at = `${acme.at}/resources/site/deep`;
    expectProblem(await call("PUT", at, deep(20_000)), 400, "invalid");
    expectProblem(await call("PUT", at, deep(300)), 400, "invalid");
    expect((await call("PUT", at, deep(200))).status).toBe(201);
    const text = { properties: { a: '["\\'.repeat(2_000) } };
    expect((await call("PUT", at, text)).body.properties).toEqual(text.properties);
  });

  test("a check is malformed", async () => {
    const body = `{"subject":{"type":"user","id":"x"},"action":{"name":"view"},"resource":{"type":"site","id":"a"},"context":${deep(100_000)}}`;
    const reply = await call("POST", `/orgs/${acme.id}/access/v1/evaluation`, body);
    expectProblem(reply, 400, "invalid");
  });

  test("a row is refused, and those beside it are not", async () => {
    const row = (id: string, more: string) => `{"type":"site","id":"${id}",${more.slice(1)}\n`;
    const reply = await imported("resources", row("d1", deep(20_000)) + row("d2", deep(1)));
    expect(reply.body.items).toMatchObject([{ status: 400 }, { status: 201 }]);
  });
});

describe("imports", () => {
  test("[R9] who is no admin imports no members; to a stranger nothing exists", async () => {
    const member = await newMember(acme.at, "collaborator");
    const row = `{"email":"${someone()}"}\n`;
    expectProblem(await imported("members", row, as(member.email)), 403, "forbidden");
    expectProblem(await imported("members", row, as(someone())), 404, "not_found");
    const wrong = { ...as(someone()), "content-type": "text/plain" };
    expectProblem(await imported("resources", row, wrong), 404, "not_found");
    const made = await imported("resources", `{"type":"site","id":"own"}\n`, as(member.email));
    expect(made.body.items).toMatchObject([{ status: 201 }]);
  });

  test("a row has a length of its own", async () => {
    const long = "x".repeat(300_000);
    const row = (id: string, name: string) => JSON.stringify({ type: "site", id, name }) + "\n";
    const reply = await imported("resources", row("l1", "One") + row("l2", long));
    expect(reply.body.items).toMatchObject([{ status: 201 }, { status: 413, code: "too_large" }]);
    expect(reply.body.items[1].detail).toContain("262144");
    const csv = await call(
      "POST",
      `${acme.at}/resources/import`,
      `type,id,name\nsite,l3,${long}\n`,
      {
        "content-type": "text/csv",
      },
    );
    expect(csv.body.items).toMatchObject([{ row: 1, status: 400 }]);
  });

  test("an id that no path can hold is malformed", async () => {
    const rows = [".", "..", "..."].map((id) => JSON.stringify({ type: "site", id })).join("\n");
    const reply = await imported("resources", rows);
    expect(reply.body.items).toMatchObject([{ status: 400 }, { status: 400 }, { status: 201 }]);
  });
});

test("an instant lies before the year 10000", async () => {
  const grant = { to: "members", ...viewer, expiresAt: "9999-12-31T23:59:59-23:59" };
  expectProblem(await call("POST", `${acme.at}/grants`, grant), 400, "invalid");
});

test("[R13] a person may hold a hundred grants, and still sees what they reach", async () => {
  const org = await newOrg("Many");
  const sites = many(101, (n) => JSON.stringify({ type: "site", id: `s${n}`, tags: [`t${n}`] }));
  const sent = { "content-type": "application/x-ndjson" };
  await call("POST", `${org.at}/resources/import`, sites.join("\n"), sent);
  const email = someone("many");
  const grants = many(100, (n) => ({
    role: ["viewer", "commenter", "collaborator"][n % 3],
    scope: n % 2 ? { tags: [`T${n}`] } : { resources: [`site:s${n}`] },
  }));
  const row = JSON.stringify({ email, status: "active", grants });
  expect((await call("POST", `${org.at}/members/import`, row, sent)).body.items).toMatchObject([
    { status: 201 },
  ]);
  const seen = await call("GET", `${org.at}/resources?limit=1000`, undefined, as(email));
  expect(seen.body.items.map(({ id }: { id: string }) => id)).toEqual(many(100, (n) => `s${n}`));
  const own = await call("GET", "/v1/me/access", undefined, as(email));
  expect(own.body.items).toMatchObject([{ kind: "member", resources: 100 }]);
});

test("one resource is shared with at most 200 organisations", async () => {
  const owner = await newOrg("Owner");
  const partner = await newOrg("Partner");
  for (const [id, tags] of Object.entries({ hq: ["North"], depot: ["South"], both: ["N2", "S2"] }))
    await call("PUT", `${owner.at}/resources/site/${id}`, { tags });
  const orgs: number[] = [];
  for (let n = 0; n < 201; n++)
    orgs.push((await call("POST", "/v1/orgs", { name: `P${n}`, parent: partner.id })).body.id);
  const share = (org: number | undefined, scope: unknown) => ({
    method: "POST",
    path: `${owner.at}/shares`,
    body: { to: { org }, role: "viewer", scope },
  });
  const offer = (n: number, scope: unknown) =>
    call("POST", `${owner.at}/shares`, share(orgs[n], scope).body);
  const edits = orgs
    .slice(0, 200)
    .map((org, n) => share(org, n % 2 ? { tags: ["NORTH"] } : { resources: ["site:hq"] }));
  expect((await call("POST", `${owner.at}/batch`, { edits })).status).toBe(200);

  const refused = await offer(200, { tags: ["north"] });
  expectProblem(refused, 422, "limit");
  expect(refused.body.detail).toMatch(/\b200\b/);
  expectProblem(await offer(200, { resources: ["site:hq"] }), 422, "limit");
  expectProblem(await offer(200, { all: true }), 422, "limit");
  // Another resource has few receivers yet, and who has a share may have another one.
  const south = await offer(200, { tags: ["South"] });
  expect(south.status).toBe(201);
  const at = `${owner.at}/shares/${south.body.id}`;
  expectProblem(await call("PATCH", at, { scope: { all: true } }), 422, "limit");
  expect((await offer(0, { all: true })).status).toBe(201);
  // A place that becomes free can be taken.
  const list = await call("GET", `${owner.at}/shares?limit=1000`);
  const one = list.body.items.find((item: { to: { org: number } }) => item.to.org === orgs[5]);
  expect((await call("DELETE", `${owner.at}/shares/${one.id}`)).status).toBe(204);
  expect((await call("PATCH", at, { scope: { all: true } })).status).toBe(200);
});

test("[R34] an answer too long to be kept is no fault, and is given where none is to be kept", async () => {
  const edits = many(16, (n) => ({
    method: "PUT",
    path: `${acme.at}/resources/site/long${n}`,
    body: { properties: { a: '"'.repeat(30_000) } },
  }));
  const key = { "idempotency-key": crypto.randomUUID() };
  expectProblem(await call("POST", `${acme.at}/batch`, { edits }, key), 422, "limit");
  expect((await call("POST", `${acme.at}/batch`, { edits })).status).toBe(200);
});

test("[R34] a repeated import gets the first answers", async () => {
  const rows = many(3, (n) => JSON.stringify({ type: "site", id: `again${n}` })).join("\n");
  const sent = { "idempotency-key": crypto.randomUUID() };
  const [first, second] = [
    await imported("resources", rows, sent),
    await imported("resources", rows, sent),
  ];
  expect(first.body.items).toMatchObject(many(3, (n) => ({ status: 201, id: `again${n}` })));
  expect(second.body).toEqual(first.body);
});
