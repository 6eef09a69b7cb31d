import { isAdminRole, parseRole, secondHalves, type Grantee } from "../access/index.ts";
import type { RowChange, RuleRow } from "../commands/record.ts";
import type { Slice } from "./slice.ts";

/*
 * Whom an owner may ask a receiver about. A stranger must not cost a call to every partner, so a
 * receiver tells the owner of each share which users may be asked about: always at least those whom
 * a rule reaches. Losses need not be told.
 */

const EVERYONE = 1_000_000;

/** The users whom a rule can reach. */
function reachedBy(slice: Slice, rule: RuleRow): string[] {
  if (rule.toKind === "admins") return adminsOf(slice, slice.lineage(rule.org));
  const to = (
    rule.toKind === "members" ? { kind: "members" } : { kind: rule.toKind, id: rule.toId }
  ) as Grantee;
  return slice.activeMembers(to, rule.org, EVERYONE).map((member) => member.user);
}

/** The users whom grants in these orgs make admins, for now or for good. */
export function adminsOf(slice: Slice, orgs: readonly number[]): string[] {
  const grants = slice
    .all<{ role: string; scope: string; toKind: string; toId: string | null; org: number }>(
      `select * from grants where org in (select value from json_each(?))`,
      JSON.stringify(orgs),
    )
    .filter((grant) => isAdminRole(parseRole(grant.role)) && grant.scope === '{"all":true}');
  return grants.flatMap((grant) => usersOf(slice, grant));
}

const usersOf = (
  slice: Slice,
  grant: { toKind: string; toId: string | null; org: number },
): string[] => {
  const to = (
    grant.toId === null ? { kind: "members" } : { kind: grant.toKind, id: grant.toId }
  ) as Grantee;
  return slice.activeMembers(to, grant.org, EVERYONE).map((member) => member.user);
};

/** Whom the owners of shares must be told of after these changes, which the slice already has. */
export function tellsOf(
  slice: Slice,
  rows: readonly RowChange[],
  now: number,
): { share: string; user: string }[] {
  const shares = slice
    .all<{ share: string }>(`select share from receipts where status = 'accepted'`)
    .map((row) => row.share);
  if (shares.length === 0) return [];
  const tells: { share: string; user: string }[] = [];
  const users = new Set<string>();
  for (const { table, before, after } of rows) {
    if (after === null) continue;
    switch (table) {
      case "rules":
        for (const user of reachedBy(slice, after)) tells.push({ share: after.share, user });
        break;
      case "orgs": // moved, it has other admins above it
        if (before && before.parent !== after.parent) tells.push(...everyoneBelow(slice, after.id));
        break;
      case "people": // reached at another address
        if (before) users.add(after.user);
        break;
      case "members":
        if (after.status === "active") users.add(after.user);
        break;
      case "teamMembers":
        users.add(slice.member(after.member)?.user ?? "");
        break;
      case "grants":
        if (isAdminRole(parseRole(after.role)))
          for (const user of usersOf(slice, after)) users.add(user);
        break;
      default: // no other fact names people whom a rule could reach
    }
  }
  for (const user of users)
    for (const { share } of secondHalves(slice, user, slice.paths(user), shares, now))
      tells.push({ share, user });
  return tells;
}

/** Everyone whom the rules of an org and of those below it can reach. */
const everyoneBelow = (slice: Slice, org: number) =>
  slice
    .rows("rules", { org: slice.subtree(org).map((below) => below.id) })
    .flatMap((rule) => reachedBy(slice, rule).map((user) => ({ share: rule.share, user })));

/** Everyone whom the rules on these shares can reach; only those in force, where an instant is given. */
export function everyoneOn(slice: Slice, shares: readonly string[], now = 0) {
  return shares.flatMap((share) =>
    slice
      .ruleRowsOn(share)
      .filter(({ expiresAt }) => expiresAt === null || now < expiresAt)
      .flatMap((rule) => reachedBy(slice, rule))
      .map((user) => ({ share, user, email: slice.person(user)?.email ?? "" })),
  );
}
