import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { deliver, type WebhookPorts } from "../../src/doors/queues/webhooks.ts";
import { claimDelivery, hasDelivered, settleDelivery } from "../../src/store/webhooks.ts";
import { call, newOrg } from "../support/http.ts";
import { seeded } from "../sim/random.ts";

/* Deliveries on their way: real D1 and objects; faults come from ports and a receiver that fail. */

const { DB } = env as unknown as { DB: D1Database };
const EDITS = 1_000;

test("[R33] after a thousand edits and a faulty consumer, each event was delivered at least once", async () => {
  const random = seeded(20261);
  const org = await newOrg("Ledger");
  const hook = { url: "http://127.0.0.1:9/ledger", events: ["resource.created"] };
  const webhook: string = (await call("POST", `${org.at}/webhooks`, hook)).body.id;
  const names = Array.from({ length: EDITS }, (_, n) => `r${n}`);
  const waiting = [...names];
  const work = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
      expect((await call("PUT", `${org.at}/resources/site/${id}`, {})).status).toBe(201);
  };
  await Promise.all(Array.from({ length: 8 }, work));

  const received = new Map<string, { id: string; sequence: number }[]>();
  const receiver = vi.spyOn(globalThis, "fetch").mockImplementation(async (_, init) => {
    if (random.chance(0.2)) throw new Error("connection lost");
    if (random.chance(0.2)) return new Response(null, { status: 500 });
    const headers = new Headers(init?.headers as HeadersInit);
    const body = JSON.parse(init?.body as string) as { sequence: number; data: { id: string } };
    const known = received.get(body.data.id) ?? [];
    known.push({ id: headers.get("webhook-id") ?? "", sequence: body.sequence });
    received.set(body.data.id, known);
    return new Response(null, { status: 204 });
  });
  const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
  const ports: WebhookPorts = {
    rootKey: "root",
    local: true,
    claim: (id, until) =>
      random.chance(0.05)
        ? Promise.reject(new Error("D1 is away"))
        : claimDelivery(DB, id, Date.now(), until),
    // A consumer that dies after the receiver has answered: the event comes once more.
    settle: (...what) =>
      random.chance(0.05) ? Promise.reject(new Error("crash")) : settleDelivery(DB, ...what),
    hasDelivered: async (...what) => hasDelivered(DB, ...what),
    disable: () => Promise.reject(new Error("nothing failed for so long")),
    again: () => Promise.reject(new Error("the queue is away")),
  };
  try {
    for (let round = 0; round < 200; round++) {
      const { results } = await DB.prepare(`select id, status from deliveries where webhook = ?`)
        .bind(webhook)
        .all<{ id: string; status: string }>();
      const due = results.filter(({ status }) => status === "pending");
      if (results.length === EDITS && due.length === 0) break;
      // Time passes: what waits or was left claimed is due.
      await DB.prepare(
        `update deliveries set nextAt = 0, attempts = 0 where webhook = ? and status = 'pending'`,
      )
        .bind(webhook)
        .run();
      for (let from = 0; from < due.length; from += 100) {
        const messages = due.slice(from, from + 100).map(({ id }, n) => ({
          id: `${n}`,
          timestamp: new Date(),
          attempts: 1,
          body: id,
        }));
        const batch = createMessageBatch<string>("latchkey-webhooks", messages);
        await deliver(batch, ports).catch(() => undefined);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    receiver.mockRestore();
    quiet.mockRestore();
  }
  expect([...received.keys()].toSorted()).toEqual(names.toSorted());
  const all = [...received.values()];
  for (const repeats of all) expect(new Set(repeats.map(({ id }) => id)).size).toBe(1);
  const sequences = all.map(([one]) => one?.sequence ?? 0).toSorted((a, b) => a - b);
  expect(sequences).toEqual(names.map((_, n) => n + 1));
  expect(all.some((repeats) => repeats.length > 1)).toBe(true);
}, 120_000);
