import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { as, call, expectProblem, mailTo, may, newMember, newOrg } from "../support/http.ts";
import { expectWhole, objectOf } from "../objects/record.ts";

const viewer = { role: "viewer", scope: { all: true } };
type Org = Awaited<ReturnType<typeof newOrg>>;

/** An org that shares with a partner, who has accepted, and with a person who has not. */
async function sharing() {
  const [acme, beta] = [await newOrg("Acme"), await newOrg("Beta")];
  await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ" });
  const { body: given } = await call("POST", `${acme.at}/shares`, {
    to: { org: beta.id },
    ...viewer,
  });
  const received = `${beta.at}/received-shares/${given.id}`;
  await call("POST", `${received}/accept`, {}, as(beta.admin));
  const to = { email: `ana${acme.id}@audit.example`, name: "Ana" };
  const { body: person } = await call("POST", `${acme.at}/shares`, { to, ...viewer });
  return { acme, beta, received, given: given.id as string, person: person.id as string };
}

const start = async (org: Org, of: unknown = "outside") =>
  (await call("POST", `${org.at}/reviews`, { of }, as(org.admin))).body;
const decide = (org: Org, review: string, item: string, body: object) =>
  call("PUT", `${org.at}/reviews/${review}/items/${item}`, body, as(org.admin));

describe("an access review", () => {
  test("finds all that people outside hold, keeps or ends each, and is the record of it", async () => {
    const { acme, beta, given, person } = await sharing();
    const review = await start(acme);
    expect(review).toMatchObject({ of: "outside", counts: { kept: 0, ended: 0, open: 2 } });
    expect(review.items).toMatchObject([
      {
        id: given,
        kind: "share",
        to: String(beta.id),
        partner: { id: beta.id, name: "Beta" },
        role: "viewer",
        decision: null,
      },
      { id: person, kind: "share", to: `ana${acme.id}@audit.example`, partner: null },
    ]);
    const kept = await decide(acme, review.id, person, { decision: "keep" });
    expect(kept.body.counts).toEqual({ kept: 1, ended: 0, open: 1 });
    expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(true);
    const reason = "The contract is over";
    const ended = await decide(acme, review.id, given, { decision: "end", reason });
    expect(ended.body.items.find(({ id }: { id: string }) => id === given)).toMatchObject({
      decision: "end",
      reason,
      decidedBy: expect.stringMatching(/^usr_/),
    });
    expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(false);
    await mailTo(beta.admin, "share.removed");
    expectProblem(await decide(acme, review.id, given, { decision: "keep" }), 409, "conflict");
    const closed = await call("POST", `${acme.at}/reviews/${review.id}/close`, {}, as(acme.admin));
    expect(closed.body).toMatchObject({
      closedAt: expect.any(String),
      counts: { kept: 1, ended: 1, open: 0 },
    });
    expectProblem(await decide(acme, review.id, person, { decision: "end" }), 409, "conflict");
    const { body } = await call("GET", `${acme.at}/changes`, undefined, as(acme.admin));
    expect(body.items.flatMap(({ says }: { says: string[] }) => says)).toEqual(
      expect.arrayContaining([
        "closed an access review: 1 kept, 1 ended, 0 left undecided",
        `reviewed and ended what ${beta.id} had (share)`,
      ]),
    );
    const listed = await call("GET", `${acme.at}/reviews`, undefined, as(acme.admin));
    expect(listed.body.items).toMatchObject([{ id: review.id }]);
    expect(listed.body.items[0].items).toBeUndefined();
    await expectWhole(acme.id);
  });

  test("covers the sub-workspaces, and is nobody's but their admins'", async () => {
    const { acme, beta } = await sharing();
    const below = await newOrg("Below", undefined, acme.id);
    const to = { org: beta.id };
    const { body: share } = await call("POST", `${below.at}/shares`, { to, ...viewer });
    const review = await start(acme);
    expect(review.items).toContainEqual(
      expect.objectContaining({ id: share.id, org: { id: below.id, name: "Below" } }),
    );
    const at = `${acme.at}/reviews/${review.id}`;
    expectProblem(await call("GET", at, undefined, as(beta.admin)), 404);
    const member = await newMember(acme.at);
    expectProblem(await call("GET", at, undefined, as(member.email)), 403);
    expectProblem(await call("GET", `${below.at}/reviews/${review.id}`), 404);
    expectProblem(
      await call("POST", `${acme.at}/reviews`, { of: "outside" }, as(acme.admin)),
      409,
      "conflict",
    );
    expect((await decide(acme, review.id, share.id, { decision: "end" })).status).toBe(200);
    const gone = await call("GET", `${below.at}/shares/${share.id}`);
    expect(gone.body).toMatchObject({ status: "removed" });
  });

  test("of a team ends its grants, rules and places", async () => {
    const { acme, beta, given } = await sharing();
    const member = await newMember(beta.at);
    const { body: team } = await call("POST", `${beta.at}/teams`, { name: "Crew" });
    await call("PUT", `${beta.at}/teams/${team.id}/members/${member.id}`, {});
    const grant = await call("POST", `${beta.at}/teams/${team.id}/grants`, viewer);
    const rules = `${beta.at}/received-shares/${given}/rules`;
    const rule = await call("POST", rules, { to: { team: team.id }, ...viewer });
    expect(await may(acme.id, member.email, "view", "site:hq")).toBe(true);
    const review = await start(beta, { team: team.id });
    expect(review.of).toEqual({ team: team.id, name: "Crew" });
    expect(review.items.map(({ id }: { id: string }) => id)).toEqual([
      grant.body.id,
      rule.body.id,
      member.id,
    ]);
    for (const { id } of review.items)
      expect((await decide(beta, review.id, id, { decision: "end" })).status).toBe(200);
    expect(await may(acme.id, member.email, "view", "site:hq")).toBe(false);
    const { body } = await call("GET", `${beta.at}/teams/${team.id}`);
    expect(body).toMatchObject({ members: 0, grants: [] });
    expectProblem(await call("POST", `${acme.at}/reviews`, { of: { team: team.id } }), 422);
  });

  test("does not end the last admin's access [R10], and takes what is gone as ended", async () => {
    const { acme, given } = await sharing();
    const { body: team } = await call("POST", `${acme.at}/teams`, { name: "Admins" });
    const boss = await newMember(acme.at);
    await call("PUT", `${acme.at}/teams/${team.id}/members/${boss.id}`, {});
    const lasting = { role: "admin", scope: { all: true } };
    const { body: grant } = await call("POST", `${acme.at}/teams/${team.id}/grants`, lasting);
    const { body } = await call("GET", `${acme.at}/members`);
    const admin = body.items.find(({ email }: { email: string }) => email === acme.admin);
    expect((await call("DELETE", `${acme.at}/members/${admin.id}`)).status).toBe(204);
    const review = (await call("POST", `${acme.at}/reviews`, { of: { team: team.id } })).body;
    const at = `${acme.at}/reviews/${review.id}/items`;
    expectProblem(await call("PUT", `${at}/${grant.id}`, { decision: "end" }), 409, "last_admin");
    const outside = (await call("POST", `${acme.at}/reviews`, { of: "outside" })).body;
    await call("DELETE", `${acme.at}/shares/${given}`);
    const gone = `${acme.at}/reviews/${outside.id}/items/${given}`;
    expect((await call("PUT", gone, { decision: "end" })).status).toBe(200);
  });

  test("asks the receiver of a share, who confirms it, across trees", async () => {
    const { acme, beta, received, given, person } = await sharing();
    const review = await start(acme);
    const at = `${acme.at}/reviews/${review.id}`;
    const asked = await call("POST", `${at}/items/${given}/ask`, {}, as(acme.admin));
    expect(asked.body.items[0]).toMatchObject({ askedAt: expect.any(String), confirmedAt: null });
    await mailTo(beta.admin, "share.reviewAsked");
    expectProblem(await call("POST", `${at}/items/${person}/ask`, {}, as(acme.admin)), 422);
    expectProblem(await call("POST", `${received}/confirm`, {}, as(acme.admin)), 404);
    const confirmed = await call("POST", `${received}/confirm`, {}, as(beta.admin));
    expect(confirmed.body).toMatchObject({ confirmedAt: expect.any(String) });
    await mailTo(acme.admin, "share.confirmed");
    const { body } = await call("GET", at, undefined, as(acme.admin));
    expect(body.items[0].confirmedAt).toBe(confirmed.body.confirmedAt);
    expect((await decide(acme, review.id, given, { decision: "keep" })).body.items).toContainEqual(
      expect.objectContaining({ id: given, confirmedAt: confirmed.body.confirmedAt }),
    );
  });
});

