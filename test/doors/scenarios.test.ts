import { afterEach, expect, test, vi } from "vitest";
import { SCENARIOS } from "../scenarios/index.ts";
import type { Command, Scenario, Step, Terms, To } from "../scenarios/format.ts";
import { accept, as, call, expectProblem, type Reply } from "../support/http.ts";

const DAY = 86_400_000;

/** A team has no door yet: what names one cannot be played over HTTP. */
const needsTeams = ({ steps }: Scenario) => steps.some((step) => "team" in step);

afterEach(() => vi.useRealTimers());

SCENARIOS.forEach((one, index) =>
  test.skipIf(needsTeams(one))(`[${one.rules.join(", ")}] ${one.name}`, () =>
    playOverHttp(one, `s${index}`),
  ),
);

interface Org {
  readonly id: number;
  readonly parent: string | undefined;
  readonly admin: string | undefined;
}

/** Plays a scenario over HTTP alone: what it makes, it knows by the answers. */
async function playOverHttp({ steps }: Scenario, run: string): Promise<void> {
  const start = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: start });
  const orgs = new Map<string, Org>();
  const people = new Set<string>();
  const members = new Map<string, string>();
  const grants = new Map<string, { org: string; id: string }>();
  const shares = new Map<string, { from: string; id: string; org?: string; user?: string }>();
  const rules = new Map<string, { share: string; id: string }>();
  const resources = new Map<string, string>();

  const email = (person: string) => {
    people.add(person);
    return `${person}-${run}@people.example`;
  };
  const org = (name: string): Org => orgs.get(name) ?? fail(`org ${name}`);
  const at = (name: string) => `/v1/orgs/${org(name).id}`;
  const share = (name: string) => shares.get(name) ?? fail(`share ${name}`);
  const member = (name: string, person: string) => members.get(`${person}@${name}`) ?? "mem_0_0_0";
  const inOrg = (ref: string) => resources.get(ref) ?? fail(`resource ${ref}`);

  /** Whose word it is: the person's who acts, or the admin's of the org, or of the next above it. */
  function by(name: string, person?: string): Record<string, string | null> {
    if (person) return as(email(person));
    for (let next: string | undefined = name; next; next = org(next).parent) {
      const { admin } = org(next);
      if (admin) return as(email(admin));
    }
    return {};
  }

  const termsOf = ({ role, scope, expiresInDays }: Terms) => ({
    role,
    scope: scope ?? { all: true },
    ...(expiresInDays === undefined
      ? {}
      : { expiresAt: new Date(Date.now() + expiresInDays * DAY).toISOString() }),
  });

  const grantee = (name: string, to: To | "admins") =>
    typeof to === "object" && "member" in to ? { member: memberOf(name, to.member) } : to;
  /** A grant may name a member of an org above, too. */
  function memberOf(name: string, person: string): string {
    for (let next: string | undefined = name; next; next = org(next).parent)
      if (members.has(`${person}@${next}`)) return member(next, person);
    return member(name, person);
  }

  const receivedAt = (name: string) => {
    const { id, org: receiver = "" } = share(name);
    return { receiver, path: `${at(receiver)}/received-shares/${id}` };
  };

  const answerShare = (name: string, answer: "accept" | "decline", person?: string) => {
    const { id, user } = share(name);
    if (user) return call("POST", `/v1/me/access/${id}/${answer}`, {}, as(email(person ?? user)));
    const { receiver, path } = receivedAt(name);
    return call("POST", `${path}/${answer}`, {}, by(receiver, person));
  };

  async function perform(step: Command): Promise<Reply> {
    if ("org" in step) {
      const admin = step.admin && { name: step.admin, email: email(step.admin) };
      const parent = step.in === undefined ? {} : { parent: org(step.in).id };
      const body = { name: step.org, ...parent, ...(admin ? { admin } : {}) };
      const reply = await call("POST", "/v1/orgs", body, step.by ? as(email(step.by)) : {});
      if (reply.status !== 201) return reply;
      orgs.set(step.org, { id: reply.body.id, parent: step.in, admin: step.admin });
      if (step.admin && admin) {
        const listed = await call("GET", `${at(step.org)}/members`);
        const { id } = listed.body.items[0] as { id: string };
        members.set(`${step.admin}@${step.org}`, id);
        await accept(id, admin.email);
      }
      return reply;
    }
    if ("resource" in step) {
      const body = {
        ...(step.tags ? { tags: step.tags } : {}),
        ...(step.owner ? { owner: email(step.owner) } : {}),
      };
      const reply = await call(
        "PUT",
        resourcePath(step.in, step.resource),
        body,
        by(step.in, step.by),
      );
      if (reply.status === 201) resources.set(step.resource, step.in);
      return reply;
    }
    if ("retag" in step) {
      const path = resourcePath(inOrg(step.retag), step.retag);
      return call("PATCH", path, { tags: step.tags }, by(inOrg(step.retag), step.by));
    }
    if ("deleteResource" in step) {
      const name = inOrg(step.deleteResource);
      return call("DELETE", resourcePath(name, step.deleteResource), undefined, by(name, step.by));
    }
    if ("invite" in step) {
      const body = { name: step.invite, email: email(step.invite), ...termsOf(step) };
      const reply = await call("POST", `${at(step.to)}/members`, body, by(step.to, step.by));
      if (reply.status !== 201) return reply;
      const key = `${step.invite}@${step.to}`;
      members.set(key, reply.body.id);
      grants.set(key, { org: step.to, id: reply.body.grants[0].id });
      return reply;
    }
    if ("join" in step) {
      const path = `/v1/me/access/${member(step.to, step.join)}/accept`;
      return call("POST", path, {}, as(email(step.join)));
    }
    if ("removeMember" in step) {
      const path = `${at(step.from)}/members/${member(step.from, step.removeMember)}`;
      return call("DELETE", path, undefined, by(step.from, step.by));
    }
    if ("grant" in step) {
      const body = { to: grantee(step.in, step.to), ...termsOf(step) };
      const reply = await call("POST", `${at(step.in)}/grants`, body, by(step.in, step.by));
      if (reply.status === 201) grants.set(step.grant, { org: step.in, id: reply.body.id });
      return reply;
    }
    if ("removeGrant" in step) {
      const { org: name, id } = grants.get(step.removeGrant) ?? fail(`grant ${step.removeGrant}`);
      return call("DELETE", `${at(name)}/grants/${id}`, undefined, by(name, step.by));
    }
    if ("share" in step) {
      const user = "user" in step.to ? step.to.user : undefined;
      const to =
        "user" in step.to
          ? { email: email(step.to.user), name: step.to.user }
          : { org: org(step.to.org).id };
      const body = { to, ...termsOf(step) };
      const reply = await call("POST", `${at(step.from)}/shares`, body, by(step.from, step.by));
      if (reply.status === 201)
        shares.set(step.share, {
          from: step.from,
          id: reply.body.id,
          ...("org" in step.to ? { org: step.to.org } : { user: user ?? "" }),
        });
      return reply;
    }
    if ("acceptShare" in step) return answerShare(step.acceptShare, "accept", step.by);
    if ("declineShare" in step) return answerShare(step.declineShare, "decline", step.by);
    if ("changeShare" in step) {
      const { from, id } = share(step.changeShare);
      const body = {
        ...(step.role ? { role: step.role } : {}),
        ...(step.scope ? { scope: step.scope } : {}),
      };
      return call("PATCH", `${at(from)}/shares/${id}`, body, by(from, step.by));
    }
    if ("removeShare" in step) {
      const { from, id } = share(step.removeShare);
      return call("DELETE", `${at(from)}/shares/${id}`, undefined, by(from, step.by));
    }
    if ("rule" in step) {
      const { receiver, path } = receivedAt(step.on);
      const body = { to: grantee(receiver, step.to), ...termsOf(step) };
      const reply = await call("POST", `${path}/rules`, body, by(receiver, step.by));
      if (reply.status === 201) rules.set(step.rule, { share: step.on, id: reply.body.id });
      return reply;
    }
    if ("removeRule" in step) {
      const rule = rules.get(step.removeRule) ?? fail(`rule ${step.removeRule}`);
      const { receiver, path } = receivedAt(rule.share);
      return call("DELETE", `${path}/rules/${rule.id}`, undefined, by(receiver, step.by));
    }
    return fail("this step over HTTP");
  }

  function resourcePath(name: string, ref: string): string {
    const [type = "", id = ""] = ref.split(":");
    return `${at(name)}/resources/${type}/${id}`;
  }

  /** Asks all at once, under the org. */
  async function decide(
    name: string,
    asked: readonly { person: string; action: string; ref: string }[],
  ): Promise<boolean[]> {
    if (asked.length === 0) return [];
    const evaluations = asked.map(({ person, action, ref }) => {
      const [type, id] = ref.split(":");
      return {
        subject: { type: "user", id: email(person) },
        action: { name: action },
        resource: { type, id },
      };
    });
    const path = `/orgs/${org(name).id}/access/v1/evaluations`;
    const reply = await call("POST", path, { evaluations });
    expect(reply.status).toBe(200);
    return reply.body.evaluations.map((one: { decision: boolean }) => one.decision);
  }

  /** Is the org the other one, or below it? */
  function below(name: string, top: string): boolean {
    for (let next: string | undefined = name; next; next = org(next).parent)
      if (next === top) return true;
    return false;
  }

  async function play(step: Step): Promise<void> {
    if ("at" in step) {
      vi.setSystemTime(start + step.at * DAY);
    } else if ("refused" in step) {
      const reply = await perform(step.step);
      expectProblem(reply, reply.status, step.refused);
    } else if ("expect" in step) {
      const actions = [...(step.may ?? []), ...(step.mayNot ?? [])];
      const asked = actions.map((action) => ({ person: step.expect, action, ref: step.on }));
      const decided = await decide(inOrg(step.on), asked);
      const allowed = actions.filter((_, index) => decided[index]);
      expect(allowed, `${step.expect} on ${step.on}`).toEqual([...(step.may ?? [])]);
    } else if ("list" in step) {
      const refs = [...resources].filter(([, name]) => below(name, step.in)).map(([ref]) => ref);
      const asked = refs.map((ref) => ({ person: step.of, action: step.list, ref }));
      const decided = await decide(step.in, asked);
      expect(refs.filter((_, index) => decided[index]).sort()).toEqual([...step.exactly].sort());
    } else if ("who" in step) {
      const known = [...people];
      const asked = known.map((person) => ({ person, action: step.who, ref: step.on }));
      const decided = await decide(inOrg(step.on), asked);
      expect(known.filter((_, index) => decided[index]).sort()).toEqual([...step.exactly].sort());
    } else {
      const reply = await perform(step);
      expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(300);
    }
  }

  for (const [index, step] of steps.entries())
    try {
      await play(step);
    } catch (error) {
      if (error instanceof Error) error.message = `step ${index + 1}: ${error.message}`;
      throw error;
    }
}

function fail(what: string): never {
  throw new Error(`There is no ${what}.`);
}
