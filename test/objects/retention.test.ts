import { expect, test } from "vitest";
import { forgetSettled } from "../../src/store/retention.ts";
import { call, newOrg } from "../support/http.ts";
import { DB } from "./record.ts";

const DAY = 86_400_000;
const count = async (table: string, where: string) =>
  (await DB.prepare(`select count(*) as n from ${table} where ${where}`).first<{ n: number }>())?.n;

test("what was told is forgotten long after, but for what still says something", async () => {
  const org = await newOrg("Old");
  const { body: hook } = await call("POST", `${org.at}/webhooks`, { url: "http://127.0.0.1:9/x" });
  const now = Date.now();
  const mail = (id: string, status: string, at: number) =>
    DB.prepare(
      `insert into mails (id, tree, org, email, kind, data, status, attempts, at, settledAt)
       values (?, ?, ?, 'old@people.example', 'grant.added', '{}', ?, 1, ?, ?)`,
    ).bind(id, org.id, org.id, status, at, at);
  const delivery = (sequence: number, status: string, at: number) =>
    DB.prepare(
      `insert into deliveries (id, tree, webhook, sequence, event, data, at, status, attempts, nextAt)
       values (?, ?, ?, ?, 'grant.added', '{}', ?, ?, 1, null)`,
    ).bind(`msg_${org.id}_${sequence}`, org.id, hook.id, sequence, at, status);
  await DB.batch([
    mail(`old-${org.id}-1`, "sent", now - 91 * DAY),
    mail(`old-${org.id}-2`, "sent", now - 89 * DAY),
    mail(`old-${org.id}-3`, "suppressed", now - 91 * DAY),
    mail(`old-${org.id}-4`, "uncertain", now - 91 * DAY),
    delivery(101, "delivered", now - 31 * DAY),
    delivery(102, "pending", now - 31 * DAY),
    delivery(103, "failed", now - 31 * DAY),
    delivery(104, "delivered", now - 31 * DAY),
    DB.prepare(
      `insert into deliveryAttempts (delivery, n, at, status, durationMs) values (?, 1, ?, 200, 5)`,
    ).bind(`msg_${org.id}_101`, now),
  ]);
  await forgetSettled(DB, now);
  expect(await count("mails", `id like 'old-${org.id}-%'`)).toBe(3);
  expect(await count("mails", `id = 'old-${org.id}-1'`)).toBe(0);
  const left = await DB.prepare(
    `select sequence from deliveries where webhook = ? order by sequence`,
  )
    .bind(hook.id)
    .all<{ sequence: number }>();
  // The last one stays: the endpoint's sequence goes on from it.
  expect(left.results.map(({ sequence }) => sequence)).toEqual([102, 104]);
  expect(await count("deliveryAttempts", `delivery = 'msg_${org.id}_101'`)).toBe(0);
});
