import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  call,
  DB,
  evict,
  expectSliceIsRecord,
  expectWhole,
  inside,
  objectOf,
  recordRows,
} from "./record.ts";

/*
 * What remains of a deleted org is purged in steps [R24, R32]. Whatever happens between two of them,
 * the object goes on where it was, and both stores end without a trace of it.
 */

let root = 0;
let mid = 0;
beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  root = await org("Root");
  mid = await org("Mid", root);
  const leaf = await org("Leaf", mid);
  await fill(root);
  await fill(mid);
  await fill(leaf);
});
afterEach(() => void vi.restoreAllMocks());

const post = async (path: string, body: unknown, headers = {}) => {
  const reply = await call("POST", path, body, headers);
  expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(300);
  return reply.body;
};

const org = async (name: string, parent?: number): Promise<number> =>
  (await post("/v1/orgs", { name, ...(parent ? { parent } : {}) })).id;

const RESOURCES = 900;

/** More resources than a step takes, and something in every table. */
async function fill(id: number): Promise<void> {
  const at = `/v1/orgs/${id}`;
  const terms = { role: "viewer", scope: { all: true } };
  const email = `member-${id}@people.example`;
  const member = await post(`${at}/members`, { name: "M", email, ...terms });
  await post(`/v1/me/access/${member.id}/accept`, {}, { "on-behalf-of": email });
  await post(`${at}/keys`, { name: "key" });
  const lines = Array.from({ length: id === root ? 3 : RESOURCES }, (_, n) =>
    JSON.stringify({ type: "site", id: `${id}-${n}`, tags: ["North"] }),
  );
  const half = lines.length >> 1;
  for (const part of [lines.slice(0, half), lines.slice(half)])
    await post(`${at}/batch`, {
      edits: part.map((line) => {
        const { type, id: name, ...body } = JSON.parse(line);
        return { method: "PUT", path: `${at}/resources/${type}/${name}`, body };
      }),
    });
  const partner = await org("Partner");
  await post(`${at}/shares`, { to: { org: partner }, ...terms });
  const share = await post(`/v1/orgs/${partner}/shares`, { to: { org: id }, ...terms });
  await post(`${at}/received-shares/${share.id}/accept`, {});
  await rowsInSilence(id, member.id);
}

/** Rows of tables for which there is no request here, told to both stores as an edit would. */
async function rowsInSilence(id: number, member: string): Promise<void> {
  const { commit } = await import("../../src/store/record.ts");
  const tree = root;
  const position = await DB.prepare(`select revision, epoch from trees where tree = ?`)
    .bind(tree)
    .first<{ revision: number; epoch: number }>();
  const resource = await DB.prepare(`select key from resources where org = ? limit 1`)
    .bind(id)
    .first<{ key: number }>();
  if (!position || !resource) throw new Error("no tree");
  const by = { tree, createdBy: "platform", createdAt: 1 };
  const team = { id: `tem_${tree}_x_${id}`, tree, org: id, name: "Team" };
  const rows = [
    ["teams", team],
    ["teamMembers", { tree, team: team.id, member }],
    ["freezes", { tree, org: id, partner: 0, reason: null, by: "platform", at: 1 }],
    [
      "links",
      { id: `lnk_${tree}_x_${id}`, org: id, key: resource.key, hash: "x", expiresAt: null, ...by },
    ],
    ["libraries", { tree, org: id, name: "L", body: "[]" }],
    [
      "collaborations",
      {
        tree,
        id: `col_${tree}_x_${id}`,
        org: id,
        withOrg: 1,
        withTree: 1,
        status: "asked",
        by: "x",
        at: 1,
      },
    ],
  ] as const;
  await commit(DB, {
    tree,
    ...position,
    attempt: crypto.randomUUID(),
    org: id,
    at: Date.now(),
    actor: "platform",
    what: "test",
    reason: null,
    events: [],
    notices: [],
    rows: rows.map(([table, after]) => ({ table, before: null, after }) as never),
    answer: null,
  });
  // The object is stale now: its next edit fails at the guard, and it catches up.
  await call("PATCH", `/v1/orgs/${id}`, { color: "red" });
}

const remains = async (): Promise<number> =>
  (await DB.prepare(
    `select (select count(*) from resources where org <> ?1 and tree = ?1) + (select count(*) from orgs where deletedAt is not null and tree = ?1) as n`,
  )
    .bind(root)
    .first<number>("n")) ?? -1;

