import { isAdmin, isLive, parseRole, roleText, type RoleName } from "../access/index.ts";
import type { Event, EventName } from "../events.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { granteeText, nameOfRole, newGrant, personReached, straysFromOne } from "./grants.ts";
import {
  existing,
  mayGive,
  membershipFor,
  needPassing,
  scopeOf,
  type OfResource,
} from "./on-resource.ts";
import { insert, remove, replace, type GrantRow, type ResourceRow } from "./record.ts";
import { granteeOf, needAdmin, notForOneself, standing, type Actor } from "./standing.ts";
import { endText, splitRef, widens } from "./terms.ts";

/*
 * Letting others in to one resource, without an admin [R30]. What was passed on stays when the
 * right of who passed it on ends: it is taken away by hand, by whoever may pass on, or by an admin.
 */

const GRANTS_MAX = 1_000;

/** A person or team of the tree, or all members of the resource's org. */
export type RecipientInput = "members" | { member: string } | { team: string } | { email: string };

export interface ShareResources {
  org: number;
  resources: readonly string[];
  to: readonly RecipientInput[];
  role: string;
  expiresAt?: number | null | undefined;
  reason?: string | null | undefined;
}

interface Recipient {
  readonly toKind: GrantRow["toKind"];
  readonly toId: string | null;
}

/** Adds recipients to each resource; it replaces and lowers nothing [R29]. */
export const shareResources = define<ShareResources>({
  run(facts, actor, input, stamp) {
    if (standing(facts, actor, input.org, stamp.at) === "stranger") return NOT_FOUND;
    const refused = impossible(input, stamp.at);
    if (refused) return refused;
    const grants: GrantRow[] = [];
    const events: Event[] = [];
    const added: Record<string, string[]> = {};
    for (const [index, ref] of input.resources.entries()) {
      const pointer = `/resources/${index}`;
      const row = existing(facts, actor, { org: input.org, ...splitRef(ref) }, stamp.at);
      const may = "ok" in row ? row : needPassing(facts, actor, row, stamp.at);
      if ("ok" in row || may) return at(may ?? NOT_FOUND, pointer, `There is no ${ref} here.`);
      if (added[ref]) return refuse("invalid", `${ref} is named twice.`, pointer);
      const role = roleFor(facts, actor, row, input.role, stamp.at);
      if ("ok" in role) return role;
      added[ref] = [];
      for (const [place, named] of input.to.entries()) {
        const to = recipientOf(facts, actor, row, named, `/to/${place}`);
        if ("ok" in to) return to;
        if (holds(facts, row, to, role, input.expiresAt ?? null, grants)) continue;
        const terms = {
          role: roleText(role),
          scope: scopeOf(row.key),
          expiresAt: input.expiresAt ?? null,
          reason: input.reason ?? null,
        };
        const grant = newGrant(actor, row.org, granteeOf(to), terms, stamp, "recipients");
        grants.push(grant);
        events.push(eventOf(facts, "recipient.added", row, grant));
        added[ref].push(grant.id);
      }
    }
    return {
      ok: true,
      org: input.org,
      rows: grants.map((grant) => insert("grants", grant)),
      events,
      reason: input.reason ?? undefined,
      status: grants.length > 0 ? 201 : 200,
      shows: { read: "passedOn", id: JSON.stringify(added) },
    };
  },
});

function impossible({ resources, to, expiresAt }: ShareResources, now: number): Refusal | null {
  if (resources.length * to.length > GRANTS_MAX)
    return refuse("limit", `One request adds at most ${GRANTS_MAX} grants.`);
  return expiresAt != null && expiresAt <= now
    ? refuse("invalid", "The end lies in the past.", "/expiresAt")
    : null;
}

/** What is not there is said of the request's own field; to a stranger nothing was said before. */
const at = (refusal: Refusal, pointer: string, missing: string): Refusal =>
  refusal.code === "not_found"
    ? refuse("invalid", missing, pointer)
    : { ...refusal, errors: [{ pointer, detail: refusal.detail }] };

/** A role of the resource's own set, no more than the actor's own; the set may be left out. */
function roleFor(
  facts: TreeFacts,
  actor: Actor,
  row: ResourceRow,
  text: string,
  now: number,
): RoleName | Refusal {
  const { roleSet } = facts.book.type(row.type);
  const role = text.includes(".") ? parseRole(text) : { set: roleSet, role: text };
  if (!facts.book.knows(role) || role.set !== roleSet)
    return refuse("invalid", `A ${row.type} knows no role ${text}.`, "/role");
  if (roleText(role) === "standard.admin")
    return refuse("invalid", "The role admin always has scope all.", "/role"); // [R6]
  return mayGive(facts, actor, row, role, now)
    ? role
    : refuse("forbidden", "Nobody gives more than they hold.", "/role");
}

