import { expect, test, vi } from "vitest";
import { call, DB, evict, expectWhole, inside } from "./record.ts";

/*
 * No table can be dropped while a cursor is open: one row read of several, the cursor left where it
 * was, and every rebuild fails with SQLITE_LOCKED until the cursor is collected.
 */
test("a slice can be rebuilt after a check of a person whom two shares may reach", async () => {
  const owner = (await call("POST", "/v1/orgs", { name: "Owner" })).body.id;
  const partner = (await call("POST", "/v1/orgs", { name: "Partner" })).body.id;
  await call("PUT", `/v1/orgs/${owner}/resources/site/hq`, {});
  const member = await call("POST", `/v1/orgs/${partner}/members`, {
    name: "Pia",
    email: "pia@p.example",
  });
  await call(
    "POST",
    `/v1/me/access/${member.body.id}/accept`,
    {},
    { "on-behalf-of": "pia@p.example" },
  );
  for (let n = 0; n < 2; n++) {
    const share = await call("POST", `/v1/orgs/${owner}/shares`, {
      to: { org: partner },
      role: "viewer",
      scope: { all: true },
    });
    const at = `/v1/orgs/${partner}/received-shares/${share.body.id}`;
    expect((await call("POST", `${at}/accept`, {})).status).toBe(200);
    const rule = { to: "members", role: "viewer", scope: { all: true } };
    expect((await call("POST", `${at}/rules`, rule)).status).toBe(201);
  }
  const check = () =>
    call("POST", `/orgs/${owner}/access/v1/evaluation`, {
      subject: { type: "user", id: "pia@p.example" },
      action: { name: "view" },
      resource: { type: "site", id: "hq" },
    });
  for (let n = 0; n < 10; n++) expect((await check()).body).toEqual({ decision: true });
  expect((await call("POST", `/v1/orgs/${owner}/rebuild`)).status).toBe(200);
  expect((await check()).body).toEqual({ decision: true });
  await expectWhole(owner);
});

/** The object's database, but that something happens once, before the first statement like this. */
const before = (like: string, happens: () => Promise<unknown>): D1Database => {
  let done = false;
  const all = async (statement: D1PreparedStatement) => {
    if (!done) {
      done = true;
      await happens();
    }
    return statement.all();
  };
  return {
    batch: DB.batch.bind(DB),
    prepare: (sql: string) =>
      sql.includes(like)
        ? { bind: (...values: unknown[]) => ({ all: () => all(DB.prepare(sql).bind(...values)) }) }
        : DB.prepare(sql),
  } as unknown as D1Database;
};

test("[R5] a rebuild follows a name that changes hands while it reads", async () => {
  const org = (await call("POST", "/v1/orgs", { name: "Busy" })).body.id;
  const site = `/v1/orgs/${org}/resources/site/hq`;
  await inside(org, (object) => {
    object.db = before(`from "orgs"`, async () => {
      for (const method of ["PUT", "DELETE", "PUT"])
        expect(
          (await call(method, site, method === "PUT" ? { tags: ["North"] } : undefined)).status,
        ).toBeLessThan(300);
    });
  });
  expect((await call("POST", `/v1/orgs/${org}/rebuild`)).status).toBe(200);
  await expectWhole(org);
});

test("of two rebuilds at once one is in vain, and the slice is whole", async () => {
  const org = (await call("POST", "/v1/orgs", { name: "Twice" })).body.id;
  await call("PUT", `/v1/orgs/${org}/resources/site/hq`, { tags: ["North"] });
  const ended = await inside(org, ({ replica }) => {
    const now = (swap: () => Promise<void>) => swap();
    return Promise.allSettled([replica.rebuild(now), replica.rebuild(now)]);
  });
  expect(ended.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  await expectWhole(org);
});

test("after its slice was lost, an owner asks receivers anew by itself", async () => {
  const owner = (await call("POST", "/v1/orgs", { name: "Owner" })).body.id;
  const partner = (await call("POST", "/v1/orgs", { name: "Partner" })).body.id;
  const offer = { to: { org: partner }, role: "viewer", scope: { all: true } };
  const share = (await call("POST", `/v1/orgs/${owner}/shares`, offer)).body.id;
  expect(
    (await call("POST", `/v1/orgs/${partner}/received-shares/${share}/accept`, {})).status,
  ).toBe(200);
  const unknown = () =>
    inside(owner, ({ replica }) => replica.slice.all(`select share from askableUnknown`).length);
  await inside(owner, ({ replica }) => {
    replica.slice.setMeta("fingerprint", "of another form");
  });
  await evict(owner);
  expect((await call("GET", `/v1/orgs/${owner}`)).status).toBe(200);
  await vi.waitFor(async () => expect(await unknown()).toBe(0), { timeout: 5_000 });
});
