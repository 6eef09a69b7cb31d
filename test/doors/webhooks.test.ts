import { createHmac } from "node:crypto";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { EVENTS } from "../../src/events.ts";
import { flawOf, isPublic, whereItLeads } from "../../src/doors/queues/addresses.ts";
import { deliver, nextTryS, type WebhookPorts } from "../../src/doors/queues/webhooks.ts";
import { secretOf, signaturesOf } from "../../src/doors/queues/signing.ts";
import { as, call, expectProblem, newMember, newOrg, someone } from "../support/http.ts";

const hook = (more = {}) => ({ url: "http://127.0.0.1:9/hook", ...more });
let org: Awaited<ReturnType<typeof newOrg>>;
beforeAll(async () => {
  org = await newOrg("Hooked");
});

async function delivered(webhook: string, count: number) {
  for (let tries = 0; tries < 400; tries++) {
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
    const listed = await call("GET", `${org.at}/webhooks`);
    expect(listed.body.items).toContainEqual(shown.body);
    const rotated = await call("POST", `${at}/rotate`, {});
    expect(rotated.body.secret).not.toBe(secret);
    expect(rotated.body.oldSecretUntil).not.toBeNull();
    const changed = await call("PATCH", at, {
      events: ["*"],
      asymmetric: true,
      status: "disabled",
    });
    expect(changed.body).toMatchObject({ events: ["*"], asymmetric: true, status: "disabled" });
    expect(changed.body.publicKey).toMatch(/^whpk_[\w+/]{43}=$/);
    expect((await call("GET", at)).body.publicKey).toBe(changed.body.publicKey);
    const cut = await call("POST", `${at}/rotate`, { overlapHours: 0 });
    expect(cut.body.publicKey).not.toBe(changed.body.publicKey);
    expect(Date.parse(cut.body.oldSecretUntil)).toBeLessThanOrEqual(Date.now());
    expectProblem(await call("POST", `${at}/rotate`, { overlapHours: 169 }), 400, "invalid");
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
    const inherited = await call("POST", `${org.at}/webhooks`, hook({ events: ["constructor"] }));
    expectProblem(inherited, 422, "invalid");
    const { body } = await call("GET", `${org.at}/webhooks/events`);
    const ids = body.items.map((one: { id: string }) => one.id);
    expect(ids).toEqual(Object.keys(EVENTS).toSorted());
  });

  test("a wrong address is said to admins, and tells a stranger of no organisation", async () => {
    const wrong = hook({ url: "ftp://example.com/" });
    const refused = await call("POST", `${org.at}/webhooks`, wrong);
    expectProblem(refused, 422, "invalid");
    expect(refused.body.errors[0].pointer).toBe("/url");
    const { email } = await newMember(org.at);
    expectProblem(await call("POST", `${org.at}/webhooks`, wrong, as(email)), 403, "forbidden");
    const stranger = as(someone("stranger"));
    for (const at of [org.at, "/v1/orgs/999999"])
      expectProblem(await call("POST", `${at}/webhooks`, wrong, stranger), 404, "not_found");
    const below = await newOrg("Not theirs");
    expectProblem(await call("POST", `${below.at}/webhooks`, wrong, as(org.admin)), 404);
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
    expect(again).toMatchObject({ status: 202, body: { count: 1, deliveries: [items[1].id] } });
    const alone = await call("POST", `${org.at}/webhooks/deliveries/${items[1].id}/redeliver`, {});
    expect(alone).toMatchObject({ status: 202, body: { count: 1, deliveries: [items[1].id] } });
    const none = await call("POST", `${at}/redeliver`, { since: items[1].at, status: "delivered" });
    expect(none.body).toEqual({ count: 0, deliveries: [] });
    const since = await call("POST", `${at}/redeliver`, { since: items[1].at });
    expect(since.body.deliveries.toSorted()).toEqual(
      items.map((one: { id: string }) => one.id).toSorted(),
    );
    const tried = await call("POST", `${at}/test`, {});
    expect(tried.status).toBe(202);
    expect((await delivered(made.id, 3))[0]).toMatchObject({ event: "webhook.test", sequence: 3 });
    expectProblem(await call("POST", `${at}/deliveries/msg_none/redeliver`, {}), 404);
    expectProblem(
      await call("POST", `${org.at}/webhooks/deliveries/msg_none/redeliver`, {}),
      404,
      "not_found",
    );
    const first = await call("GET", `${at}/deliveries?limit=2&status=pending`);
    expect(first.body.items.map((one: { sequence: number }) => one.sequence)).toEqual([3, 2]);
    const next = encodeURIComponent(first.body.next_cursor);
    const rest = await call("GET", `${at}/deliveries?limit=2&status=pending&cursor=${next}`);
    expect(rest.body.items.map((one: { sequence: number }) => one.sequence)).toEqual([1]);
    expect(rest.body.next_cursor).toBeNull();
    for (const status of ["failed", "delivered"])
      expect((await call("GET", `${at}/deliveries?status=${status}`)).body.items).toEqual([]);
    await call("PATCH", at, { status: "disabled" });
    expectProblem(await call("POST", `${at}/test`, {}), 409, "conflict");
    expectProblem(
      await call("POST", `${at}/deliveries/${items[1].id}/redeliver`, {}),
      409,
      "conflict",
    );
    await call("DELETE", at, {});
  });

  test("both sides hear a share's whole life, each in its own words, before acceptance too", async () => {
    const [owner, partner] = [await newOrg("Sharing owner"), await newOrg("Hearing partner")];
    const heard = new Map<number, string>();
    for (const side of [owner, partner])
      heard.set(side.id, (await call("POST", `${side.at}/webhooks`, hook())).body.id);
    const crew = await call("POST", `${owner.at}/teams`, { name: "Inner crew" });
    const member = await newMember(owner.at);
    await call("PUT", `${owner.at}/teams/${crew.body.id}/members/${member.id}`);
    const inside = await newMember(partner.at);
    const offer = {
      to: { org: partner.id },
      role: "viewer",
      scope: { tags: ["Inner tag"] },
      reason: "Inner reason",
    };
    const share = (await call("POST", `${owner.at}/shares`, offer, as(owner.admin))).body.id;
    await telling(heard.get(partner.id), "share.offered");
    const received = `${partner.at}/received-shares/${share}`;
    await call("POST", `${received}/accept`, {}, as(partner.admin));
    const rule = { to: { member: inside.id }, role: "viewer", scope: { all: true } };
    expect((await call("POST", `${received}/rules`, rule, as(partner.admin))).status).toBe(201);
    const shared = `/shares/${share}`;
    for (const [method, path, body] of [
      ["PATCH", shared, { role: "commenter", reason: "Inner change" }],
      ["POST", "/freeze", { reason: "Inner leak" }],
      ["POST", "/thaw", {}],
      ["DELETE", shared, {}],
    ] as const)
      expect(
        (await call(method, owner.at + path, body, as(owner.admin))).status,
        path,
      ).toBeLessThan(300);
    const theirs = await telling(heard.get(partner.id), "share.removed");
    const ours = await telling(heard.get(owner.id), "share.removed");
    const shares = (rows: Told[]) =>
      rows.map(({ event }) => event).filter((event) => event.startsWith("share."));
    const life = ["offered", "accepted", "changed", "frozen", "thawed", "removed"];
    expect(new Set(shares(theirs))).toEqual(new Set(life.map((word) => `share.${word}`)));
    expect(new Set(shares(ours))).toEqual(new Set(life.map((word) => `share.${word}`)));
    // What comes from the other side says who acted, and nothing else of that side.
    const fields = ["share", "role", "expiresAt", "collaboration", "with", "org", "toOrg", "actor"];
    for (const [side, rows, other] of [
      [partner, theirs, owner],
      [owner, ours, partner],
    ] as const)
      for (const { data } of rows) {
        const said = JSON.parse(data) as { org: { id: number }; toOrg: number; with?: number };
        expect(said.toOrg).toBe(side.id);
        if (said.org.id === side.id) continue;
        expect(fields).toEqual(expect.arrayContaining(Object.keys(said)));
        expect(said).toMatchObject({ org: { id: other.id }, actor: { email: other.admin } });
        if (said.with !== undefined) expect(said.with).toBe(other.id);
        for (const inner of ["Inner", member.email, inside.email, crew.body.id, inside.id])
          expect(data).not.toContain(inner);
        expect(data.length).toBeLessThan(1_000);
      }
  });

  test("what a deleted sub-workspace shared ends in the hearing of those above it", async () => {
    const owner = await newOrg("Above");
    const { body: below } = await call("POST", "/v1/orgs", { name: "Ending", parent: owner.id });
    const partner = await newOrg("Partner of the ending");
    const { body: made } = await call("POST", `${owner.at}/webhooks`, hook());
    const offer = { to: { org: partner.id }, role: "viewer", scope: { all: true } };
    await call("POST", `/v1/orgs/${below.id}/shares`, offer);
    await call("DELETE", `/v1/orgs/${below.id}`, { confirm: "Ending" });
    const told = await telling(made.id, "share.removed");
    expect(told.map(({ event }) => event)).toContain("org.deleted");
  });

  test("no event tells a partner of the other's inside", () => {
    for (const [name, kind] of Object.entries(EVENTS)) {
      const { partnerHears = [] } = kind as { partnerHears?: readonly string[] };
      for (const field of partnerHears)
        expect(["email", "to", "team", "member", "reason", "tags"], name).not.toContain(field);
    }
  });
});