function recipientOf(
  facts: TreeFacts,
  actor: Actor,
  row: ResourceRow,
  named: RecipientInput,
  pointer: string,
): Recipient | Refusal {
  if (named === "members") return { toKind: "members", toId: null };
  if ("team" in named) {
    const team = facts.team(named.team);
    return team && facts.lineage(team.org).length > 0
      ? { toKind: "team", toId: team.id }
      : refuse("invalid", "There is no such team here.", `${pointer}/team`);
  }
  const member = "member" in named ? facts.member(named.member) : memberOf(named.email);
  if (!member || facts.lineage(member.org).length === 0)
    return refuse(
      "invalid",
      "There is no such member here.",
      `${pointer}/${"member" in named ? "member" : "email"}`,
    );
  return notForOneself(actor, member.user) ?? { toKind: "member", toId: member.id };

  function memberOf(email: string) {
    const user = facts.userOf(email, []);
    if (user === undefined) return undefined;
    return membershipFor(facts, user, row.org) ?? membershipFor(facts, user, row.org, ["pending"]);
  }
}

/** Was the same given to them before, or by this request, for at least as long? */
function holds(
  facts: TreeFacts,
  row: ResourceRow,
  { toKind, toId }: Recipient,
  role: RoleName,
  expiresAt: number | null,
  made: readonly GrantRow[],
): boolean {
  const where = { org: row.org, toKind, toId, via: "recipients", scope: scopeOf(row.key) };
  const same = made.filter(
    (grant) => grant.toKind === toKind && grant.toId === toId && grant.scope === where.scope,
  );
  return [...same, ...facts.rows("grants", where)].some(
    (grant) =>
      facts.book.atMost(role, parseRole(grant.role)) &&
      (grant.expiresAt ?? Infinity) >= (expiresAt ?? Infinity),
  );
}

function eventOf(facts: TreeFacts, name: EventName, row: ResourceRow, grant: GrantRow): Event {
  return {
    name,
    org: row.org,
    data: {
      grant: grant.id,
      type: row.type,
      id: row.id,
      name: row.name,
      to: granteeText(facts, grant),
      role: nameOfRole(grant.role),
      expiresAt: endText(grant.expiresAt),
    },
    ...personReached(facts, grant),
  };
}

interface OfRecipient extends OfResource {
  grant: string;
}

interface Found {
  readonly row: ResourceRow;
  readonly grant: GrantRow;
  /** Is it the actor's own by name? */
  readonly own: boolean;
}

/** A grant of exactly this resource: one's own, or any to who may let others in. */
function recipient(
  facts: TreeFacts,
  actor: Actor,
  input: OfRecipient,
  stamp: Stamp,
): Found | Refusal {
  const row = existing(facts, actor, input, stamp.at);
  if ("ok" in row) return row;
  const grant = facts.grant(input.grant);
  const holds = grant?.org === row.org && grant.scope === scopeOf(row.key);
  if (!grant || !holds || isDead(facts, grant))
    return needPassing(facts, actor, row, stamp.at) ?? NOT_FOUND;
  const member = grant.toKind === "member" ? facts.member(grant.toId ?? "") : undefined;
  return { row, grant, own: actor.kind === "user" && member?.user === actor.user };
}

/** Who passes on may take away and change what was passed on, up to their own role [R30]. */
function needControl(
  facts: TreeFacts,
  actor: Actor,
  { row, grant }: Found,
  stamp: Stamp,
): Refusal | null {
  const refused = needPassing(facts, actor, row, stamp.at);
  if (refused) return refused;
  if (grant.via === null) return needAdmin(facts, actor, row.org, stamp.at);
  return mayGive(facts, actor, row, parseRole(grant.role), stamp.at)
    ? null
    : refuse("forbidden", "This role is more than your own.");
}

/** Takes an access to one resource away; a recipient may leave by themself. */
export const removeRecipient = define<OfRecipient>({
  current: ({ grant }) => ({ read: "recipient", id: grant }),
  run(facts, actor, input, stamp) {
    const found = recipient(facts, actor, input, stamp);
    if ("ok" in found) return found;
    const refused = found.own ? null : needControl(facts, actor, found, stamp);
    if (refused) return refused;
    const event = eventOf(
      facts,
      found.own ? "recipient.left" : "recipient.removed",
      found.row,
      found.grant,
    );
    return {
      ok: true,
      org: found.row.org,
      rows: [remove("grants", found.grant)],
      events: [event],
      status: 204,
      shows: null,
    };
  },
});

