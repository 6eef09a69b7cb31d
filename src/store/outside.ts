import type { HalfStatus } from "../access/index.ts";
import type { CollaborationRow, IssuerRow, PlatformRoleRow, ShareRow } from "../commands/record.ts";
import { nanoid } from "nanoid";

/*
 * What lies outside every tree, or across trees: org numbers, users, which trees know a person, and
 * which shares were offered to an org. Read from D1's primary, so never older than an answer given.
 */

/** The tree of an org; `undefined` when the number was never given out. It never changes. */
export async function treeOfOrg(db: D1Database, org: number): Promise<number | undefined> {
  const row = await db
    .prepare(`select coalesce(tree, id) as tree from orgNumbers where id = ?`)
    .bind(org)
    .first<{ tree: number }>();
  return row?.tree;
}

const DAY_MS = 86_400_000;

/**
 * Gives out an org number: a root's (and its tree's guard with it) or a sub-workspace's. The same
 * `request` within a day is given the same number.
 */
export async function allocateOrg(
  db: D1Database,
  tree: number | null,
  request: string | null,
  at: number,
): Promise<number> {
  const name = request ?? nanoid();
  const [, , , found] = await db.batch<{ id: number }>([
    db
      .prepare(`update orgNumbers set request = null where request = ? and createdAt <= ?`)
      .bind(name, at - DAY_MS),
    db
      .prepare(
        `insert into orgNumbers (tree, request, createdAt) select ?1, ?2, ?3 where not exists (select 1 from orgNumbers where request = ?2)`,
      )
      .bind(tree, name, at),
    db
      .prepare(
        `insert into trees (tree, revision, epoch) select id, 0, 0 from orgNumbers where request = ? and tree is null on conflict (tree) do nothing`,
      )
      .bind(name),
    db.prepare(`select id from orgNumbers where request = ?`).bind(name),
  ]);
  const id = found?.results[0]?.id;
  if (id === undefined) throw new Error("no org number was given out");
  return id;
}

/** The users of these e-mails; those that there are not yet are made. */
export async function usersFor(
  db: D1Database,
  emails: readonly string[],
  at: number,
): Promise<Record<string, string>> {
  if (emails.length === 0) return {};
  const rows = JSON.stringify(emails.map((email) => ({ id: `usr_${nanoid()}`, email })));
  const [, found] = await db.batch<{ id: string; email: string }>([
    db
      .prepare(
        `insert into users (id, email, createdAt) select json_extract(value, '$.id'), json_extract(value, '$.email'), ? from json_each(?) where true on conflict (email) do nothing`,
      )
      .bind(at, rows),
    db
      .prepare(
        `select id, email from users where email in (select json_extract(value, '$.email') from json_each(?))`,
      )
      .bind(rows),
  ]);
  return Object.fromEntries((found?.results ?? []).map(({ email, id }) => [email, id]));
}

/** The user of an e-mail or user id, if there is one. */
export async function findUser(
  db: D1Database,
  alias: string,
): Promise<{ id: string; email: string } | undefined> {
  const column = alias.includes("@") ? "email" : "id";
  const row = await db
    .prepare(`select id, email from users where ${column} = ?`)
    .bind(alias)
    .first<{ id: string; email: string }>();
  return row ?? undefined;
}

/** The trees in which something ended that their clock has not announced: what an alarm may have missed. */
export async function treesBehind(db: D1Database, now: number): Promise<number[]> {
  const late = (table: string) =>
    `select t.tree from ${table} t left join clocks c on c.tree = t.tree and c.name = 'expiry'
     where t.expiresAt <= ?1 and t.expiresAt > coalesce(c.at, 0)`;
  const found = await db
    .prepare(`${late("grants")} union ${late("shares")} union ${late("rules")} limit 1000`)
    .bind(now)
    .all<{ tree: number }>();
  return found.results.map((row) => row.tree);
}

/** The orgs (of one tree) that trust an issuer, as they trust it; those that were deleted trust nobody. */
export async function issuersOf(db: D1Database, issuer: string, tree: number | undefined) {
  const found = await db
    .prepare(
      `select i.tree, i.org, i.jwksUrl, i.audience, i.claim, i.algorithms from issuers i join orgs o on o.id = i.org
       where i.issuer = ?1 and (?2 is null or i.tree = ?2) and o.deletedAt is null order by i.id limit 50`,
    )
    .bind(issuer, tree ?? null)
    .all<Omit<IssuerRow, "id" | "issuer" | "createdBy" | "createdAt">>();
  return found.results;
}

