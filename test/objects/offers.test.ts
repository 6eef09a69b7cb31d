import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AccessMapRpc } from "../../src/commands/rpc.ts";
import { call, DB, evict, expectWhole, inside, objectOf } from "./record.ts";

/*
 * An offer is told to its receiver after the owner's commit [R16, R31]. Whatever happens in between,
 * it is told: the object keeps what it has not told yet, and an alarm that was set before the commit.
 */

let owner = 0;
let receiver = 0;
beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {}); // the faults are logged, as they should be
  owner = (await call("POST", "/v1/orgs", { name: "Owner" })).body.id;
  receiver = (await call("POST", "/v1/orgs", { name: "Receiver" })).body.id;
  const { id } = (await call("POST", `/v1/orgs/${owner}/collaborations`, { with: receiver })).body;
  await call("POST", `/v1/orgs/${receiver}/collaborations/${id}/accept`, {});
  const set = await call("PATCH", `/v1/orgs/${receiver}`, { autoAccept: "viewer" });
  expect(set.status).toBe(200);
});
afterEach(() => void vi.restoreAllMocks());

const offer = () =>
  call("POST", `/v1/orgs/${owner}/shares`, {
    to: { org: receiver },
    role: "viewer",
    scope: { all: true },
  });

const received = async (): Promise<string[]> =>
  (await call("GET", `/v1/orgs/${receiver}/received-shares`)).body.items.map(
    (one: { status: string }) => one.status,
  );

const untold = () =>
  inside(owner, ({ replica }) => replica.slice.all(`select share from offers`).length);

test("an object that is gone before it told: the alarm tells", async () => {
  await inside(owner, (object) => {
    const objects = object as unknown as { object(tree: number): AccessMapRpc };
    const reach = objects.object.bind(object);
    objects.object = (tree) => ({
      ...({} as AccessMapRpc),
      statuses: (ids) => reach(tree).statuses(ids),
      describeOrg: (org) => reach(tree).describeOrg(org),
      hearOffer: () => Promise.reject(new Error("gone before it told")),
    });
  });
  expect(await offer()).toMatchObject({ status: 201, body: { status: "pending" } });
  expect(await untold()).toBe(1);
  await evict(owner);
  expect(await received()).toEqual(["pending"]);
  expect(await runDurableObjectAlarm(objectOf(owner))).toBe(true);
  expect(await received()).toEqual(["active"]);
  expect(await untold()).toBe(0);
  for (const tree of [owner, receiver]) await expectWhole(tree);
});

test("an object that dies between commit and apply: the alarm catches up and tells", async () => {
  await inside(owner, (object) => {
    const fail = () => Promise.reject(new Error("D1 is not reachable"));
    const statement = { bind: () => statement, first: fail, all: fail, run: fail, raw: fail };
    const dead = { prepare: () => statement, batch: fail } as unknown as D1Database;
    object.db = {
      prepare: (sql: string) => DB.prepare(sql),
      batch: async (statements: D1PreparedStatement[]) => {
        await DB.batch(statements);
        object.db = dead;
        throw new Error("the object dies here");
      },
    } as unknown as D1Database;
  });
  expect(await offer()).toMatchObject({ status: 503 });
  await evict(owner);
  expect(await received()).toEqual(["pending"]);
  expect(await runDurableObjectAlarm(objectOf(owner))).toBe(true);
  expect(await received()).toEqual(["active"]);
  for (const tree of [owner, receiver]) await expectWhole(tree);
});

test("an offer told twice is taken once", async () => {
  const { body } = await offer();
  expect(body.status).toBe("active");
  const before = await call("GET", `/v1/orgs/${receiver}`);
  expect(await objectOf(receiver).hearOffer(body.id, receiver)).toBe(true);
  expect((await call("GET", `/v1/orgs/${receiver}`)).revision).toBe(before.revision);
});
