import { createHmac } from "node:crypto";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { EVENTS } from "../../src/events.ts";
import { flawOf, isPublic } from "../../src/doors/queues/addresses.ts";
import { deliver, nextTryS, type WebhookPorts } from "../../src/doors/queues/webhooks.ts";
import { secretOf, signaturesOf } from "../../src/doors/queues/signing.ts";
import { as, call, expectProblem, newMember, newOrg } from "../support/http.ts";

const hook = (more = {}) => ({ url: "http://127.0.0.1:9/hook", ...more });
let org: Awaited<ReturnType<typeof newOrg>>;
beforeAll(async () => {
  org = await newOrg("Hooked");
});

async function delivered(webhook: string, count: number) {
  for (let tries = 0; tries < 100; tries++) {
    const { body } = await call("GET", `${org.at}/webhooks/${webhook}/deliveries`);
    if (
      body.items.length >= count &&
      body.items.every((one: { attempts: [] }) => one.attempts.length)
    )
      return body.items;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("no delivery was tried");
}

describe("an endpoint", () => {
  test("is made, shown without its secret, changed, rotated and removed", async () => {
    const made = await call("POST", `${org.at}/webhooks`, hook({ events: ["member.invited"] }));
    expect(made.status).toBe(201);
    const { id, secret } = made.body;
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    const at = `${org.at}/webhooks/${id}`;
    const shown = await call("GET", at);
    expect(shown.body).toMatchObject({
      url: hook().url,
      events: ["member.invited"],
      status: "enabled",
    });
    expect(JSON.stringify(shown.body)).not.toContain(secret);
    const rotated = await call("POST", `${at}/rotate`, {});
    expect(rotated.body.secret).not.toBe(secret);
    expect(rotated.body.oldSecretUntil).not.toBeNull();
    const changed = await call("PATCH", at, {
      events: ["*"],
      asymmetric: true,
      status: "disabled",
    });
    expect(changed.body).toMatchObject({ events: ["*"], asymmetric: true, status: "disabled" });
    const asymmetric = await call("POST", `${at}/rotate`, {});
    expect(asymmetric.body.publicKey).toMatch(/^whpk_[\w+/]{43}=$/);
    expect((await call("DELETE", at, {})).status).toBe(204);
    expectProblem(await call("GET", at), 404);
    const { body } = await call("GET", `${org.at}/changes`);
    const what = body.items.map((change: { what: string }) => change.what);
    expect(what).toEqual(
      expect.arrayContaining(["webhook.create", "webhook.rotate", "webhook.remove"]),
    );
  });

  test("[R34] a repeated request gets the same secret", async () => {
    const key = { "idempotency-key": "hook-1" };
    const first = await call("POST", `${org.at}/webhooks`, hook(), key);
    const second = await call("POST", `${org.at}/webhooks`, hook(), key);
    expect(second.body).toEqual(first.body);
    await call("DELETE", `${org.at}/webhooks/${first.body.id}`, {});
  });

  test("knows the names of events, and no others", async () => {
    const refused = await call("POST", `${org.at}/webhooks`, hook({ events: ["share.ofered"] }));
    expectProblem(refused, 422, "invalid");
    expect(refused.body.errors[0].pointer).toBe("/events/0");
  });

  test("there are at most 50 in an organisation", async () => {
    const full = await newOrg("Full");
    for (let n = 0; n < 50; n++)
      expect((await call("POST", `${full.at}/webhooks`, hook())).status).toBe(201);
    const refused = await call("POST", `${full.at}/webhooks`, hook());
    expectProblem(refused, 422, "limit");
    expect(refused.body.detail).toContain("50");
  });
});

describe("deliveries", () => {
  test("are numbered without a gap, tried, listed and sent again; also of the orgs below", async () => {
    const { body: made } = await call(
      "POST",
      `${org.at}/webhooks`,
      hook({ events: ["team.created"] }),
    );
    const below = await call("POST", "/v1/orgs", { name: "Below", parent: org.id });
    await call("POST", `${org.at}/teams`, { name: "First" });
    await call("POST", `/v1/orgs/${below.body.id}/teams`, { name: "Second" });
    await call("PATCH", org.at, { description: "Not chosen" });
    const items = await delivered(made.id, 2);
    expect(items.map((one: { sequence: number }) => one.sequence)).toEqual([2, 1]);
    expect(items[1]).toMatchObject({
      event: "team.created",
      status: "pending",
      attempts: [{ status: 503, error: "It answered 503." }],
    });
    const at = `${org.at}/webhooks/${made.id}`;
    const again = await call("POST", `${at}/deliveries/${items[1].id}/redeliver`, {});
    expect(again).toMatchObject({ status: 202, body: { deliveries: [items[1].id] } });
    const since = await call("POST", `${at}/redeliver`, { since: items[1].at });
    expect(since.body.deliveries.toSorted()).toEqual(
      items.map((one: { id: string }) => one.id).toSorted(),
    );
    const tried = await call("POST", `${at}/test`, {});
    expect(tried.status).toBe(202);
    expect((await delivered(made.id, 3))[0]).toMatchObject({ event: "webhook.test", sequence: 3 });
    expectProblem(await call("POST", `${at}/deliveries/msg_none/redeliver`, {}), 404);
    await call("DELETE", at, {});
  });

  test("a partner hears of a share before it accepts, in words of its own", async () => {
    const partner = await newOrg("Hearing partner");
    const { body: made } = await call("POST", `${partner.at}/webhooks`, hook());
    const crew = await call("POST", `${org.at}/teams`, { name: "Inner crew" });
    const member = await newMember(org.at);
    await call("PUT", `${org.at}/teams/${crew.body.id}/members/${member.id}`);
    const offer = {
      to: { org: partner.id },
      role: "viewer",
      scope: { tags: ["Inner tag"] },
      reason: "Inner reason",
    };
    const share = await call("POST", `${org.at}/shares`, offer, as(org.admin));
    for (let tries = 0; ; tries++) {
      const row = await firstDelivery(made.id);
      if (row) {
        expect(row.event).toMatch(/^(share.offered|collaboration.asked)$/);
        const said = JSON.stringify(row);
        expect(said).toContain("Hooked");
        expect(said).toContain(org.admin);
        for (const inner of ["Inner", member.email, crew.body.id])
          expect(said).not.toContain(inner);
        break;
      }
      expect(tries).toBeLessThan(100);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(share.status).toBe(201);
  });

  test("no event tells a partner of the other's inside", () => {
    for (const [name, kind] of Object.entries(EVENTS)) {
      const { partnerHears = [] } = kind as { partnerHears?: readonly string[] };
      for (const field of partnerHears)
        expect(["email", "to", "team", "member", "reason", "tags"], name).not.toContain(field);
    }
  });
});

const firstDelivery = (webhook: string) =>
  (env as unknown as { DB: D1Database }).DB.prepare(
    `select event, data from deliveries where webhook = ? order by sequence limit 1`,
  )
    .bind(webhook)
    .first<{ event: string; data: string }>();

describe("addresses", () => {
  test.each([
    "http://example.com/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://localhost/",
    "https://localhost./",
    "https://a.localhost/",
    "https://printer/",
    "https://db.internal/",
    "https://user:password@example.com/",
    "ftp://example.com/",
    "nonsense",
  ])("%s is refused", (url) => expect(flawOf(url, false)).not.toBeNull());

  test("public ones are taken", () => {
    for (const url of [
      "https://example.com/hook",
      "https://93.184.216.34/",
      "https://[2606:2800:220:1::1]/",
    ])
      expect(flawOf(url, false), url).toBeNull();
    expect(flawOf("http://127.0.0.1:9/", true)).toBeNull();
    expect(isPublic("not an address")).toBe(false);
  });
});

describe("a delivery", () => {
  test("is tried eleven times over a day, and Retry-After is honoured within bounds", () => {
    const delays = Array.from({ length: 11 }, (_, n) => nextTryS(n + 1, null, 0.5, 0));
    expect(delays.at(-1)).toBeNull();
    const total = delays.reduce<number>((sum, delay) => sum + (delay ?? 0), 0);
    expect(total).toBeGreaterThan(22 * 3_600);
    expect(total).toBeLessThan(30 * 3_600);
    expect(nextTryS(1, null, 0, 0)).not.toBe(nextTryS(1, null, 1, 0));
    expect(nextTryS(1, "120", 0.5, 0)).toBe(120);
    expect(nextTryS(1, new Date(60_000).toUTCString(), 0.5, 0)).toBe(60);
    expect(nextTryS(1, "999999999", 0.5, 0)).toBe(43_200);
    expect(nextTryS(1, "soon", 0.5, 0)).toBe(5);
  });

  test("is signed by each secret that holds", async () => {
    const endpoint = { id: "whk_1_1_0", asymmetric: false, generations: [2, 1] };
    const at = new Date(1_700_000_000_000);
    const signed = await signaturesOf("root", endpoint, "msg_1", at, "{}");
    const expected = [2, 1].map((generation) => {
      const secret = Buffer.from(secretOf("root", endpoint.id, generation).slice(6), "base64");
      return `v1,${createHmac("sha256", secret).update("msg_1.1700000000.{}").digest("base64")}`;
    });
    expect(signed.split(" ")).toEqual(expected);
  });

  /** A consumer whose receiver answers with a status, and what it did. */
  async function answering(status: number, attempts: number, lately: boolean) {
    const settled: unknown[] = [];
    const disabled: string[] = [];
    const again: number[] = [];
    const fetched = vi
      .spyOn(globalThis, "fetch")
      .mockImplementation(async () => new Response(null, { status }));
    const ports: WebhookPorts = {
      rootKey: "root",
      local: true,
      claim: async (id) => ({
        delivery: {
          id,
          tree: 1,
          webhook: "whk_1",
          sequence: 1,
          event: "x",
          data: "{}",
          at: 0,
          attempts,
        },
        endpoint: {
          id: "whk_1",
          url: "http://127.0.0.1:9/",
          generation: 1,
          overlapUntil: null,
          asymmetric: 0,
          status: "enabled",
        },
      }),
      settle: async (_, __, then) => void settled.push(then.status),
      hasDelivered: async () => lately,
      disable: async (_, __, because) => void disabled.push(because),
      again: async (_, delayS) => void again.push(delayS),
    };
    const message = { body: "msg_1", ack: () => {} };
    await deliver({ messages: [message] } as never, ports);
    fetched.mockRestore();
    return { settled, disabled, again };
  }

  test("410 disables the endpoint, a redirect is a failure, and a day of failures disables it too", async () => {
    expect(await answering(204, 1, false)).toEqual({
      settled: ["delivered"],
      disabled: [],
      again: [],
    });
    expect((await answering(302, 1, false)).again).toHaveLength(1);
    expect((await answering(410, 1, true)).disabled).toHaveLength(1);
    expect((await answering(500, 11, true)).disabled).toEqual([]);
    expect((await answering(500, 11, false)).disabled).toHaveLength(1);
  });
});
