import {
  check,
  foldTag,
  isAdminRole,
  parseRole,
  type Path,
  type StoredScope,
} from "../access/index.ts";
import type { GrantRow, MemberRow, ResourceRow, RuleRow, ShareRow } from "../commands/record.ts";
import type { ReadName } from "../commands/reads.ts";
import type { Actor } from "../commands/standing.ts";
import type { Materials, OwnAccessMaterial, ReadInput } from "../views/materials.ts";
import { history, sharesOfferedTo } from "./outside.ts";
import { countReached, reachCondition } from "./reach.ts";
import type { Slice } from "./slice.ts";

export interface Asking {
  readonly slice: Slice;
  readonly db: D1Database;
  readonly actor: Actor;
  readonly org: number;
  readonly now: number;
}

/** A page of material; `next` is where the list goes on. One thing is a page of one. */
export interface Page<M> {
  readonly items: readonly M[];
  readonly next: string | null;
}

type Query<M> = (asking: Asking, input: ReadInput) => Page<M> | Promise<Page<M>>;

const one = <M>(item: M | undefined | null): Page<M> => ({ items: item ? [item] : [], next: null });

/** A page of rows that were read with one more than the limit. */
function page<R, M>(
  rows: readonly R[],
  limit: number,
  key: (row: R) => string,
  shown: (row: R) => M,
): Page<M> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(shown), next: rows.length > limit && last ? key(last) : null };
}

function terms<T extends { scope: string }>(slice: Slice, row: T) {
  const scope = JSON.parse(row.scope) as StoredScope;
  const refs = "keys" in scope ? refsOf(slice, scope.keys) : [];
  return { ...row, scope, refs };
}

/** `type:id` of the resources behind these keys, those that there still are. */
export const refsOf = (slice: Slice, keys: readonly number[]): string[] =>
  slice
    .all<{ ref: string }>(
      `select type || ':' || id as ref from resources where tree = ? and key in (select value from json_each(?)) order by key`,
      slice.tree,
      JSON.stringify(keys),
    )
    .map((row) => row.ref);

const memberShown =
  (slice: Slice, now: number) =>
  (row: MemberRow): Materials["member"] => {
    const grants = slice.grantsNaming(row.id).map((grant) => terms(slice, grant));
    return {
      ...row,
      email: slice.person(row.user)?.email ?? "",
      role: strongest(
        slice,
        grants.filter((grant) => grant.expiresAt === null || now < grant.expiresAt),
      ),
      grants,
    };
  };

/** The strongest of some roles; an admin's counts above all. */
function strongest(slice: Slice, rows: readonly { role: string }[]): string | null {
  let best: string | null = null;
  const weight = (text: string) => {
    const role = parseRole(text);
    return (isAdminRole(role) ? 1_000 : 0) + slice.book.rank(role);
  };
  for (const { role } of rows) if (best === null || weight(role) > weight(best)) best = role;
  return best;
}

const shareShown =
  (slice: Slice) =>
  (row: ShareRow): Materials["share"] => ({
    ...terms(slice, row),
    email: row.toUser === null ? null : (slice.person(row.toUser)?.email ?? null),
    name: row.toName,
  });

const resourceShown =
  (slice: Slice) =>
  (row: ResourceRow): Materials["resource"] => ({
    ...row,
    orgName: slice.org(row.org)?.name ?? "",
  });

/** The resources of an org and below; to a person, those that they may view. */
function resources(asking: Asking, input: ReadInput): Page<Materials["resources"]> {
  const { slice, actor, now } = asking;
  const orgs = JSON.stringify(slice.subtree(asking.org).map((org) => org.id));
  const where = [`r.org in (select value from json_each(?))`, `r.key > ?`];
  const params: (string | number | null)[] = [orgs, Number(input.after) || 0];
  if (input.type !== undefined) {
    where.push(`r.type = ?`);
    params.push(input.type);
  }
  if (input.tag !== undefined) {
    where.push(`r.key in (select key from resourceTags where tag = ?)`);
    params.push(foldTag(input.tag));
  }
  if (input.q !== undefined) {
    where.push(`(instr(lower(r.name), lower(?)) > 0 or instr(lower(r.id), lower(?)) > 0)`);
    params.push(input.q, input.q);
  }
  if (actor.kind === "user") {
    const reach = reachCondition(slice, actor.user, slice.paths(actor.user), now);
    where.push(reach.sql);
    params.push(...reach.params);
  }
  const rows = slice.all<ResourceRow>(
    `select r.* from resources r where ${where.join(" and ")} order by r.key limit ?`,
    ...params,
    input.limit + 1,
  );
  return page(rows, input.limit, (row) => String(row.key), resourceShown(slice));
}

