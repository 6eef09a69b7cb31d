import {
  check,
  rolesOn,
  type OrgId,
  type Path,
  type Resource,
  type RoleName,
} from "../access/index.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import type { TreeFacts } from "./facts.ts";
import type { MemberRow, ResourceRow } from "./record.ts";
import { administers, standing, type Actor, isTooWeak, noAdmin } from "./standing.ts";

export interface OfResource {
  org: number;
  type: string;
  id: string;
}

/** What the model needs to know of a resource's row. */
export const asResource = (row: ResourceRow): Resource => ({
  key: row.key,
  org: row.org,
  type: row.type,
  tags: JSON.parse(row.tagKeys) as string[],
  owner: row.owner,
});

const asked = (facts: TreeFacts, user: string, row: ResourceRow, at: number) => ({
  user,
  resource: asResource(row),
  lineage: facts.lineage(row.org),
  now: at,
});

const may = (
  facts: TreeFacts,
  paths: readonly Path[],
  user: string,
  action: string,
  row: ResourceRow,
  at: number,
) =>
  check(facts.book, paths, {
    ...asked(facts, user, row, at),
    action,
    holds: facts.holds({ user, action, resource: row }),
  });

/** May the person do this to it, by whatever reaches it in this tree? */
export const mayDo = (
  facts: TreeFacts,
  user: string,
  action: string,
  row: ResourceRow,
  at: number,
): boolean => may(facts, facts.paths(user), user, action, row, at);

/** The roles in which a person reaches it, by paths of this tree or by some of them. */
export const rolesOf = (
  facts: TreeFacts,
  user: string,
  row: ResourceRow,
  at: number,
  paths: readonly Path[] = facts.paths(user),
): readonly RoleName[] => rolesOn(facts.book, paths, asked(facts, user, row, at));

/** A person's paths but for what was shared with them, which they cannot pass on [R20, R30]. */
const ownPaths = (facts: TreeFacts, user: string): readonly Path[] =>
  facts.paths(user).filter((path) => path.steps.every((step) => step.from.kind !== "share"));

/** The resource in the org or below it; to strangers there is none. */
export function existing(
  facts: TreeFacts,
  actor: Actor,
  { org, type, id }: OfResource,
  at: number,
): ResourceRow | Refusal {
  if (standing(facts, actor, org, at) === "stranger") return NOT_FOUND;
  const row = facts.resource(type, id);
  return row && facts.lineage(row.org).includes(org) ? row : NOT_FOUND;
}

/**
 * Who may let others in to one resource: a person who holds `recipients` or `share` on it by a path
 * of their own [R30], or an application that manages the org.
 */
export function needPassing(
  facts: TreeFacts,
  actor: Actor,
  row: ResourceRow,
  at: number,
): Refusal | null {
  if (actor.kind !== "user" || administers(facts, actor, row.org))
    return standing(facts, actor, row.org, at) === "admin"
      ? null
      : refuse("forbidden", "This key cannot let others in.");
  if (isTooWeak(facts, actor, row.org)) {
    const refused = noAdmin(facts, actor, row.org, at, "");
    if (refused.code === "strong_authentication_needed") return refused;
  }
  const paths = ownPaths(facts, actor.user);
  const passes = ["recipients", "share"].some((action) =>
    may(facts, paths, actor.user, action, row, at),
  );
  if (passes) return null;
  const known =
    mayDo(facts, actor.user, "view", row, at) || standing(facts, actor, row.org, at) === "admin";
  return known ? refuse("forbidden", "You may not let others in to this.") : NOT_FOUND;
}

/** Is the role no more than the actor's own on the resource, by a path of their own [R30]? */
export function mayGive(
  facts: TreeFacts,
  actor: Actor,
  row: ResourceRow,
  role: RoleName,
  at: number,
): boolean {
  if (actor.kind !== "user" || administers(facts, actor, row.org)) return true;
  const own = rolesOf(facts, actor.user, row, at, ownPaths(facts, actor.user));
  return own.some((held) => facts.book.atMost(role, held));
}

/**
 * The membership by which a person reaches a resource of the org: the nearest, in the org or above
 * it; else one from elsewhere in the tree.
 */
export function membershipFor(
  facts: TreeFacts,
  user: string,
  org: OrgId,
  status: readonly MemberRow["status"][] = ["active"],
): MemberRow | undefined {
  const lineage = facts.lineage(org);
  const distance = (member: { org: number }) => {
    const place = lineage.indexOf(member.org);
    return place < 0 ? lineage.length : place;
  };
  return facts
    .membershipsOf(user)
    .map((member) => facts.member(member.id))
    .filter((member) => member !== undefined)
    .filter((member) => status.includes(member.status))
    .toSorted((a, b) => distance(a) - distance(b) || (a.id < b.id ? -1 : 1))[0];
}

/** Is the person an active member of the org or of one above it? */
export const isMemberOf = (facts: TreeFacts, user: string, org: OrgId): boolean =>
  facts.lineage(org).includes(membershipFor(facts, user, org)?.org ?? 0);

/** The scope of exactly one resource, as it is stored. */
export const scopeOf = (key: number): string => JSON.stringify({ keys: [key] });
