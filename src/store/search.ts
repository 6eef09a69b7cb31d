import {
  isAdminRole,
  parseRole,
  readScope,
  selects,
  type Scope,
  type StoredScope,
} from "../access/index.ts";
import type { GrantRow, ResourceRow, ShareRow } from "../commands/record.ts";
import { reachCondition } from "./reach.ts";
import { idOf, nearest } from "./scene.ts";
import type { Slice } from "./slice.ts";

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

/** The users whom some grant or share of the resource's lineage could let do the action; sorted. */
export function candidateUsers(
  slice: Slice,
  row: ResourceRow,
  action: string,
  now: number,
): readonly string[] {
  const { book } = slice;
  const lineage = slice.lineage(row.org);
  const resource = { ...row, tags: JSON.parse(row.tagKeys) as string[] };
  const scopes = new Map<string, boolean>();
  const chosen = (text: string): boolean => {
    const known = scopes.get(text);
    if (known !== undefined) return known;
    const scope: Scope = readScope(JSON.parse(text) as StoredScope);
    const found = selects(scope, resource);
    scopes.set(text, found);
    return found;
  };
  const gives = (
    { role, scope, expiresAt }: Pick<GrantRow, "role" | "scope" | "expiresAt">,
    granted: boolean,
  ) => {
    if ((expiresAt !== null && expiresAt <= now) || !chosen(scope)) return false;
    const named = parseRole(role);
    const asAdmin = granted && isAdminRole(named) && scope === '{"all":true}';
    return book.permits(named, action, row.type, asAdmin) !== false;
  };
  const users = new Set<string>(row.owner === null ? [] : [row.owner]);
  const orgs = JSON.stringify(lineage);
  const grants = slice.all<Granted>(
    `select org, toKind, toId, role, scope, expiresAt from grants where org in (select value from json_each(?))`,
    orgs,
  );
  for (const grant of grants) {
    if (!gives(grant, true)) continue;
    const to =
      grant.toKind === "members"
        ? ({ kind: "members" } as const)
        : ({ kind: grant.toKind, id: grant.toId ?? "" } as const);
    for (const member of slice.activeMembers(to, grant.org, EVERYONE)) users.add(member.user);
  }
  const shares = slice
    .all<ShareRow>(
      `select * from shares where org in (select value from json_each(?)) and status <> 'removed'`,
      orgs,
    )
    .filter((share) => gives(share, false));
  for (const { toUser } of shares) if (toUser !== null) users.add(toUser);
  const partners = slice.all<{ user: string }>(
    `select distinct user from askable where share in (select value from json_each(?))`,
    JSON.stringify(shares.filter(({ toOrg }) => toOrg !== null).map(({ id }) => id)),
  );
  for (const { user } of partners) users.add(user);
  return [...users].toSorted();
}

type Granted = Pick<GrantRow, "org" | "toKind" | "toId" | "role" | "scope" | "expiresAt">;

const EVERYONE = 1_000_000;

/** How a search names a user in an org: by external id where there is one, else by e-mail. */
export const nameIn = (slice: Slice, user: string, org: number): string =>
  idOf(slice, user, nearest(slice, user, slice.lineage(org)));