function oneResource(
  { slice, actor, org, now }: Asking,
  input: ReadInput,
): Page<Materials["resource"]> {
  const ref = input.id ?? "";
  const colon = ref.indexOf(":");
  const row = slice.resource(ref.slice(0, colon), ref.slice(colon + 1));
  const lineage = row ? slice.lineage(row.org) : [];
  if (!row || !lineage.includes(org)) return one<Materials["resource"]>(null);
  const visible =
    actor.kind !== "user" ||
    check(slice.book, slice.paths(actor.user), {
      user: actor.user,
      action: "view",
      resource: { ...row, tags: JSON.parse(row.tagKeys) as string[] },
      lineage,
      now,
      holds: () => false,
    });
  return one(visible ? resourceShown(slice)(row) : null);
}

async function received(
  { slice, db, org, now }: Asking,
  input: ReadInput,
): Promise<Page<Materials["receivedShares"]>> {
  const rows = await sharesOfferedTo(db, org, {
    after: input.after,
    limit: input.limit + 1,
    share: input.id,
  });
  return page(
    rows,
    input.limit,
    (row) => row.share.id,
    ({ share, orgName, refs }) => {
      const receipt = slice.receiptRow(share.id);
      const status = { accepted: "active", declined: "declined", none: "pending" };
      const ended = share.expiresAt !== null && share.expiresAt <= now;
      return {
        id: share.id,
        org,
        owner: { id: share.org, name: orgName },
        status:
          ended && receipt?.status !== "declined" ? "expired" : status[receipt?.status ?? "none"],
        role: share.role,
        scope: JSON.parse(share.scope) as StoredScope,
        refs,
        expiresAt: share.expiresAt,
        createdAt: share.createdAt,
      };
    },
  );
}

/** Is this a share that was offered to the org asked about? */
export async function isOffered(asking: Asking, share: string): Promise<boolean> {
  const offered = await received(asking, { id: share, after: "", limit: 1 });
  return offered.items.length > 0;
}

/** Rules name resources of the owner's tree; D1 knows their names. */
async function rules(
  { slice, db, org }: Asking,
  input: ReadInput,
): Promise<Page<Materials["rules"]>> {
  const rows = slice.all<RuleRow>(
    `select * from rules where org = ?1 and (?2 is null or share = ?2) and (?3 is null or id = ?3) and id > ?4 order by id limit ?5`,
    org,
    input.share ?? null,
    input.id ?? null,
    input.after,
    input.limit + 1,
  );
  const shown = rows.map(async (row) => {
    const scope = JSON.parse(row.scope) as StoredScope;
    const tree = slice.receiptRow(row.share)?.ownerTree ?? 0;
    return { ...row, scope, refs: "keys" in scope ? await foreignRefs(db, tree, scope.keys) : [] };
  });
  return page(
    await Promise.all(shown),
    input.limit,
    (row) => row.id,
    (row) => row,
  );
}

async function foreignRefs(db: D1Database, tree: number, keys: readonly number[]) {
  const found = await db
    .prepare(
      `select type || ':' || id as ref from resources where tree = ? and key in (select value from json_each(?)) order by key`,
    )
    .bind(tree, JSON.stringify(keys))
    .all<{ ref: string }>();
  return found.results.map((row) => row.ref);
}

const listed =
  <R extends { id: string }, M>(
    table: string,
    shown: (asking: Asking) => (row: R) => M,
    more = "",
  ): Query<M> =>
  (asking, input) => {
    const rows = asking.slice.all<R>(
      `select * from "${table}" where org = ? and id > ? ${more} order by id limit ?`,
      asking.org,
      input.after,
      input.limit + 1,
    );
    return page(rows, input.limit, (row) => row.id, shown(asking));
  };

const found =
  <R extends { org: number }, M>(
    get: (slice: Slice, id: string) => R | undefined,
    shown: (asking: Asking) => (row: R) => M,
  ): Query<M> =>
  (asking, input) => {
    const row = get(asking.slice, input.id ?? "");
    return one(row?.org === asking.org ? shown(asking)(row) : null);
  };

