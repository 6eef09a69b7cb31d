import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { evict, objectOf } from "../objects/record.ts";
import { as, call, expectProblem, may, newMember, newOrg, someone } from "../support/http.ts";

const { DB } = env as unknown as { DB: D1Database };
const DAY = 86_400_000;

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => vi.useRealTimers());
const pass = (days: number) => vi.setSystemTime(Date.now() + days * DAY);
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();

/** What Latchkey has announced in an org, oldest first. */
async function announced(org: { at: string }): Promise<{ name: string; data: { to: string } }[]> {
  const { body } = await call("GET", `${org.at}/changes`);
  return body.items
    .filter((change: { what: string }) => change.what === "expiry.announce")
    .flatMap((change: { events: unknown[] }) => change.events);
}

describe("invitations and offers", () => {
  test("expire 14 days after they were sent, and can be sent again", async () => {
    const org = await newOrg("Patient");
    const email = someone("slow");
    const made = await call("POST", `${org.at}/members`, { name: "Slow", email });
    const accept = () => call("POST", `/v1/me/access/${made.body.id}/accept`, {}, as(email));
    pass(14.01);
    expectProblem(await accept(), 409, "conflict");
    const shown = await call("GET", `${org.at}/members/${made.body.id}`);
    expect(shown.body.status).toBe("expired");
    const own = await call("GET", "/v1/me/access", undefined, as(email));
    expect(own.body.items).toMatchObject([{ status: "expired" }]);
    expect((await call("POST", `${org.at}/members/${made.body.id}/resend`, {})).status).toBe(200);
    expect((await accept()).status).toBe(200);
  });

  test("last as long as the org says, shares to organisations too, on both sides", async () => {
    const [owner, partner] = [await newOrg("Owner"), await newOrg("Partner")];
    await call("PATCH", owner.at, { invitationDays: 3 });
    const offer = { to: { org: partner.id }, role: "viewer", scope: { all: true } };
    const { body: share } = await call("POST", `${owner.at}/shares`, offer);
    const received = `${partner.at}/received-shares/${share.id}`;
    pass(2.9);
    expect((await call("GET", received)).body.status).toBe("pending");
    pass(0.2);
    expect((await call("GET", received)).body.status).toBe("expired");
    expect((await call("GET", `${owner.at}/shares/${share.id}`)).body.status).toBe("expired");
    expectProblem(await call("POST", `${received}/accept`, {}), 409, "conflict");
    expect((await call("POST", `${owner.at}/shares/${share.id}/resend`, {})).status).toBe(200);
    expect((await call("POST", `${received}/accept`, {})).status).toBe(200);
  });
});

describe("the longest life of a share", () => {
  test("bounds what is offered and changed, and ends what says nothing", async () => {
    const org = await newOrg("Bounded");
    const below = await newOrg("Below", someone("admin"), org.id);
    await call("PATCH", org.at, { shareDaysMax: 90 });
    const offer = (expiresAt?: string) =>
      call("POST", `${below.at}/shares`, {
        to: { email: someone("guest"), name: "Guest" },
        role: "viewer",
        scope: { all: true },
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
    const refused = await offer(inDays(91));
    expectProblem(refused, 422, "limit");
    expect(refused.body.detail).toContain("90");
    const made = await offer();
    expect(Date.parse(made.body.expiresAt)).toBe(Date.now() + 90 * DAY);
    const at = `${below.at}/shares/${made.body.id}`;
    expectProblem(await call("PATCH", at, { expiresAt: inDays(95) }), 422, "limit");
    expect((await call("PATCH", at, { expiresAt: inDays(10) })).status).toBe(200);
  });
});

describe("ends", () => {
  test("[R21] end access by the clock, and are announced later: a week before, a day before, and once past", async () => {
    const org = await newOrg("Announcing");
    await call("PUT", `${org.at}/resources/site/hq`, {});
    const member = await newMember(org.at);
    const at = `${org.at}/grants/${member.grant}`;
    await call("PATCH", at, { expiresAt: inDays(30) });
    const alarm = () => runDurableObjectAlarm(objectOf(org.id));
    await alarm();
    expect(await announced(org)).toEqual([]);
    pass(23.5);
    await evict(org.id);
    await alarm();
    expect(await announced(org)).toMatchObject([
      { name: "grant.expiring", data: { to: member.email } },
    ]);
    pass(6);
    await alarm();
    pass(0.6);
    // The access may not wait for the announcement.
    expect(await may(org.id, member.email, "view", "site:hq")).toBe(false);
    await alarm();
    await alarm();
    const names = (await announced(org)).map(({ name }) => name);
    expect(names).toEqual(["grant.expiring", "grant.expiring", "grant.expired"]);
    const mails = await DB.prepare(
      `select kind from mails where email = ? and kind like 'grant.exp%'`,
    )
      .bind(member.email)
      .all();
    expect(mails.results).toHaveLength(3);
  });

  test("that an alarm missed are announced when the clock next asks, once, and to both orgs of a share", async () => {
    const [owner, partner] = [await newOrg("Late owner"), await newOrg("Late partner")];
    await call("PATCH", owner.at, { reminderDays: [] });
    const offer = { to: { org: partner.id }, role: "viewer", scope: { all: true } };
    await call("POST", `${owner.at}/shares`, { ...offer, expiresAt: inDays(2) });
    pass(3);
    await objectOf(owner.id).keepTime();
    await objectOf(owner.id).keepTime();
    expect(await announced(owner)).toMatchObject([{ name: "share.expired" }]);
    await objectOf(owner.id).drain();
    const mails = await DB.prepare(
      `select email, data from mails where kind = 'share.expired'`,
    ).all<{
      email: string;
      data: string;
    }>();
    expect(mails.results.map(({ email }) => email).toSorted()).toEqual(
      [owner.admin, partner.admin].toSorted(),
    );
  });

  test("of many things come in edits of bounded size", async () => {
    const org = await newOrg("Crowded");
    await call("PATCH", org.at, { reminderDays: [] });
    const rows = Array.from({ length: 450 }, (_, n) =>
      JSON.stringify({
        email: `crowd${n}@crowd.example`,
        status: "active",
        grants: [{ role: "viewer", scope: { all: true }, expiresAt: inDays(1 + n / 1_000) }],
      }),
    ).join("\n");
    await call("POST", `${org.at}/members/import`, rows, {
      "content-type": "application/x-ndjson",
    });
    pass(5);
    await objectOf(org.id).keepTime();
    const { body } = await call("GET", `${org.at}/changes`);
    const sizes = body.items
      .filter((change: { what: string }) => change.what === "expiry.announce")
      .map((change: { events: unknown[] }) => change.events.length);
    expect(sizes).toEqual([200, 200, 50]);
  });
});