export interface ChangeRecipient extends OfRecipient {
  role?: string | undefined;
  expiresAt?: number | null | undefined;
  reason?: string | null | undefined;
}

/** Changes the role of one recipient, or its end; to nobody's own gain [R9]. */
export const changeRecipient = define<ChangeRecipient>({
  current: ({ grant }) => ({ read: "recipient", id: grant }),
  run(facts, actor, input, stamp) {
    const found = recipient(facts, actor, input, stamp);
    if ("ok" in found) return found;
    const refused = needControl(facts, actor, found, stamp);
    if (refused) return refused;
    const { row, grant } = found;
    const role =
      input.role === undefined
        ? parseRole(grant.role)
        : roleFor(facts, actor, row, input.role, stamp.at);
    if ("ok" in role) return role;
    if (input.expiresAt != null && input.expiresAt <= stamp.at)
      return refuse("invalid", "The end lies in the past.", "/expiresAt");
    const change = {
      role: roleText(role),
      expiresAt: input.expiresAt === undefined ? grant.expiresAt : input.expiresAt,
      reason: input.reason === undefined ? grant.reason : input.reason,
    };
    const after = { ...grant, ...change };
    const gains = found.own && widens(facts.book, grant, after);
    const own = gains && actor.kind === "user" ? notForOneself(actor, actor.user) : null;
    const strays = own ?? straysFromOne(facts, grant, after);
    if (strays) return strays;
    return {
      ok: true,
      org: row.org,
      rows: [replace("grants", grant, change)],
      events: [eventOf(facts, "recipient.changed", row, after)],
      reason: input.reason ?? undefined,
      status: 200,
      shows: { read: "recipient", id: grant.id },
    };
  },
});

/** Did it hang on a link that is no more? */
const isDead = (facts: TreeFacts, { via }: GrantRow): boolean =>
  via?.startsWith("lnk_") === true && !facts.row("links", { id: via });

/**
 * An admin takes the top role on a resource of a type of which admins have only what was given
 * [R7]: in the open, and for no longer than they are an admin by what they hold now.
 */
export const elevate = define<OfResource & { reason?: string | null | undefined }>({
  run(facts, actor, input, stamp) {
    const row = existing(facts, actor, input, stamp.at);
    if ("ok" in row) return row;
    if (actor.kind !== "user") return refuse("forbidden", "Only a person can take a role.");
    const refused = needAdmin(facts, actor, row.org, stamp.at);
    if (refused) return refused;
    // A platform role is no access of the org's: nobody takes a path by it [R9, R27].
    if (!isAdmin(facts, facts.paths(actor.user), row.org, stamp.at))
      return refuse("forbidden", "Only an admin of the organisation itself can take a role.");
    const { adminAccess, roleSet } = facts.book.type(row.type);
    if (adminAccess !== "self-elevate")
      return refuse("conflict", "An admin has the top role on this already.");
    const role = facts.book.topRole(roleSet);
    const member = membershipFor(facts, actor.user, row.org);
    if (!role || !member) return refuse("conflict", "There is no role to take.");
    const terms = {
      role: roleText(role),
      scope: scopeOf(row.key),
      expiresAt: adminUntil(facts, actor.user, row.org, stamp.at),
      reason: input.reason ?? null,
    };
    const grant = newGrant(
      actor,
      row.org,
      { kind: "member", id: member.id },
      terms,
      stamp,
      "elevation",
    );
    const known = facts
      .rows("grants", { toKind: "member", toId: member.id, via: "elevation", scope: terms.scope })
      .find((held) => !widens(facts.book, held, grant));
    return {
      ok: true,
      org: row.org,
      rows: known ? [] : [insert("grants", grant)],
      events: known ? [] : [eventOf(facts, "resource.elevated", row, grant)],
      reason: input.reason ?? undefined,
      status: known ? 200 : 201,
      shows: { read: "recipient", id: known?.id ?? grant.id },
    };
  },
});

/** The instant until which somebody is an admin of the org; null without end. */
function adminUntil(facts: TreeFacts, user: string, org: number, now: number): number | null {
  const ends = facts
    .paths(user)
    .filter((path) => isAdmin(facts, [path], org, now) && isLive(path, now))
    .map((path) => Math.min(...path.steps.map((step) => step.expiresAt ?? Infinity)));
  const last = Math.max(...ends);
  return last === Infinity ? null : last;
}