/** The trees that know a person. */
export async function treesOfUser(db: D1Database, user: string): Promise<number[]> {
  const found = await db
    .prepare(`select tree from people where user = ? order by tree`)
    .bind(user)
    .all<{ tree: number }>();
  return found.results.map((row) => row.tree);
}

/** The org that a share was offered to, if it was to one. */
export async function receiverOfShare(db: D1Database, share: string): Promise<number | undefined> {
  const row = await db
    .prepare(`select toOrg from shares where id = ?`)
    .bind(share)
    .first<{ toOrg: number | null }>();
  return row?.toOrg ?? undefined;
}

export interface OfferedRow {
  readonly share: ShareRow;
  readonly orgName: string;
  /** JSON. */
  readonly orgSettings: string;
  /** `type:id` of the resources that the scope lists. */
  readonly refs: readonly string[];
  /** Suspended by its owner, or by an org above that. */
  readonly frozen: boolean;
}

/** The shares offered to an org and not removed, by id; `share` narrows to one. */
export async function sharesOfferedTo(
  db: D1Database,
  org: number,
  page: { after: string; limit: number; share?: string | undefined },
): Promise<OfferedRow[]> {
  const found = await db
    .prepare(
      `select s.*, o.name as orgName, o.settings as orgSettings,
         (select json_group_array(r.type || ':' || r.id) from resources r
           where r.tree = s.tree and r.key in (select value from json_each(s.scope, '$.keys'))) as refs,
         exists (with recursive above (id) as (select s.org union all
             select o.parent from orgs o join above a on o.id = a.id where o.parent is not null)
           select 1 from freezes f join above a on a.id = f.org
           where f.tree = s.tree and f.partner in (0, s.toOrg)) as frozen
       from shares s join orgs o on o.id = s.org
       where s.toOrg = ?1 and s.status <> 'removed' and o.deletedAt is null and s.id > ?2 and (?3 is null or s.id = ?3)
       order by s.id limit ?4`,
    )
    .bind(org, page.after, page.share ?? null, page.limit)
    .all<ShareRow & { orgName: string; orgSettings: string; refs: string; frozen: number }>();
  return found.results.map(({ orgName, orgSettings, refs, frozen, ...share }) => ({
    share,
    orgName,
    orgSettings,
    refs: JSON.parse(refs) as string[],
    frozen: frozen === 1,
  }));
}

export interface HistoryRow {
  readonly revision: number;
  readonly at: number;
  readonly actor: string;
  readonly actorEmail: string | null;
  readonly what: string;
  readonly events: string;
  readonly reason: string | null;
  readonly org: number;
}

/** The changes of some orgs of a tree after a revision, oldest first. */
export async function history(
  db: D1Database,
  tree: number,
  orgs: readonly number[],
  after: number,
  limit: number,
): Promise<HistoryRow[]> {
  const found = await db
    .prepare(
      `select c.revision, c.at, c.actor, coalesce(p.email, u.email) as actorEmail, c.what, c.events, c.reason, c.org
       from changes c left join people p on p.tree = c.tree and p.user = c.actor
         left join users u on u.id = c.actor
       where c.tree = ? and c.revision > ? and c.org in (select value from json_each(?))
       order by c.revision limit ?`,
    )
    .bind(tree, after, JSON.stringify(orgs), limit)
    .all<HistoryRow>();
  return found.results;
}

/** One of an org's collaborations, both halves put together. */
export interface CollaborationFound {
  readonly id: string;
  readonly other: number;
  readonly otherName: string | null;
  readonly own: HalfStatus | null;
  readonly theirs: HalfStatus | null;
  readonly outgoing: number;
  readonly changedAt: number;
}

/**
 * The collaborations of an org by id, those of a status, or all that have not ended. One whose
 * other side was deleted has ended.
 */
export async function collaborationsOf(
  db: D1Database,
  tree: number,
  org: number,
  page: { id: string | null; status: string | null; after: string; limit: number },
): Promise<CollaborationFound[]> {
  const found = await db
    .prepare(
      `with halves as (
         select id, max(iif(org = ?1, withOrg, org)) as other, max(at) as changedAt,
           max(iif(org = ?1, status, null)) as own, max(iif(org = ?1, null, status)) as theirs
         from collaborations where (org = ?1 or withOrg = ?1) and id > ?3 and (?4 is null or id = ?4)
         group by id),
       joined as (
         select h.id, h.other, h.changedAt, o.name as otherName,
           h.id glob 'col_' || cast(?2 as integer) || '_*' as outgoing, h.own,
           iif(o.id is null or o.deletedAt is not null, 'ended', h.theirs) as theirs
         from halves h left join orgs o on o.id = h.other)
       select * from joined
       where case when ?4 is not null then true
         when own = 'ended' or theirs = 'ended' then ?5 = 'ended'
         when own is null or theirs is null then coalesce(?5, 'pending') = 'pending'
         else coalesce(?5, 'active') = 'active' end
       order by id limit ?6`,
    )
    .bind(org, tree, page.after, page.id, page.status, page.limit)
    .all<CollaborationFound>();
  return found.results;
}

