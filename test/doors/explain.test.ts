import { beforeAll, describe, expect, test } from "vitest";
import {
  accept,
  as,
  call,
  expectProblem,
  may,
  newKey,
  newMember,
  newOrg,
  someone,
  withKey,
  type Reply,
} from "../support/http.ts";

/** An owner with three sites, and a partner that accepted a share of everything as viewer. */
let acme: Awaited<ReturnType<typeof newOrg>>;
let beta: Awaited<ReturnType<typeof newOrg>>;
let share: string;
let below: Awaited<ReturnType<typeof newOrg>>;

const all = { all: true };

const explain = (
  org: number,
  subject: string,
  action: string,
  ref: string,
  sent: Record<string, string | null> = {},
  more: object = {},
): Promise<Reply> => {
  const [type, id] = ref.split(":");
  const resource = { type, id, ...more };
  return call(
    "POST",
    `/v1/orgs/${org}/explain`,
    { subject: { id: subject }, action, resource },
    sent,
  );
};

/** What is missing on the nearest way, and who can put it right. */
const lacks = (reply: Reply) =>
  reply.body.missing[0].lacks.map(({ what, who }: { what: string; who: object | null }) => [
    what,
    who === null ? null : Object.keys(who)[0],
  ]);

beforeAll(async () => {
  acme = await newOrg("Acme");
  beta = await newOrg("Beta");
  below = await newOrg("Acme North", someone("north"), acme.id);
  for (const [id, tags] of [
    ["hq", ["North"]],
    ["depot", ["South"]],
    ["far", []],
  ] as const)
    expect((await call("PUT", `${acme.at}/resources/site/${id}`, { name: id, tags })).status).toBe(
      201,
    );
  await call("PUT", `${below.at}/resources/site/shed`, { name: "Shed" });
  const terms = { role: "viewer", scope: all, reason: "Audit" };
  share = (await call("POST", `${acme.at}/shares`, { to: { org: beta.id }, ...terms })).body.id;
  const taken = await call(
    "POST",
    `${beta.at}/received-shares/${share}/accept`,
    {},
    as(beta.admin),
  );
  expect(taken.status).toBe(200);
});