interface Told {
  event: string;
  data: string;
}

/** What an endpoint was told, once an event is among it. */
async function telling(webhook: string | undefined, event: string): Promise<Told[]> {
  for (let tries = 0; tries < 400; tries++) {
    const { results } = await (env as unknown as { DB: D1Database }).DB.prepare(
      `select event, data from deliveries where webhook = ? order by sequence`,
    )
      .bind(webhook ?? "")
      .all<Told>();
    if (results.some((row) => row.event === event)) return results;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${event} was not told`);
}

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
    "https://[::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[4000::1]/",
    "https://[ff02::1]/",
    "https://224.0.0.1/",
    "https://192.0.2.1/",
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

  const alias = { type: 5, data: "edge.example.net." };
  const a = (data: string) => ({ type: 1, data });
  const aaaa = (data: string) => ({ type: 28, data });
  test.each([
    ["a public address", 0, [alias, a("93.184.216.34")], [], null],
    ["public ones of both kinds", 0, [a("93.184.216.34")], [aaaa("2606:2800:220:1::1")], null],
    ["a private one", 0, [a("10.0.0.1")], [], /not public/],
    ["one of two private", 0, [a("93.184.216.34"), a("127.0.0.1")], [], /not public/],
    ["a private one of the other kind", 0, [a("93.184.216.34")], [aaaa("::1")], /not public/],
    ["nothing", 3, [], [], /looked up/],
    ["a fault of the resolver", 2, [a("93.184.216.34")], [], /looked up/],
  ])("a name that leads to %s", async (_, status, v4, v6, wrong) => {
    const resolver = vi.spyOn(globalThis, "fetch").mockImplementation(async (asked) => {
      const url = new Request(asked).url;
      expect(url).toMatch(/^https:\/\/cloudflare-dns\.com\/dns-query\?name=hook\.example/);
      const answer = url.endsWith("=A") ? v4 : v6;
      return Response.json({ Status: status, Answer: answer });
    });
    const flaw = await whereItLeads("https://hook.example/path");
    resolver.mockRestore();
    if (wrong === null) expect(flaw).toBeNull();
    else expect(flaw).toMatch(wrong);
  });

  test("a name that cannot be looked up leads nowhere", async () => {
    expect(await whereItLeads("https://hook.example/")).toMatch(/looked up/);
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

  test("is signed by each secret that holds", () => {
    const endpoint = { id: "whk_1_1_0", asymmetric: false, generations: [2, 1] };
    const at = new Date(1_700_000_000_000);
    const signed = signaturesOf("root", endpoint, "msg_1", at, "{}");
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
    expect((await answering(410, 1, true)).disabled).toEqual(["gone"]);
    expect((await answering(500, 11, true)).disabled).toEqual([]);
    expect((await answering(500, 11, false)).disabled).toEqual(["failing"]);
  });
});