export interface SharedIn {
  readonly collaboration: string;
  readonly id: string;
  /** 1 when the org gave it, 0 when it received it. */
  readonly given: number;
  /** How many there are of this way in this collaboration. */
  readonly total: number;
  readonly role: string;
  readonly status: "pending" | "active";
  readonly expiresAt: number | null;
}

/** What is shared in collaborations, each way: at most `named` of each, and at least one. */
export async function sharedIn(
  db: D1Database,
  org: number,
  collaborations: readonly string[],
  now: number,
  named: number,
): Promise<SharedIn[]> {
  const found = await db
    .prepare(
      `select * from (
         select s.collaboration, s.id, s.org = ?1 as given, s.role, s.expiresAt,
           iif(r.share is null, 'pending', 'active') as status,
           count(*) over (partition by s.collaboration, s.org) as total,
           row_number() over (partition by s.collaboration, s.org order by s.id) as n
         from shares s left join receipts r on r.share = s.id
         where s.collaboration in (select value from json_each(?2)) and s.status <> 'removed'
           and coalesce(r.status, 'none') <> 'declined' and (s.expiresAt is null or s.expiresAt > ?3))
       where n <= max(1, ?4) order by id`,
    )
    .bind(org, JSON.stringify(collaborations), now, named)
    .all<SharedIn>();
  return found.results;
}

/** What the receiving org of a share answered, if anything; or that it ended what carries it. */
export async function answerTo(
  db: D1Database,
  share: string,
): Promise<"accepted" | "declined" | "ended" | null> {
  const row = await db
    .prepare(
      `select coalesce((select status from receipts where share = ?1),
         (select c.status from shares s join collaborations c on c.id = s.collaboration and c.status = 'ended' where s.id = ?1 limit 1)) as answer`,
    )
    .bind(share)
    .first<{ answer: "accepted" | "declined" | "ended" | null }>();
  return row?.answer ?? null;
}

/** Both halves of every collaboration between the two sides of this one, ended ones too. */
export async function halvesBeside(db: D1Database, id: string): Promise<CollaborationRow[]> {
  const found = await db
    .prepare(
      `select c.* from (select org, withOrg from collaborations where id = ? limit 1) k
       join collaborations c
         on (c.org = k.org and c.withOrg = k.withOrg) or (c.org = k.withOrg and c.withOrg = k.org)
       order by c.id, c.tree`,
    )
    .bind(id)
    .all<CollaborationRow>();
  return found.results;
}

/** Both halves of every collaboration between two orgs, ended ones too. */
export async function halvesBetween(
  db: D1Database,
  org: number,
  other: number,
): Promise<CollaborationRow[]> {
  const found = await db
    .prepare(
      `select * from collaborations where (org = ?1 and withOrg = ?2) or (org = ?2 and withOrg = ?1) order by id, tree`,
    )
    .bind(org, other)
    .all<CollaborationRow>();
  return found.results;
}

/** The role over all orgs that a person holds on the platform, the stronger one first [R27]. */
export async function platformRoleOf(
  db: D1Database,
  user: string,
): Promise<"super_admin" | "sys_admin" | undefined> {
  const row = await db
    .prepare(`select role from platformRoles where user = ? and tree = 0 order by role limit 1`)
    .bind(user)
    .first<{ role: "super_admin" | "sys_admin" }>();
  return row?.role;
}

/** Everyone's platform roles by id, those in the trees of assigned orgs too. */
export async function platformRoles(
  db: D1Database,
  after: string,
  limit: number,
): Promise<(PlatformRoleRow & { orgName: string | null })[]> {
  const found = await db
    .prepare(
      `select p.*, o.name as orgName from platformRoles p left join orgs o on o.id = p.org
       where p.id > ? and o.deletedAt is null order by p.id limit ?`,
    )
    .bind(after, limit)
    .all<PlatformRoleRow & { orgName: string | null }>();
  return found.results;
}