describe("what allows it", () => {
  test("a member's grant, with who gave it, when, why and until when", async () => {
    const { id, email } = await newMember(acme.at, "viewer");
    const given = {
      role: "collaborator",
      scope: { tags: ["North"] },
      reason: "Site visits",
      expiresAt: "2999-01-01T00:00:00Z",
    };
    const grant = await call("POST", `${acme.at}/members/${id}/grants`, given, as(acme.admin));
    const reply = await explain(acme.id, email, "edit", "site:hq");
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      decision: true,
      missing: [],
      more: 0,
      uncovered: [],
      paths: [
        {
          steps: [
            {
              kind: "grant",
              id: grant.body.id,
              org: { id: acme.id, name: "Acme" },
              role: "collaborator",
              scope: { tags: ["North"] },
              to: { member: id, name: email },
              by: acme.admin,
              reason: "Site visits",
              expiresAt: "2999-01-01T00:00:00.000Z",
            },
          ],
        },
      ],
    });
    expect(reply.body.says).toMatch(
      new RegExp(
        `^${email} may do “edit” to site:hq. Acme gave ${email} the role “collaborator” for what is tagged North, by ${acme.admin} on .*, because “Site visits”, until January 1, 2999\\.$`,
      ),
    );
    const french = await explain(acme.id, email, "edit", "site:hq", { "accept-language": "fr" });
    expect(french.body.says).toContain("peut faire « edit » sur site:hq. Acme a donné à");
  });

  test("every path is told: a team's, all members', and a share to the person", async () => {
    const { id, email } = await newMember(acme.at, "commenter");
    const team = (await call("POST", `${acme.at}/teams`, { name: "Crew" })).body.id;
    await call("PUT", `${acme.at}/teams/${team}/members/${id}`, {});
    await call("POST", `${acme.at}/teams/${team}/grants`, { role: "viewer", scope: all });
    const reply = await explain(acme.id, email, "view", "site:far");
    expect(reply.body.paths).toHaveLength(2);
    expect(reply.body.paths[1].steps[0].to).toEqual({ team, name: "Crew" });
    expect(reply.body.paths[1].says).toContain("the team Crew");
  });

  test("a partner's path shows the share and a rule of theirs, and not whom it names", async () => {
    const bea = await newMember(beta.at, "viewer");
    const rules = `${beta.at}/received-shares/${share}/rules`;
    const rule = {
      to: { member: bea.id },
      role: "viewer",
      scope: { tags: ["North"] },
      reason: "Secret",
    };
    expect((await call("POST", rules, rule)).status).toBe(201);
    expect(await may(acme.id, bea.email, "view", "site:hq")).toBe(true);
    const reply = await explain(acme.id, bea.email, "view", "site:hq", as(acme.admin));
    const [path] = reply.body.paths;
    expect(path.steps).toMatchObject([
      { kind: "share", id: share, to: { org: beta.id, name: "Beta" }, reason: "Audit" },
      {
        kind: "rule",
        id: null,
        org: { id: beta.id, name: "Beta" },
        role: "viewer",
        scope: null,
        to: null,
        by: null,
        reason: null,
      },
    ]);
    expect(JSON.stringify(reply.body)).not.toMatch(/Secret|mem_|rul_/);
    expect(path.says).toContain("a rule of Beta lets them use it as “viewer”");
    // What the rule lacks is the partner's to put right.
    const other = await explain(acme.id, bea.email, "view", "site:depot");
    expect(lacks(other)).toEqual([["scope", "partner"]]);
    expect(await may(acme.id, bea.email, "view", "site:depot")).toBe(false);
  });

  test("the receiver sees its own rule and the share's terms, of what was shared alone", async () => {
    const bo = await newMember(beta.at, "viewer");
    const rules = `${beta.at}/received-shares/${share}/rules`;
    const rule = { to: { member: bo.id }, role: "viewer", scope: all, reason: "Ours" };
    const made = await call("POST", rules, rule, as(beta.admin));
    const of = (action: string, ref: string, who = bo.email) =>
      explain(beta.id, who, action, ref, as(beta.admin), { share });
    const reply = await of("view", "site:hq");
    expect(reply.body).toMatchObject({ decision: true });
    expect(reply.body.paths[0].steps).toMatchObject([
      { kind: "share", id: share, role: "viewer", org: { name: "Acme" }, by: null },
      { kind: "rule", id: made.body.id, to: { member: bo.id }, by: beta.admin, reason: "Ours" },
    ]);
    // The share stops at viewer: that is the owner's to change.
    const edit = await of("edit", "site:hq");
    expect(edit.body.missing[0].lacks).toMatchObject([
      {
        what: "action",
        step: 0,
        who: { partner: { name: "Acme" } },
        roles: ["collaborator", "admin"],
      },
      { what: "action", step: 1, who: { admins: { name: "Beta" } } },
    ]);
    const nobody = await newMember(beta.at, "viewer");
    expect(lacks(await of("view", "site:hq", nobody.email))).toEqual([["unnamed", "admins"]]);
    expect(lacks(await of("view", "site:none"))).toEqual([["unknown_resource", "admins"]]);
    expectProblem(
      await explain(beta.id, bo.email, "view", "site:hq", as(bo.email), { share }),
      404,
    );
    expectProblem(await explain(below.id, bo.email, "view", "site:hq", {}, { share }), 404);
  });
});