describe("by the quarter", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => vi.useRealTimers());

  test("admins are reminded once, unless they have reviewed", async () => {
    vi.setSystemTime(Date.UTC(2027, 1, 10));
    const acme = await newOrg("Acme");
    const set = await call("PATCH", acme.at, { reviewMonths: 3 });
    expect(set.body.reviewMonths).toBe(3);
    const due = async () => {
      await objectOf(acme.id).keepTime();
      const { body } = await call("GET", `${acme.at}/changes`);
      return body.items
        .flatMap(({ events }: { events: { name: string }[] }) => events)
        .filter(({ name }: { name: string }) => name === "review.due").length;
    };
    vi.setSystemTime(Date.UTC(2027, 2, 31));
    expect(await due()).toBe(0);
    vi.setSystemTime(Date.UTC(2027, 3, 1));
    expect(await due()).toBe(1);
    await mailTo(acme.admin, "review.due");
    expect(await due()).toBe(1);
    vi.setSystemTime(Date.UTC(2027, 6, 1));
    await call("POST", `${acme.at}/reviews`, { of: "outside" });
    // The reminder of July had come by its own alarm, or the review came first; October's is the next.
    const july = await due();
    vi.setSystemTime(Date.UTC(2027, 8, 30));
    expect(await due()).toBe(july);
    vi.setSystemTime(Date.UTC(2027, 9, 1));
    expect(await due()).toBe(july + 1);
    await expectWhole(acme.id);
  });
});
