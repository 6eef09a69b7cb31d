import { isAdminRole, roleText, type RoleName } from "../access/index.ts";
import type { ResourceRow, ShareRow } from "../commands/record.ts";
import { reachCondition } from "./reach.ts";
import { idOf, nearest } from "./scene.ts";
import type { Slice } from "./slice.ts";
import { PART } from "./storage.ts";

/*
 * Whom and what a search must look at: found by indexes from the paths of a user, or from the grants
 * and shares that select a resource. They may hold more than the answer and never less; what is in
 * it, the model decides, as it decides a check.
 */

export interface Candidate {
  readonly key: number;
  readonly id: string;
}

/** The resources of a type, in the org and below, that some path of the user leads to; by key. */
export function candidateResources(
  slice: Slice,
  asked: { org: number; user: string; type: string; now: number; after: number; limit: number },
): readonly Candidate[] {
  const { org, user, type, now, after, limit } = asked;
  const paths = [...slice.paths(user), ...slice.halves(user)];
  const { reach, sql, param } = reachCondition(slice, user, paths, now);
  const orgs = JSON.stringify(slice.subtree(org).map((below) => below.id));
  return slice.all<Candidate>(
    `${reach} select r.key, r.id from resources r where r.tree = ? and r.key > ? and r.type = ? and r.org in (select value from json_each(?)) and ${sql} order by r.key limit ?`,
    param,
    slice.tree,
    after,
    type,
    orgs,
    limit,
  );
}

/** What the search for people needs of a resource; one of an open type may have no row. */
export type Sought = Pick<ResourceRow, "org" | "key" | "type" | "tagKeys" | "owner">;

/** The roles, as rows have them, that could let their holder do the action, or anything at all. */
function rolesFor({ book }: Slice, type: string, action: string | null) {
  const held = book
    .sets()
    .flatMap((set) => set.roles.map((role) => ({ set: set.name, role: role.name })));
  const could = (asAdmin: boolean) => (role: RoleName) =>
    action === null
      ? book.roleOn(role, type, asAdmin) !== null
      : book.permits(role, action, type, asAdmin) !== false;
  return {
    usual: held.filter(could(false)).map(roleText),
    // An admin's grant reaches types of other sets, too [R7].
    admin: held.filter(isAdminRole).filter(could(true)).map(roleText),
  };
}

/** The grants and shares that select a resource and have not ended, by way of what they name. */
function selecting(slice: Slice, row: Sought, action: string | null, now: number) {
  const { usual, admin } = rolesFor(slice, row.type, action);
  const tags = JSON.parse(row.tagKeys) as string[];
  const given = {
    orgs: slice.lineage(row.org),
    parts: [PART.all, PART.key(row.key), ...tags.map(PART.tag)],
    usual,
    admin,
    now,
  };
  const said = (name: string) =>
    `(select value from json_each((select it from given), '$.${name}'))`;
  // A cross join keeps SQLite to this order: from what the resource has to what names it.
  const of = (table: string, roles: string) =>
    `select f.*, s.part from json_each((select it from given), '$.orgs') o
       cross join json_each((select it from given), '$.parts') p
       cross join scopeParts s on s.org = o.value and s.part = p.value
       cross join "${table}" f on f.id = s.id
       where (f.expiresAt is null or f.expiresAt > json_extract((select it from given), '$.now')) and ${roles}`;
  const usually = `f.role in ${said("usual")}`;
  const asAdmin = `s.part = '${PART.all}' and f.role in ${said("admin")}`;
  return {
    param: JSON.stringify(given),
    sql: `given(it) as (select ?),
      g as materialized (${of("grants", `(${usually} or (${asAdmin}))`)}),
      h as materialized (${of("shares", usually)})`,
  };
}

/**
 * The users whom some grant or share that selects the resource could let do the action, or anything
 * at all; sorted. With `own` those whom a partner lets in are left out.
 */
export function candidateUsers(
  slice: Slice,
  row: Sought,
  action: string | null,
  now: number,
  { after = "", own = false, limit }: { after?: string; own?: boolean; limit: number },
): readonly string[] {
  const { sql, param } = selecting(slice, row, action, now);
  const partners = `union select a.user from h join askable a on a.share = h.id where h.toOrg is not null and h.status <> 'removed'`;
  return slice
    .all<{ user: string }>(
      `with ${sql},
       granted(user) as (
         select m.user from g join members m on m.id = g.toId where g.toKind = 'member' and m.status = 'active'
         union select m.user from g join teamMembers t on t.team = g.toId join members m on m.id = t.member
           where g.toKind = 'team' and m.status = 'active'
         union select m.user from g join members m on m.org = g.org where g.toKind = 'members' and m.status = 'active'),
       shared(user) as (
         select h.toUser from h where h.toUser is not null and h.status = 'active'
         ${own ? "" : partners}
         union select ?),
       who(user) as (select user from granted union select user from shared)
       select user from who where user > ? order by user limit ?`,
      param,
      row.owner ?? "",
      after,
      limit,
    )
    .map(({ user }) => user);
}

/** The shares to orgs that select the resource and have not ended, by id. */
export function candidateShares(slice: Slice, row: Sought, now: number): readonly ShareRow[] {
  const { sql, param } = selecting(slice, row, null, now);
  return slice.all<ShareRow>(
    `with ${sql} select distinct s.* from h join shares s on s.id = h.id
     where s.toOrg is not null and s.status <> 'removed' order by s.id`,
    param,
  );
}

/** How a search names a user in an org: by external id where there is one, else by e-mail. */
export const nameIn = (slice: Slice, user: string, org: number): string =>
  idOf(slice, user, nearest(slice, user, slice.lineage(org)));