describe("[R8] [R21] what is missing, and who can put it right", () => {
  test.each([
    ["an invitation that was not accepted", "invited"],
    ["a share that was not accepted", "unaccepted"],
  ])("%s", async (_, what) => {
    const email = someone("late");
    const terms = { role: "viewer", scope: all };
    if (what === "invited")
      await call("POST", `${acme.at}/members`, { name: "Late", email, ...terms });
    else await call("POST", `${acme.at}/shares`, { to: { email, name: "Late" }, ...terms });
    const reply = await explain(acme.id, email, "view", "site:hq");
    expect(reply.body.decision).toBe(false);
    expect(lacks(reply)).toEqual([[what, "person"]]);
    expect(reply.body.says).toContain(`Only ${email} can do that.`);
  });

  test("a share that the org has not accepted, has declined, or that has no rule for them", async () => {
    const gamma = await newOrg("Gamma");
    const owner = await newOrg("Owner");
    await call("PUT", `${owner.at}/resources/site/hq`, { name: "HQ" });
    const terms = { role: "collaborator", scope: all };
    const offer = (await call("POST", `${owner.at}/shares`, { to: { org: gamma.id }, ...terms }))
      .body.id;
    const { email } = await newMember(gamma.at, "viewer");
    const ask = () => explain(owner.id, email, "edit", "site:hq");
    const of = (reply: Reply) => lacks(reply);
    // Known here as nobody: the partner's people are named by their user id or once they have a way in.
    const user = (await call("GET", "/v1/me", undefined, as(email))).body.id ?? email;
    const byId = () => explain(owner.id, user, "edit", "site:hq");
    expect([[["unknown_person", "admins"]], [["unaccepted", "partner"]]]).toContainEqual(
      of(await ask()),
    );
    expect(of(await byId())).toEqual([["unaccepted", "partner"]]);
    await call("POST", `${gamma.at}/received-shares/${offer}/accept`, {}, as(gamma.admin));
    expect(of(await byId())).toEqual([["unruled", "partner"]]);
    expect((await byId()).body.says).toContain("An admin of Gamma can change that, on their side.");
    await call("POST", `${owner.at}/freeze`, { partner: gamma.id });
    expect(of(await byId())).toEqual([
      ["frozen", "admins"],
      ["unruled", "partner"],
    ]);
    await call("POST", `${owner.at}/thaw`, { partner: gamma.id });
    const ended = (await call("GET", `${gamma.at}/collaborations`)).body.items[0].id;
    await call("DELETE", `${gamma.at}/collaborations/${ended}`, {}, as(gamma.admin));
    expect(of(await byId())).toEqual([["ended", "admins"]]);
  });

  test("the tag, the list, the role, a condition, another org, an end, a freeze", async () => {
    const { id, email } = await newMember(acme.at, "viewer");
    expect(lacks(await explain(acme.id, email, "edit", "site:hq"))).toEqual([["action", "admins"]]);
    const role = await explain(acme.id, email, "edit", "site:hq");
    expect(role.body.missing[0].lacks[0].roles).toEqual(["collaborator", "admin"]);
    await call("POST", `${acme.at}/members/${id}/grants`, {
      role: "collaborator",
      scope: { tags: ["East"] },
    });
    const tag = await explain(acme.id, email, "edit", "site:hq");
    expect(
      tag.body.missing
        .filter((way: { steps: { kind: string }[] }) => way.steps[0]?.kind === "grant")
        .map((way: { lacks: { what: string }[] }) => way.lacks[0]?.what)
        .toSorted(),
    ).toEqual(["action", "scope"]);
    expect(JSON.stringify(tag.body)).toContain("none of the tags");

    const elsewhere = await newMember(below.at, "collaborator");
    expect(lacks(await explain(acme.id, elsewhere.email, "edit", "site:hq"))).toEqual([
      ["elsewhere", "admins"],
    ]);
    // Asked under an org, what lies beside it is not told.
    const beside = await newOrg("Acme South", someone("south"), acme.id);
    const { email: south } = await newMember(beside.at, "collaborator");
    expect(lacks(await explain(below.id, south, "edit", "site:shed", as(below.admin)))).toEqual([
      ["nothing", "admins"],
    ]);

    const soon = await newMember(acme.at, "viewer");
    const until = new Date(Date.now() + 1_200).toISOString();
    await call("PATCH", `${acme.at}/grants/${soon.grant}`, { expiresAt: until });
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    const ended = await explain(acme.id, soon.email, "view", "site:hq");
    expect(lacks(ended)).toEqual([["expired", "admins"]]);
    expect(ended.body.says).toContain("What Acme gave ended on");

    const crew = {
      roles: [
        { name: "keeper", actions: [{ name: "open", condition: "context.day == 'monday'" }] },
      ],
    };
    expect((await call("PUT", `${acme.at}/role-sets/keys`, crew)).status).toBe(201);
    expect((await call("PUT", `${acme.at}/types/safe`, { roleSet: "keys" })).status).toBe(201);
    await call("PUT", `${acme.at}/resources/safe/one`, { name: "One" });
    const keeper = await newMember(acme.at, "keys.keeper");
    const safe = {
      subject: { id: keeper.email },
      action: "open",
      resource: { type: "safe", id: "one" },
    };
    const monday = await call("POST", `${acme.at}/explain`, {
      ...safe,
      context: { day: "monday" },
    });
    expect(monday.body.decision).toBe(true);
    expect(lacks(await call("POST", `${acme.at}/explain`, safe))).toEqual([
      ["condition", "admins"],
    ]);

    const out = someone("out");
    const own = (
      await call("POST", `${acme.at}/shares`, {
        to: { email: out, name: "Out" },
        role: "viewer",
        scope: all,
      })
    ).body.id;
    await accept(own, out);
    await call("POST", `${acme.at}/freeze`, {});
    expect(lacks(await explain(acme.id, out, "view", "site:hq"))).toEqual([["frozen", "admins"]]);
    await call("POST", `${acme.at}/thaw`, {});
    expect((await explain(acme.id, out, "view", "site:hq")).body.decision).toBe(true);
    await call("DELETE", `${acme.at}/shares/${own}`, {});
    expect(lacks(await explain(acme.id, out, "view", "site:hq"))).toEqual([["removed", "admins"]]);
  });

  test("nobody, nothing, an action of no role, and an org that is no more", async () => {
    const { email } = await newMember(acme.at, "viewer");
    const of = async (...asked: [string, string, string]) =>
      lacks(await explain(acme.id, ...asked));
    expect(await of("nobody@people.example", "view", "site:hq")).toEqual([
      ["unknown_person", "admins"],
    ]);
    expect(await of(email, "view", "site:none")).toEqual([["unknown_resource", "admins"]]);
    expect(await of(email, "fly", "site:hq")).toEqual([["unknown_action", null]]);
    expect(await of("usr_nobody", "view", "site:hq")).not.toEqual([]);
  });
});

