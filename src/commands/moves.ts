import type { StoredScope } from "../access/index.ts";
import type { Event } from "../events.ts";
import { refuse, type Refusal } from "../refusals.ts";
import { needConfirmation } from "./confirm.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { nameOfRole } from "./grants.ts";
import type { GrantRow, OrgRow, RuleRow, ShareRow } from "./record.ts";
import { onlyCompany } from "./settings.ts";
import { granteeOf, needAdmin, standing, type Actor } from "./standing.ts";

/*
 * An org moves within its tree, with all below it. What is given in the orgs above it reaches it by
 * position alone [R22], so a move changes who reaches it without touching what anyone was given.
 */

const DEPTH_MAX = 32;

/** Would orgs of this height nest too deep below the parent? */
export const tooDeep = (facts: TreeFacts, parent: number, height: number): Refusal | null =>
  facts.lineage(parent).length + height > DEPTH_MAX
    ? refuse("limit", `Organisations nest at most ${DEPTH_MAX} deep.`, "/parent")
    : null;

/** The move of an org below another parent, once it is confirmed; `null` where there is none. */
export function moving(
  facts: TreeFacts,
  actor: Actor,
  org: OrgRow,
  wanted: { parent?: number | null | undefined; confirm?: string | undefined },
  stamp: Stamp,
): Event | Refusal | null {
  const { parent } = wanted;
  if (parent === undefined || parent === org.parent) return null;
  if (org.parent === null || parent === null)
    return refuse("invalid", "The root of a tree stays its root.", "/parent");
  const refused =
    mayNotMove(facts, actor, org.parent, parent, stamp.at) ??
    cannotMove(facts, org, parent) ??
    needConfirmation(
      stamp,
      "This changes who reaches the organisation; see whom it concerns, and confirm it.",
      preview(facts, org, org.parent, parent, stamp.at),
      wanted.confirm,
    );
  const data = { name: org.name, from: org.parent, to: parent };
  return refused ?? { name: "org.moved", org: org.id, data };
}

/** A move takes an admin of the org, of the one above it now, and of the one above it then. */
function mayNotMove(
  facts: TreeFacts,
  actor: Actor,
  from: number,
  to: number,
  at: number,
): Refusal | null {
  if (standing(facts, actor, to, at) === "stranger")
    return refuse(
      "invalid",
      "There is no such organisation in this tree, and an organisation never changes trees.",
      "/parent",
    );
  if (standing(facts, actor, from, at) !== "admin")
    return refuse("forbidden", "Only an admin of the organisation above can move it from there.");
  return needAdmin(facts, actor, to, at) ?? onlyCompany(facts, actor, to, at);
}

function cannotMove(facts: TreeFacts, org: OrgRow, parent: number): Refusal | null {
  if (facts.lineage(parent).includes(org.id))
    return refuse("invalid", "An organisation cannot lie below itself.", "/parent");
  const subtree = facts.subtree(org.id);
  const depths = subtree.map((below) => facts.lineage(below.id).length);
  const height = Math.max(...depths) - facts.lineage(org.id).length + 1;
  return tooDeep(facts, parent, height) ?? losesAdmins(facts, org, parent);
}

/** Would the org, or one below it, be left without an admin that it has now [R10]? */
function losesAdmins(facts: TreeFacts, org: OrgRow, parent: number): Refusal | null {
  const subtree = facts.subtree(org.id);
  const [before, after] = [facts.lineage(org.parent ?? 0), facts.lineage(parent)];
  const grants = facts.adminGrants([...subtree.map((below) => below.id), ...before, ...after]);
  const admins = (orgs: readonly number[], lineage: readonly number[]): boolean =>
    grants.some(
      (grant) =>
        orgs.includes(grant.org) &&
        facts
          .activeMembers(granteeOf(grant), grant.org, 2)
          .some((member) => lineage.includes(member.org)),
    );
  const above = { had: admins(before, before), has: admins(after, after) };
  const known = new Map<number, typeof above>();
  for (const { id, parent: up } of subtree) {
    const from = known.get(up ?? 0) ?? above;
    const lineage = facts.lineage(id);
    const inside = lineage.slice(0, lineage.indexOf(org.id) + 1);
    const had = from.had || admins([id], lineage);
    const has = from.has || admins([id], [...inside, ...after]);
    if (had && !has)
      return refuse("last_admin", "An organisation would be left without an admin.", "/parent");
    known.set(id, { had, has });
  }
  return null;
}