/** The alarm, until it has nothing more to do. */
async function purged(): Promise<void> {
  for (let n = 0; n < 100 && (await remains()) > 0; n++) {
    await runDurableObjectAlarm(objectOf(root));
    if ((await remains()) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await remains()).toBe(0);
}

const remove = (id: number, confirm: string) => call("DELETE", `/v1/orgs/${id}`, { confirm });

async function expectOnly(orgs: readonly number[]): Promise<void> {
  for (const [table, rows] of Object.entries(await recordRows(root))) {
    if (table === "people" && orgs.length > 0) continue;
    const left = rows.filter((row) => !("org" in row) || !orgs.includes(Number(row["org"])));
    const others =
      table === "orgs" ? left.filter((row) => !orgs.includes(Number(row["id"]))) : left;
    const own = table === "teamMembers" && orgs.length > 0 ? others.slice(orgs.length) : others;
    expect(own, table).toEqual([]);
  }
}

/** From the n-th batch from now on the database answers nothing; that one may have been made. */
function dying(at: number, made: boolean): D1Database {
  let n = 0;
  const dead = () => Promise.reject(new Error("D1 is not reachable"));
  const nothing = { bind: () => nothing, first: dead, all: dead, run: dead, raw: dead };
  const batch = async (statements: D1PreparedStatement[]) => {
    const now = n++;
    if (now < at) return DB.batch(statements);
    if (now === at && made) await DB.batch(statements);
    return dead();
  };
  const prepare = (sql: string) => (n > at ? nothing : DB.prepare(sql));
  return { prepare, batch } as unknown as D1Database;
}

test("[R24] nothing of a deleted org remains, in steps of at most 500 rows", async () => {
  expect((await remove(mid, "Mid")).status).toBe(204);
  await purged();
  await expectOnly([root]);
  await expectWhole(root);
  const steps = await DB.prepare(
    `select (select sum(json_array_length(rows)) from changeRows r where r.tree = c.tree and r.revision = c.revision) as n, actor from changes c where tree = ? and what = 'org.purge'`,
  )
    .bind(root)
    .all<{ n: number; actor: string }>();
  expect(steps.results.length).toBeGreaterThan(2);
  for (const step of steps.results) {
    expect(step.n).toBeLessThanOrEqual(500);
    expect(step.actor).toBe("latchkey");
  }
  // The number stays taken, and nothing answers to it.
  expect((await call("GET", `/v1/orgs/${mid}`)).status).toBe(404);
  expect(await org("Next")).toBeGreaterThan(mid);
});

test("[R24] a whole tree goes with its root", async () => {
  expect((await remove(root, "Root")).status).toBe(204);
  await purged();
  await expectOnly([]);
  await expectWhole(root);
  expect((await call("GET", `/v1/orgs/${root}`)).status).toBe(404);
});

for (const made of [false, true])
  test.each([1, 2, 3])(
    `[R24, R33] a purge that dies at step %i (${made ? "made" : "not made"}) goes on after a new start`,
    async (step) => {
      await inside(root, (object) => void (object.db = dying(step, made)));
      expect((await remove(mid, "Mid")).status).toBe(204);
      await runDurableObjectAlarm(objectOf(root));
      expect(await remains()).toBeGreaterThan(0);
      await evict(root);
      expect((await call("GET", `/v1/orgs/${mid}`)).status).toBe(404);
      await purged();
      await expectOnly([root]);
      await expectWhole(root);
    },
  );

test("[R24] a tombstone is found again without its alarm, and without the slice", async () => {
  await inside(root, (object) => void (object.db = dying(1, false)));
  expect((await remove(mid, "Mid")).status).toBe(204);
  expect(await remains()).toBeGreaterThan(RESOURCES);
  await inside(root, async (_, { storage }) => {
    await storage.deleteAlarm();
    await storage.deleteAll();
  });
  await evict(root);
  expect((await call("GET", `/v1/orgs/${mid}`)).status).toBe(404);
  expect((await call("GET", `/v1/orgs/${root}`)).status).toBe(200); // this wakes it
  await purged();
  await expectOnly([root]);
  await expectWhole(root);
});

test("[R32] edits go on between the steps of a purge", async () => {
  expect((await remove(mid, "Mid")).status).toBe(204);
  const running = purged();
  for (let n = 0; n < 20; n++) {
    const at = `/v1/orgs/${root}/resources/site/${n % 2 ? `${mid}-${n}` : n}`;
    expect((await call("PUT", at, {})).status).toBe(201);
  }
  await running;
  await expectWhole(root);
});

test("[R24] a tree of 10,000 orgs takes no more, and goes in one edit and twenty steps", async () => {
  await DB.prepare(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < 9997)
     insert into orgs (id, tree, parent, name, isDefault, settings, createdAt)
     select 5000000 + i, ?1, case when i % 10 = 1 then ?2 else 4999999 + i end, 'N', 0, '{}', 1 from n`,
  )
    .bind(root, mid)
    .run();
  expect((await call("POST", `/v1/orgs/${root}/rebuild`)).status).toBe(200);
  const more = await call("POST", "/v1/orgs", { name: "One more", parent: root });
  expect(more).toMatchObject({ status: 422, body: { code: "limit" } });
  expect(more.body.detail).toContain("10000");
  const shown = await call("DELETE", `/v1/orgs/${mid}`);
  expect(shown.body.preview).toMatchObject({ orgs: 9999, resources: 2 * RESOURCES });
  expect((await remove(mid, "Mid")).status).toBe(204);
  expect((await call("GET", `/v1/orgs/${root}/tree`)).body.items).toHaveLength(1);
  expect((await call("POST", "/v1/orgs", { name: "One more", parent: root })).status).toBe(201);
  await purged();
  await expectSliceIsRecord(root);
});