describe("who may ask", () => {
  test("the person themself, and of what does not reach them nothing more than of what there is not", async () => {
    const { id, email } = await newMember(acme.at, "viewer");
    const own = await explain(acme.id, email, "edit", "site:hq", as(email));
    expect(own.body).toMatchObject({ decision: false, missing: [{ lacks: [{ what: "action" }] }] });
    const north = await newMember(below.at, "viewer");
    const [hidden, none] = await Promise.all(
      ["site:hq", "site:none"].map((ref) =>
        explain(below.id, north.email, "view", ref, as(north.email)),
      ),
    );
    const blank = (reply?: Reply) =>
      JSON.stringify(reply?.body).replace(/site:\w+|"at":"[^"]*"/g, "");
    expect(blank(hidden)).toBe(blank(none));
    expectProblem(
      await explain(acme.id, acme.admin, "view", "site:hq", as(email)),
      403,
      "forbidden",
    );
    expectProblem(
      await explain(acme.id, email, "view", "site:hq", as(beta.admin)),
      404,
      "not_found",
    );
    expect(id).toMatch(/^mem_/);
  });

  test("[R15] who was shared with learns neither who gave it nor why", async () => {
    const email = someone("guest");
    const terms = { role: "viewer", scope: all, reason: "Suspected fraud" };
    const offer = { to: { email, name: "Guest" }, ...terms };
    const given = await call("POST", `${acme.at}/shares`, offer, as(acme.admin));
    await accept(given.body.id, email);
    const own = await explain(acme.id, email, "view", "site:hq", as(email));
    expect(own.body.paths[0].steps[0]).toMatchObject({ kind: "share", by: null, reason: null });
    expect(JSON.stringify(own.body)).not.toContain("fraud");
    expect(JSON.stringify(own.body)).not.toContain(acme.admin);
    const seen = await explain(acme.id, email, "view", "site:hq", as(acme.admin));
    expect(seen.body.paths[0].steps[0]).toMatchObject({ reason: terms.reason, by: acme.admin });
  });

  test("a key that manages, and none that only checks", async () => {
    const check = await newKey(acme.at, "check");
    const manage = await newKey(acme.at, "manage");
    expectProblem(await explain(acme.id, acme.admin, "view", "site:hq", withKey(check.token)), 403);
    const reply = await explain(acme.id, acme.admin, "view", "site:hq", withKey(manage.token));
    expect(reply.body.decision).toBe(true);
  });

  test("an admin below learns of an org above only what its paths let through", async () => {
    const { email } = await newMember(acme.at, "collaborator");
    const reply = await explain(below.id, email, "edit", "site:shed", as(below.admin));
    expect(reply.body.paths[0].steps[0]).toMatchObject({
      kind: "grant",
      id: null,
      org: { id: acme.id },
      role: "collaborator",
      to: null,
      by: null,
    });
  });
});
