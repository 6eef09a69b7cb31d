import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { call, newMember, newOrg } from "../support/http.ts";
import { DB, evict, expectWhole, inside, objectOf } from "./record.ts";

const DAY = 86_400_000;
beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});
const pass = (days: number) => vi.setSystemTime(Date.now() + days * DAY);
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();

async function announced(org: {
  at: string;
}): Promise<{ name: string; data: { grant: string } }[]> {
  const { body } = await call("GET", `${org.at}/changes`);
  return body.items
    .filter((change: { what: string }) => change.what === "expiry.announce")
    .flatMap((change: { events: unknown[] }) => change.events);
}

test("whatever ends at one instant is announced, however much it is", async () => {
  const org = await newOrg("Year end");
  await call("PATCH", org.at, { reminderDays: [] });
  const end = inDays(1);
  const rows = Array.from({ length: 450 }, (_, n) =>
    JSON.stringify({
      email: `one${n}@year.example`,
      status: "active",
      grants: [{ role: "viewer", scope: { all: true }, expiresAt: end }],
    }),
  ).join("\n");
  await call("POST", `${org.at}/members/import`, rows, { "content-type": "application/x-ndjson" });
  pass(2);
  await objectOf(org.id).keepTime();
  const said = await announced(org);
  expect(said.length).toBe(450);
  expect(new Set(said.map(({ data }) => data.grant)).size).toBe(450);
  await expectWhole(org.id);
});

test("what ends while much that ended before is announced is not passed over", async () => {
  const org = await newOrg("After the year");
  await call("PATCH", org.at, { reminderDays: [] });
  const row = (email: string, expiresAt: string) =>
    JSON.stringify({
      email,
      status: "active",
      grants: [{ role: "viewer", scope: { all: true }, expiresAt }],
    });
  const [first, then] = [inDays(1), inDays(1.5)];
  const rows = Array.from({ length: 450 }, (_, n) => row(`one${n}@later.example`, first));
  rows.push(row("late@later.example", then));
  await call("POST", `${org.at}/members/import`, rows.join("\n"), {
    "content-type": "application/x-ndjson",
  });
  pass(2);
  await objectOf(org.id).keepTime();
  expect((await announced(org)).length).toBe(451);
});

test("an announcement whose answer was lost, and whose object died, is made once", async () => {
  const org = await newOrg("Dying");
  await call("PATCH", org.at, { reminderDays: [] });
  const member = await newMember(org.at);
  await call("PATCH", `${org.at}/grants/${member.grant}`, { expiresAt: inDays(2) });
  pass(3);
  vi.spyOn(console, "error").mockImplementation(() => {});
  const dead = {
    prepare: (sql: string) => DB.prepare(sql),
    batch: async (batch: D1PreparedStatement[]) => {
      await DB.batch(batch);
      throw new Error("died");
    },
  } as unknown as D1Database;
  await inside(org.id, (object) => void (object.db = dead));
  await objectOf(org.id)
    .keepTime()
    .catch(() => undefined);
  await evict(org.id);
  await runDurableObjectAlarm(objectOf(org.id));
  await objectOf(org.id).keepTime();
  expect((await announced(org)).map(({ name }) => name)).toEqual(["grant.expired"]);
  await expectWhole(org.id);
});
