import {
  openHalves,
  parseRole,
  pathsOf,
  readScope,
  settingsOf,
  RoleBook,
  type FirstHalf,
  type Grant,
  type Grantee,
  type Holds,
  type Path,
  type ResourceType,
  type RoleName,
  type RoleSet,
  type Rule,
  type Share,
  type StoredScope,
} from "../access/index.ts";
import type { About, Ending, TreeFacts } from "../commands/facts.ts";
import type { Receiver } from "../commands/receivers.ts";
import type {
  FreezeRow,
  GrantRow,
  KeyRow,
  MemberRow,
  OrgRow,
  PersonRow,
  ReceiptRow,
  ResourceRow,
  RuleRow,
  ShareRow,
  TableName,
  TeamMemberRow,
  TeamRow,
  WebhookRow,
} from "../commands/record.ts";
import { holdsIn, type Scene } from "../conditions.ts";
import { OF_A_LIST } from "./ddl.ts";
import { OrgTree } from "./org-tree.ts";
import { sceneOf } from "./scene.ts";
import { SliceStorage } from "./storage.ts";
import { Uses } from "./uses.ts";

type ResourceFacts = Pick<ResourceRow, "key" | "org" | "tagKeys" | "owner">;
/** A resource of an open type that nobody registered: only scope all reaches it. */
const UNREGISTERED = { key: -1, tagKeys: "[]", owner: null } as const;
type Halves = readonly FirstHalf[];

/** The tables whose rows may end. */
const ENDING = ["grants", "shares", "rules"] as const;

/** Tables on whose rows no path depends. */
const NO_PATHS: readonly TableName[] = [
  "resources",
  "apiKeys",
  "libraries",
  "collaborations",
  "platformRoles",
  "webhooks",
  "issuers",
  "reviews",
  "reviewItems",
  "clocks",
];

/** Paths of this many users are kept in memory; the oldest go first. */
const USERS_IN_MEMORY = 20_000;

/** A grant that hangs on a link is no more when the link is, though its row may be there yet [R28]. */
export const LIVE = `(via is null or substr(via, 1, 4) <> 'lnk_' or exists (select 1 from links l where l.id = via))`;

const termsOf = (row: { role: string; scope: string; expiresAt: number | null }) => ({
  role: parseRole(row.role),
  scope: readScope(JSON.parse(row.scope) as StoredScope),
  expiresAt: row.expiresAt,
});

const toOf = (row: { toKind: string; toId: string | null }) =>
  ({ kind: row.toKind, ...(row.toId === null ? {} : { id: row.toId }) }) as never;

export const grantOf = (row: GrantRow): Grant => ({
  id: row.id,
  org: row.org,
  to: toOf(row),
  via: row.via,
  ...termsOf(row),
});

const ruleOf = (row: RuleRow): Rule => ({
  id: row.id,
  org: row.org,
  share: row.share,
  to: toOf(row),
  ...termsOf(row),
});

/** A share's row as the model has it. */
export const shareOf = (row: ShareRow): Share => ({
  id: row.id,
  org: row.org,
  to: row.toUser === null ? { org: row.toOrg ?? 0 } : { user: row.toUser },
  status: row.status,
  ...termsOf(row),
});

/**
 * A tree's slice of the record, in the SQLite of its object: it answers the model's questions and
 * the commands', and keeps in memory what it was asked. Whatever writes to it makes it forget.
 */
export class Slice extends SliceStorage implements TreeFacts {
  readonly uses = new Uses(this);
  #orgs: OrgTree | undefined;
  #book: RoleBook | undefined;
  #owners: readonly { type: string; role: RoleName }[] | undefined;
  #freezes: readonly FreezeRow[] | undefined;
  #webhooks: readonly WebhookRow[] | undefined;
  #subjectTypes: readonly string[] | undefined;
  readonly #users = new Map<string, { paths: readonly Path[]; halves: Halves }>();
  readonly #aliases = new Map<string, string>();
  readonly #keys = new Map<string, KeyRow>();

  forget(tables?: ReadonlySet<TableName>): void {
    const changed = (...names: TableName[]) => !tables || names.some((name) => tables.has(name));
    if (changed("orgs")) this.#orgs = this.#subjectTypes = undefined;
    if (changed("roleSets", "types")) this.#book = this.#owners = undefined;
    if (changed("freezes")) this.#freezes = undefined;
    if (changed("webhooks")) this.#webhooks = undefined;
    if (changed("apiKeys")) this.#keys.clear();
    // Resources are read at every check, keys at every request; paths do not depend on them.
    if (tables && [...tables].every((name) => NO_PATHS.includes(name))) return;
    this.#users.clear();
    this.#aliases.clear();
  }

