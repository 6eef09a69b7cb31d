import { isAdmin, isInside, settingsOf } from "../access/index.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import type { TreeFacts } from "./facts.ts";
import type { GrantRow } from "./record.ts";

/** Who asks: the platform, Latchkey itself, an API key of this tree, or a person. */
export type Actor =
  | { readonly kind: "platform" }
  | { readonly kind: "system" }
  | {
      readonly kind: "key";
      readonly id: string;
      readonly org: number;
      readonly holds: readonly string[];
    }
  | {
      readonly kind: "user";
      readonly user: string;
      readonly email: string;
      /** The org to which a key limits the person on whose behalf it acts. */
      readonly reach: number | null;
      /** Is it the person (or the platform for them), and not an application on their behalf? */
      readonly self: boolean;
      /** Their role over all orgs, by their own word only: no key lends it [R27]. */
      readonly role?: PlatformWide;
      /** Of a session: was a passkey shown in it? Nothing is said of who comes otherwise. */
      readonly strong?: boolean;
    };

/** The platform roles that hold everywhere; an account manager's are rows of the trees assigned. */
export type PlatformWide = "super_admin" | "sys_admin";

/** The org that stands for the platform itself, in tree 0. */
export const PLATFORM_ORG = 0;

/** How the change record and the idempotency record name an actor. */
export const actorName = (actor: Actor): string =>
  actor.kind === "user" ? actor.user : actor.kind === "key" ? actor.id : NAMES[actor.kind];

const NAMES = { platform: "platform", system: "latchkey" } as const;

/** What Latchkey does by itself, later: purges, and acceptances that an admin set up. */
export const SYSTEM: Actor = { kind: "system" };

/**
 * Is it the platform, Latchkey on its behalf, or who administers all orgs for it? What support
 * alone may do asks this [R24, R27].
 */
export const isPlatform = (actor: Actor): boolean =>
  actor.kind === "platform" ||
  actor.kind === "system" ||
  (actor.kind === "user" && actor.role !== undefined);

/** Who gives and takes the platform's roles: the platform, and super admins [R27]. */
export const rulesPlatform = (actor: Actor): boolean =>
  isPlatform(actor) && !(actor.kind === "user" && actor.role === "sys_admin");

/**
 * Does the platform, or a role on it, put the org under the actor's administration [R27]? Such a
 * role opens no path, so a check never asks this.
 */
export function administers(facts: TreeFacts, actor: Actor, org: number): boolean {
  if (org === PLATFORM_ORG) return rulesPlatform(actor);
  if (isPlatform(actor)) return true;
  if (actor.kind !== "user" || !actor.self) return false;
  const assigned = facts.rows("platformRoles", { user: actor.user, role: "account_manager" });
  const lineage = facts.lineage(org);
  return assigned.some((row) => row.org !== null && lineage.includes(row.org));
}

/** As whom an actor reads the org: who administers it for the platform sees what the platform sees. */
export const readerOf = (facts: TreeFacts, actor: Actor, org: number): Actor =>
  administers(facts, actor, org) && !isTooWeak(facts, actor, org) ? { kind: "platform" } : actor;

/** Is it a session without a passkey, where the org, or one above it, has its admins show one? */
export const isTooWeak = (facts: TreeFacts, actor: Actor, org: number): boolean =>
  actor.kind === "user" &&
  actor.strong === false &&
  facts.lineage(org).some((id) => settingsOf(facts.org(id) ?? { settings: "{}" }).strongAdmins);

/** Why somebody inside is no admin: only for want of a passkey, perhaps. */
export const noAdmin = (
  facts: TreeFacts,
  actor: Actor,
  org: number,
  at: number,
  detail: string,
): Refusal =>
  isTooWeak(facts, actor, org) &&
  standing(facts, { ...actor, strong: true } as Actor, org, at) === "admin"
    ? refuse(
        "strong_authentication_needed",
        "The organisation has its admins sign in with a passkey, or show one in their session.",
      )
    : refuse("forbidden", detail);

export type Standing = "stranger" | "inside" | "admin";

/** What an actor is to an org. To a stranger the org's things do not exist. */
export function standing(facts: TreeFacts, actor: Actor, org: number, at: number): Standing {
  const lineage = facts.lineage(org);
  if (lineage.length === 0) return "stranger";
  switch (actor.kind) {
    case "platform":
    case "system":
      return "admin";
    case "key":
      if (!lineage.includes(actor.org)) return "stranger";
      return actor.holds.includes("manage") ? "admin" : "inside";
    case "user": {
      if (actor.reach !== null && !lineage.includes(actor.reach)) return "stranger";
      const paths = facts.paths(actor.user);
      if (isAdmin(facts, paths, org, at) || administers(facts, actor, org))
        return isTooWeak(facts, actor, org) ? "inside" : "admin";
      if (org === PLATFORM_ORG && isPlatform(actor)) return "inside";
      return isInside(facts, paths, actor.user, org, at) ? "inside" : "stranger";
    }
  }
}

/** Only admins manage members, grants, shares and settings [R9]. */
export function needAdmin(facts: TreeFacts, actor: Actor, org: number, at: number): Refusal | null {
  switch (standing(facts, actor, org, at)) {
    case "stranger":
      return NOT_FOUND;
    case "inside":
      return noAdmin(facts, actor, org, at, "Only an admin of the organisation can do this.");
    case "admin":
      return null;
  }
}

/** The person who made something, to be told what became of it: while they administer the org. */
export function makerOf(
  facts: TreeFacts,
  name: string,
  org: number,
  at: number,
): { readonly person?: string } {
  const maker = { kind: "user", user: name, email: "", reach: null, self: true } as const;
  return facts.person(name) && standing(facts, maker, org, at) === "admin" ? { person: name } : {};
}

/** Nobody gains access for themselves by name [R9]. */
export const notForOneself = (actor: Actor, user: string): Refusal | null =>
  actor.kind === "user" && actor.user === user
    ? refuse("forbidden", "Nobody can give access to themselves.")
    : null;

/** What an edit takes away: a grant, a member, a team, or (with both) a member from a team. */
interface Gone {
  grant?: string;
  member?: string;
  team?: string;
}

/**
 * Would the org be left without an active, unlimited admin of its own or above it, which it has
 * now [R10]?
 */
export function losesLastAdmin(facts: TreeFacts, org: number, gone: Gone): Refusal | null {
  const grants = facts.adminGrants(facts.lineage(org));
  const holds = (grant: GrantRow, { team, member }: Gone): boolean => {
    const ofTeam = team !== undefined && grant.toKind === "team" && grant.toId === team;
    if (ofTeam && member === undefined) return false;
    const without = team === undefined || ofTeam ? member : undefined;
    // Of an org that is no longer above the grant's, nobody counts [R22].
    const lineage = facts.lineage(grant.org);
    return facts
      .activeMembers(granteeOf(grant), grant.org, 2)
      .some((one) => one.id !== without && lineage.includes(one.org));
  };
  const before = grants.some((grant) => holds(grant, {}));
  const after = grants.some((grant) => grant.id !== gone.grant && holds(grant, gone));
  return before && !after
    ? refuse("last_admin", "The organisation would be left without an admin.")
    : null;
}

export function granteeOf(row: {
  toKind: "members" | "member" | "team";
  toId: string | null;
}): { kind: "members" } | { kind: "member" | "team"; id: string } {
  return row.toKind === "members" ? { kind: "members" } : { kind: row.toKind, id: row.toId ?? "" };
}