const membersOf = ({ slice, now }: Asking) => memberShown(slice, now);
const sharesOf = ({ slice }: Asking) => shareShown(slice);
const grantsOf =
  ({ slice }: Asking) =>
  (row: GrantRow) =>
    terms(slice, row);

/** The material of every reading but the one that another tree's object has. */
export const QUERIES: {
  readonly [R in Exclude<ReadName, "receivedResources">]: Query<Materials[R]>;
} = {
  org: ({ slice, org }) => one(slice.org(org)),
  orgTree: ({ slice, org }) => ({ items: slice.subtree(org), next: null }),
  resource: oneResource,
  resources,
  member: found((slice, id) => slice.member(id), membersOf),
  members: listed<MemberRow, Materials["member"]>("members", membersOf),
  grant: found((slice, id) => slice.grant(id), grantsOf),
  share: found((slice, id) => slice.share(id), sharesOf),
  shares: listed<ShareRow, Materials["share"]>("shares", sharesOf, "and status <> 'removed'"),
  receivedShare: received,
  receivedShares: received,
  rule: rules,
  rules,
  key: found(
    (slice, id) => slice.key(id),
    () => (row) => row,
  ),
  keys: listed<Materials["key"] & { id: string }, Materials["key"]>("apiKeys", () => (row) => row),
  changes: async ({ slice, db, org }, input) => {
    const orgs = slice.subtree(org).map((below) => below.id);
    const rows = await history(db, slice.tree, orgs, Number(input.after) || 0, input.limit + 1);
    return page(
      rows,
      input.limit,
      (row) => String(row.revision),
      (row) => row,
    );
  },
};

/** The resources that a share reaches, for the org that it was offered to. */
export function sharedResources(
  slice: Slice,
  share: ShareRow,
  path: Path,
  input: ReadInput,
  now: number,
) {
  const { sql, params } = reachCondition(slice, "", [path], now);
  const rows = slice.all<ResourceRow>(
    `select r.* from resources r where ${sql} and r.key > ? order by r.key limit ?`,
    ...params,
    Number(input.after) || 0,
    input.limit + 1,
  );
  return page(
    rows,
    input.limit,
    (row) => String(row.key),
    (row) => ({
      ...resourceShown(slice)(row),
      org: share.org,
      orgName: slice.org(share.org)?.name ?? "",
      owner: null,
      properties: null,
    }),
  );
}

/** What a person can reach by memberships and by shares to themself: one row for each. */
export function ownAccess(slice: Slice, user: string, now: number): OwnAccessMaterial[] {
  const paths = slice.paths(user);
  const orgOf = (id: number) => ({ id, name: slice.org(id)?.name ?? "" });
  const members = slice.membershipsOf(user).map((row): OwnAccessMaterial => {
    const { role, grants } = memberShown(slice, now)(row);
    const teams = slice.teamsOf(row.id);
    const ids = [
      ...slice.grantsTo({ kind: "member", id: row.id }, row.org),
      ...slice.grantsTo({ kind: "members" }, row.org),
      ...teams.flatMap((id) => slice.grantsTo({ kind: "team", id }, row.org)),
    ].map((grant) => grant.id);
    const own = paths.filter((path) =>
      path.steps.some(({ from }) => from.kind === "grant" && ids.includes(from.id)),
    );
    const widest = grants.find((grant) => "all" in grant.scope) ?? grants[0];
    return {
      id: row.id,
      org: orgOf(row.org),
      kind: "member",
      via: null,
      role,
      scope: widest?.scope ?? null,
      refs: widest?.refs ?? [],
      status: row.status,
      resources: row.status === "active" ? countReached(slice, user, own, now) : 0,
      expiresAt: widest?.expiresAt ?? null,
    };
  });
  const shares = slice
    .all<ShareRow>(
      `select * from shares where toUser = ? and status in ('pending', 'active')`,
      user,
    )
    .map((row): OwnAccessMaterial => {
      const { scope, refs } = terms(slice, row);
      const own = paths.filter((path) =>
        path.steps.some(({ from }) => from.kind === "share" && from.id === row.id),
      );
      const ended = row.expiresAt !== null && row.expiresAt <= now;
      return {
        id: row.id,
        org: orgOf(row.org),
        kind: "user_share",
        via: null,
        role: row.role,
        scope,
        refs,
        status: ended ? "expired" : row.status,
        resources: countReached(slice, user, own, now),
        expiresAt: row.expiresAt,
      };
    });
  return [...members, ...shares];
}