/** So many people are named on each side; the counts say how many more there are. */
const NAMED_MAX = 100;

interface Concerned {
  readonly named: object[];
  count: number;
}

function preview(facts: TreeFacts, org: OrgRow, from: number, to: number, at: number) {
  const [above, then] = [facts.lineage(from), facts.lineage(to)];
  const gains = concerned(
    facts,
    org,
    then.filter((id) => !above.includes(id)),
    at,
  );
  const loses = concerned(
    facts,
    org,
    above.filter((id) => !then.includes(id)),
    at,
  );
  return {
    from,
    to,
    gains: gains.named,
    loses: loses.named,
    counts: { gains: gains.count, loses: loses.count },
    more: gains.count > gains.named.length || loses.count > loses.named.length,
  };
}

/**
 * Whom it concerns whether these orgs lie above the moved one: who was given access there that
 * reaches into it, and whom grants and rules inside it name as one of theirs.
 */
function concerned(
  facts: TreeFacts,
  moved: OrgRow,
  orgs: readonly number[],
  at: number,
): Concerned {
  const found: Concerned = { named: [], count: 0 };
  if (orgs.length === 0) return found;
  const inside = facts.subtree(moved.id).map((below) => below.id);
  const live = (row: { expiresAt: number | null }) => row.expiresAt === null || at < row.expiresAt;
  const reaches = (row: { scope: string }): boolean => {
    const scope = JSON.parse(row.scope) as StoredScope;
    if (!("keys" in scope)) return true;
    return facts.rows("resources", { key: scope.keys }).some(({ org }) => inside.includes(org));
  };

  for (const grant of facts.rows("grants", { org: orgs }))
    if (live(grant) && reaches(grant)) addHolders(grant, facts.lineage(grant.org));
  for (const share of facts.rows("shares", { org: orgs, status: ["pending", "active"] }))
    if (live(share) && reaches(share)) addShare(share);

  const member = facts.rows("members", { org: orgs, status: "active" }).map(({ id }) => id);
  const team = facts.rows("teams", { org: orgs }).map(({ id }) => id);
  for (const [toKind, toId] of [
    ["member", member],
    ["team", team],
  ] as const) {
    for (const grant of facts.rows("grants", { org: inside, toKind, toId, via: null }))
      if (live(grant)) addHolders(grant, orgs);
    for (const rule of facts.rows("rules", { org: inside, toKind, toId }))
      if (live(rule)) addHolders(rule, orgs);
  }
  return found;

  /** The active members whom a grant or rule stands for, where they are of one of these orgs. */
  function addHolders(row: GrantRow | RuleRow, of: readonly number[]): void {
    const to = granteeOf(row as GrantRow);
    const members = facts
      .activeMembers(to, row.org, NAMED_MAX + 1)
      .filter((one) => of.includes(one.org));
    const many = members.length > NAMED_MAX;
    found.count += !many
      ? members.length
      : to.kind === "team"
        ? facts.count("teamMembers", { team: to.id })
        : facts.count("members", { org: row.org, status: "active" });
    for (const { user } of members) add(row, () => ({ email: emailOf(user) }));
  }

  function emailOf(user: string): string {
    return facts.person(user)?.email ?? "";
  }

  function addShare(share: ShareRow): void {
    if (share.toUser !== null && share.status !== "active") return;
    found.count += 1;
    const { toUser } = share;
    add(share, () => (toUser === null ? { org: share.toOrg } : { email: emailOf(toUser) }));
  }

  function add(row: { org: number; role: string }, whom: () => object): void {
    if (found.named.length >= NAMED_MAX) return;
    const through = { id: row.org, name: facts.org(row.org)?.name ?? "" };
    found.named.push({ ...whom(), role: nameOfRole(row.role), through });
  }
}