  // The model's questions ----------------------------------------------------------------------

  /** The orgs as they are now; what is handed out stays as it is. */
  orgTree(): OrgTree {
    return (this.#orgs ??= new OrgTree(
      this.all<OrgRow>(`select * from orgs where deletedAt is null`),
    ));
  }

  lineage(org: number): readonly number[] {
    return this.orgTree().lineage(org);
  }

  /** The subject types that mean a user: the tree's root says which do. */
  get subjectTypes(): readonly string[] {
    return (this.#subjectTypes ??= settingsOf(
      this.org(this.tree) ?? { settings: "{}" },
    ).subjectTypes);
  }

  meansUser(type: string): boolean {
    return this.subjectTypes.includes(type);
  }

  subtree(org: number): readonly OrgRow[] {
    return this.orgTree().subtree(org);
  }

  membershipsOf(user: string): readonly MemberRow[] {
    return this.all<MemberRow>(`select * from members where user = ?`, user).filter(
      (row) => this.lineage(row.org).length > 0,
    );
  }

  teamsOf(member: string): readonly string[] {
    return this.teamRowsOf(member).map((row) => row.team);
  }

  teamRowsOf(member: string): readonly TeamMemberRow[] {
    return this.all(`select * from teamMembers where member = ?`, member);
  }

  grantsTo(to: Grantee, org: number): readonly Grant[] {
    const rows =
      to.kind === "members"
        ? this.all<GrantRow>(
            `select * from grants where org = ? and toKind = 'members' and ${LIVE}`,
            org,
          )
        : this.all<GrantRow>(
            `select * from grants where toKind = ? and toId = ? and ${LIVE}`,
            to.kind,
            to.id,
          );
    return rows.map(grantOf);
  }

  sharesTo(user: string): readonly Share[] {
    return this.all<ShareRow>(`select * from shares where toUser = ?`, user).map(shareOf);
  }

  sharesAskable(user: string): readonly Share[] {
    return this.all<ShareRow>(
      `select s.* from askable a join shares s on s.id = a.share where a.user = ?1
       union select s.* from askableUnknown u join shares s on s.id = u.share`,
      user,
    ).map(shareOf);
  }

  /** The endpoints of the org and of those above it that want to hear of an event, its own end included. */
  endpointsFor(org: number, event: string): readonly WebhookRow[] {
    this.#webhooks ??= this.rows("webhooks", { status: "enabled" });
    if (this.#webhooks.length === 0) return [];
    const alive = this.lineage(org);
    const lineage = alive.length > 0 ? alive : this.lineageOfDeleted(org);
    return this.#webhooks.filter((webhook) => {
      const events = JSON.parse(webhook.events) as string[];
      return lineage.includes(webhook.org) && (events.includes("*") || events.includes(event));
    });
  }

  /** The org and those above it, though they were deleted and only not purged yet. */
  lineageOfDeleted(org: number): readonly number[] {
    return this.all<{ id: number }>(
      `with recursive above (id, parent) as (select id, parent from orgs where id = ?
         union select o.id, o.parent from orgs o join above a on o.id = a.parent)
       select id from above`,
      org,
    ).map((row) => row.id);
  }

  isFrozen(share: Share): boolean {
    this.#freezes ??= this.rows("freezes", {});
    if (this.#freezes.length === 0) return false;
    const lineage = this.lineage(share.org);
    const partner = "org" in share.to ? share.to.org : null;
    return this.#freezes.some(
      (freeze) =>
        lineage.includes(freeze.org) && (freeze.partner === 0 || freeze.partner === partner),
    );
  }

  receipt(share: string): ReceiptRow | undefined {
    return this.receiptRow(share);
  }

  rulesOn(share: string): readonly Rule[] {
    return this.ruleRowsOn(share).map(ruleOf);
  }

  ownerRoles(): readonly { type: string; role: RoleName }[] {
    this.#owners ??= [...this.book.types()].flatMap(({ name, roleSet, ownerRole }) =>
      ownerRole === null ? [] : [{ type: name, role: { set: roleSet, role: ownerRole } }],
    );
    return this.#owners;
  }

  get book(): RoleBook {
    if (this.#book) return this.#book;
    const bodies = <T>(table: string) =>
      this.all<{ body: string }>(`select body from "${table}"`).map(
        (row) => JSON.parse(row.body) as T,
      );
    this.#book = new RoleBook(bodies<RoleSet>("roleSets"), bodies<ResourceType>("types"));
    return this.#book;
  }

  #resolved(user: string): { paths: readonly Path[]; halves: Halves } {
    const known = this.#users.get(user);
    if (known) return known;
    const resolved = { paths: pathsOf(this, user), halves: openHalves(this, user) };
    if (this.#users.size >= USERS_IN_MEMORY)
      this.#users.delete(this.#users.keys().next().value ?? "");
    this.#users.set(user, resolved);
    return resolved;
  }

  paths(user: string): readonly Path[] {
    return this.#resolved(user).paths;
  }

  /** The first halves of paths that other trees may complete for the user. */
  halves(user: string): Halves {
    return this.#resolved(user).halves;
  }

  holds(about: About): Holds {
    let scene: Scene | undefined;
    return (condition) => holdsIn(condition, (scene ??= sceneOf(this, about)));
  }

  /** The address by which the tree knows a user: one of its people, or one whom a receiver told. */
  emailOf(user: string): string {
    return (
      this.person(user)?.email ??
      this.first<{ email: string }>(`select email from askable where user = ? limit 1`, user)
        ?.email ??
      ""
    );
  }

  // Rows by their keys -------------------------------------------------------------------------

  org(id: number): OrgRow | undefined {
    return this.orgTree().org(id);
  }

  deletedOrgs(): readonly OrgRow[] {
    return this.all(`select * from orgs where deletedAt is not null order by id`);
  }

  /** What lies in an org that was deleted is there no more, though its row may still be [R24]. */
  #there<R extends { org: number }>(row: R | undefined): R | undefined {
    return row && this.org(row.org) ? row : undefined;
  }

  defaultOrgs(): readonly OrgRow[] {
    return this.orgTree().all.filter((row) => row.isDefault === 1);
  }

  person(user: string): PersonRow | undefined {
    return this.first(`select * from people where tree = ? and user = ?`, this.tree, user);
  }

  userOf(alias: string, lineage: readonly number[]): string | undefined {
    if (alias.startsWith("usr_")) return alias;
    if (!alias.includes("@"))
      return this.rows("members", { tree: this.tree, externalId: alias }).find((member) =>
        lineage.includes(member.org),
      )?.user;
    const email = alias.toLowerCase();
    const known = this.#aliases.get(email);
    if (known !== undefined) return known;
    const user = (
      this.first<{ user: string }>(
        `select user from people where tree = ? and email = ?`,
        this.tree,
        email,
      ) ?? this.first<{ user: string }>(`select user from askable where email = ? limit 1`, email)
    )?.user;
    if (user !== undefined && this.#aliases.size < USERS_IN_MEMORY) this.#aliases.set(email, user);
    return user;
  }

  member(id: string): MemberRow | undefined {
    return this.#there(this.first<MemberRow>(`select * from members where id = ?`, id));
  }

  memberIn(org: number, user: string): MemberRow | undefined {
    return this.first(`select * from members where org = ? and user = ?`, org, user);
  }

  memberByExternalId(externalId: string): MemberRow | undefined {
    return this.all<MemberRow>(
      `select * from members where tree = ? and externalId = ?`,
      this.tree,
      externalId,
    ).find((row) => this.#there(row));
  }

  activeMembers(to: Grantee, org: number, limit: number): readonly MemberRow[] {
    switch (to.kind) {
      case "members":
        return this.all(
          `select * from members where org = ? and status = 'active' limit ?`,
          org,
          limit,
        );
      case "member":
        return this.all(`select * from members where id = ? and status = 'active'`, to.id);
      case "team":
        return this.all(
          `select m.* from teamMembers t join members m on m.id = t.member where t.team = ? and m.status = 'active' limit ?`,
          to.id,
          limit,
        );
    }
  }

  grant(id: string): GrantRow | undefined {
    return this.#there(this.first<GrantRow>(`select * from grants where id = ?`, id));
  }

  grantsOn(key: number, limit: number, after = ""): readonly GrantRow[] {
    return this.all(
      `select * from grants where ${OF_A_LIST} and scope = ? and ${LIVE} and id > ? order by id limit ?`,
      JSON.stringify({ keys: [key] }),
      after,
      limit,
    );
  }

  grantsNaming(member: string): readonly GrantRow[] {
    return this.all<GrantRow>(
      `select * from grants where toKind = 'member' and toId = ?`,
      member,
    ).filter((row) => this.#there(row));
  }

  adminGrants(orgs: readonly number[]): readonly GrantRow[] {
    return this.all(
      `select * from grants where org in (select value from json_each(?)) and role in ('standard.admin', 'workspace.owner') and scope = '{"all":true}' and expiresAt is null`,
      JSON.stringify(orgs),
    );
  }

  share(id: string): ShareRow | undefined {
    return this.#there(this.first<ShareRow>(`select * from shares where id = ?`, id));
  }

  endings(after: number, until: number, limit: number) {
    const between = (table: string, until: number) =>
      `from "${table}" where expiresAt > ${after} and expiresAt <= ${until} order by expiresAt`;
    const cuts = ENDING.flatMap(
      (table) =>
        this.first<{ at: number }>(
          `select expiresAt as at ${between(table, until)} limit 1 offset ?`,
          limit - 1,
        )?.at ?? [],
    );
    const cut = Math.min(until, ...cuts);
    const found = ENDING.flatMap((table) =>
      this.all<never>(`select * ${between(table, cut)}`).map((row): Ending => ({ table, row })),
    );
    return { found, until: cut };
  }

  nextEnd(after: number, beforeMs: number): number | null {
    const ends = ENDING.flatMap((table) => {
      const found = this.first<{ at: number }>(
        `select expiresAt as at from "${table}" where expiresAt > ? and expiresAt - ? > createdAt order by expiresAt limit 1`,
        after,
        beforeMs,
      );
      return found?.at ?? [];
    });
    return ends.length === 0 ? null : Math.min(...ends);
  }

  mostReceivers(
    receivers: readonly Receiver[],
    by: readonly Receiver[],
    orgs: readonly number[],
  ): number {
    // Who receives everything of an org receives all its resources alike: counted by org, once.
    const everything = new Map<number, Set<number>>();
    for (const { org, toOrg } of receivers.filter(({ whole }) => whole))
      everything.set(org, (everything.get(org) ?? new Set()).add(toOrg));
    const whole = (org: number) =>
      new Set(this.lineage(org).flatMap((above) => [...(everything.get(above) ?? [])])).size;
    const selected = (list: string) =>
      `select t.key as key, json_extract(p.value, '$.toOrg') as toOrg from json_each(${list}) p
         join resourceTags t on t.tag = json_extract(p.value, '$.tag')
       union select json_extract(value, '$.key'), json_extract(value, '$.toOrg') from json_each(${list})
         where json_extract(value, '$.key') is not null`;
    const found = this.all<{ org: number; n: number }>(
      `with given(receivers, own, orgs) as (select ?, ?, ?),
         hit(key, toOrg) as (${selected("(select receivers from given)")}),
         own(key) as (select key from (${selected("(select own from given)")}))
       select org, max(n) as n from (
         select r.org as org, count(*) as n from hit join resources r on r.key = hit.key
         where r.org in (select value from json_each((select orgs from given)))
           and (${by.some(({ whole }) => whole) ? "true" : "false"} or r.key in (select key from own))
         group by r.key)
       group by org`,
      JSON.stringify(receivers.filter((one) => !one.whole)),
      JSON.stringify(by),
      JSON.stringify(orgs),
    );
    const listed = new Map(found.map(({ org, n }) => [org, n]));
    return Math.max(0, ...orgs.map((org) => whole(org) + (listed.get(org) ?? 0)));
  }

  receiptRow(share: string): ReceiptRow | undefined {
    return this.#there(this.first<ReceiptRow>(`select * from receipts where share = ?`, share));
  }

  rule(id: string): RuleRow | undefined {
    return this.#there(this.first<RuleRow>(`select * from rules where id = ?`, id));
  }

  ruleRowsOn(share: string): readonly RuleRow[] {
    return this.all(`select * from rules where share = ?`, share);
  }

  rulesNaming(member: string): readonly RuleRow[] {
    return this.all<RuleRow>(
      `select * from rules where toKind = 'member' and toId = ?`,
      member,
    ).filter((row) => this.#there(row));
  }

  resource(type: string, id: string): ResourceRow | undefined {
    return this.#there(this.row("resources", { tree: this.tree, type, id }));
  }

  /** What a decision needs of a resource: read at every check. */
  resourceFacts(type: string, id: string): ResourceFacts | undefined {
    return this.first(
      `select key, org, tagKeys, owner from resources where tree = ? and type = ? and id = ?`,
      this.tree,
      type,
      id,
    );
  }

  /** The same; of an open type, one that nobody registered lies in the org that is asked. */
  sought(type: string, id: string, org: number): ResourceFacts | undefined {
    return (
      this.resourceFacts(type, id) ??
      (this.book.type(type).open ? { ...UNREGISTERED, org } : undefined)
    );
  }

  key(id: string): KeyRow | undefined {
    const known = this.#keys.get(id);
    if (known) return this.#there(known);
    const row = this.row("apiKeys", { id });
    if (row) this.#keys.set(id, row);
    return this.#there(row);
  }

  team(id: string): TeamRow | undefined {
    return this.#there(this.first<TeamRow>(`select * from teams where id = ?`, id));
  }
}
