import { expect, vi } from "vitest";
import type { Command, Scenario, Step, Terms, To } from "./format.ts";

const DAY = 86_400_000;

/** What an edit is answered with: the status and body of HTTP, whatever carried it. */
export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a body is what the step says it is
  readonly body: any;
}

/** How steps reach Latchkey. A person goes by their e-mail; `null` is the platform. */
export interface Transport {
  /** Makes an edit that the API names by method and path. */
  edit(method: string, path: string, body: unknown, by: string | null): Promise<Answer>;
  /** The ids of an org's members, by e-mail. */
  members(org: number): Promise<ReadonlyMap<string, string>>;
  /** Decides all at once, asked under the org. */
  decide(
    org: number,
    asked: readonly { email: string; action: string; type: string; id: string }[],
  ): Promise<readonly boolean[]>;
}

interface Org {
  readonly id: number;
  readonly parent: string | undefined;
  readonly admin: string | undefined;
}

/**
 * Plays a scenario over a transport alone: what it makes, it knows by the answers. `run` keeps the
 * people of several runs apart. Leaves a clock that stands still; the test puts it right.
 */
export async function play(
  { steps }: Scenario,
  { edit, members: membersOf, decide: ask }: Transport,
  run: string,
): Promise<void> {
  const start = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: start });
  const orgs = new Map<string, Org>();
  const people = new Set<string>();
  const members = new Map<string, string>();
  const teams = new Map<string, string>();
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
  function by(name: string, person?: string): string | null {
    if (person) return email(person);
    for (let next: string | undefined = name; next; next = org(next).parent) {
      const { admin } = org(next);
      if (admin) return email(admin);
    }
    return null;
  }

  const termsOf = ({ role, scope, expiresInDays }: Terms) => ({
    role,
    scope: scope ?? { all: true },
    ...(expiresInDays === undefined
      ? {}
      : { expiresAt: new Date(Date.now() + expiresInDays * DAY).toISOString() }),
  });

  const grantee = (name: string, to: To | "admins") => {
    if (typeof to === "string") return to;
    if ("team" in to) return { team: teams.get(to.team) ?? fail(`team ${to.team}`) };
    return { member: memberOf(name, to.member) };
  };
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
    if (user) return edit("POST", `/v1/me/access/${id}/${answer}`, {}, email(person ?? user));
    const { receiver, path } = receivedAt(name);
    return edit("POST", `${path}/${answer}`, {}, by(receiver, person));
  };

  async function perform(step: Command): Promise<Answer> {
    if ("org" in step) {
      const admin = step.admin && { name: step.admin, email: email(step.admin) };
      const parent = step.in === undefined ? {} : { parent: org(step.in).id };
      const body = { name: step.org, ...parent, ...(admin ? { admin } : {}) };
      const reply = await edit("POST", "/v1/orgs", body, step.by ? email(step.by) : null);
      if (reply.status !== 201) return reply;
      orgs.set(step.org, { id: reply.body.id, parent: step.in, admin: step.admin });
      if (step.admin && admin) {
        const id = (await membersOf(reply.body.id)).get(admin.email) ?? fail("first admin");
        members.set(`${step.admin}@${step.org}`, id);
        const joined = await edit("POST", `/v1/me/access/${id}/accept`, {}, admin.email);
        expect(joined.status).toBe(200);
      }
      return reply;
    }
    if ("resource" in step) {
      const body = {
        ...(step.tags ? { tags: step.tags } : {}),
        ...(step.owner ? { owner: email(step.owner) } : {}),
      };
      const reply = await edit(
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
      return edit("PATCH", path, { tags: step.tags }, by(inOrg(step.retag), step.by));
    }
    if ("deleteResource" in step) {
      const name = inOrg(step.deleteResource);
      return edit("DELETE", resourcePath(name, step.deleteResource), undefined, by(name, step.by));
    }
    if ("invite" in step) {
      const body = { name: step.invite, email: email(step.invite), ...termsOf(step) };
      const reply = await edit("POST", `${at(step.to)}/members`, body, by(step.to, step.by));
      if (reply.status !== 201) return reply;
      const key = `${step.invite}@${step.to}`;
      members.set(key, reply.body.id);
      grants.set(key, { org: step.to, id: reply.body.grants[0].id });
      return reply;
    }
    if ("join" in step) {
      const path = `/v1/me/access/${member(step.to, step.join)}/accept`;
      return edit("POST", path, {}, email(step.join));
    }
    if ("removeMember" in step) {
      const path = `${at(step.from)}/members/${member(step.from, step.removeMember)}`;
      return edit("DELETE", path, undefined, by(step.from, step.by));
    }
    if ("team" in step) {
      const path = `${at(step.in)}/teams`;
      const reply = await edit("POST", path, { name: step.team }, by(step.in, step.by));
      if (reply.status !== 201) return reply;
      teams.set(step.team, reply.body.id);
      for (const person of step.of) {
        const put = `${path}/${reply.body.id}/members/${member(step.in, person)}`;
        const joined = await edit("PUT", put, {}, by(step.in, step.by));
        if (joined.status !== 201) return joined;
      }
      return reply;
    }
    if ("grant" in step) {
      const body = { to: grantee(step.in, step.to), ...termsOf(step) };
      const reply = await edit("POST", `${at(step.in)}/grants`, body, by(step.in, step.by));
      if (reply.status === 201) grants.set(step.grant, { org: step.in, id: reply.body.id });
      return reply;
    }
    if ("removeGrant" in step) {
      const { org: name, id } = grants.get(step.removeGrant) ?? fail(`grant ${step.removeGrant}`);
      return edit("DELETE", `${at(name)}/grants/${id}`, undefined, by(name, step.by));
    }
    if ("share" in step) {
      const user = "user" in step.to ? step.to.user : undefined;
      const to =
        "user" in step.to
          ? { email: email(step.to.user), name: step.to.user }
          : { org: org(step.to.org).id };
      const body = { to, ...termsOf(step) };
      const reply = await edit("POST", `${at(step.from)}/shares`, body, by(step.from, step.by));
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
      return edit("PATCH", `${at(from)}/shares/${id}`, body, by(from, step.by));
    }
    if ("removeShare" in step) {
      const { from, id } = share(step.removeShare);
      return edit("DELETE", `${at(from)}/shares/${id}`, undefined, by(from, step.by));
    }
    if ("rule" in step) {
      const { receiver, path } = receivedAt(step.on);
      const body = { to: grantee(receiver, step.to), ...termsOf(step) };
      const reply = await edit("POST", `${path}/rules`, body, by(receiver, step.by));
      if (reply.status === 201) rules.set(step.rule, { share: step.on, id: reply.body.id });
      return reply;
    }
    if ("removeRule" in step) {
      const rule = rules.get(step.removeRule) ?? fail(`rule ${step.removeRule}`);
      const { receiver, path } = receivedAt(rule.share);
      return edit("DELETE", `${path}/rules/${rule.id}`, undefined, by(receiver, step.by));
    }
    return fail("this step here");
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
    const questions = asked.map(({ person, action, ref }) => {
      const [type = "", id = ""] = ref.split(":");
      return { email: email(person), action, type, id };
    });
    return [...(await ask(org(name).id, questions))];
  }

  /** Is the org the other one, or below it? */
  function below(name: string, top: string): boolean {
    for (let next: string | undefined = name; next; next = org(next).parent)
      if (next === top) return true;
    return false;
  }

  async function playStep(step: Step): Promise<void> {
    if ("at" in step) {
      vi.setSystemTime(start + step.at * DAY);
    } else if ("refused" in step) {
      const reply = await perform(step.step);
      expect(reply.body, JSON.stringify(step.step)).toMatchObject({ code: step.refused });
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
      expect(refs.filter((_, index) => decided[index]).toSorted()).toEqual(
        [...step.exactly].toSorted(),
      );
    } else if ("who" in step) {
      const known = [...people];
      const asked = known.map((person) => ({ person, action: step.who, ref: step.on }));
      const decided = await decide(inOrg(step.on), asked);
      expect(known.filter((_, index) => decided[index]).toSorted()).toEqual(
        [...step.exactly].toSorted(),
      );
    } else {
      const reply = await perform(step);
      expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(300);
    }
  }

  for (const [index, step] of steps.entries())
    try {
      await playStep(step);
    } catch (error) {
      if (error instanceof Error) error.message = `step ${index + 1}: ${error.message}`;
      throw error;
    }
}

function fail(what: string): never {
  throw new Error(`There is no ${what}.`);
}
