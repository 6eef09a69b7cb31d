import {
  openHalves,
  parseRole,
  pathsOf,
  readScope,
  RoleBook,
  type FirstHalf,
  type Grant,
  type Grantee,
  type Path,
  type ResourceType,
  type RoleName,
  type RoleSet,
  type Rule,
  type Share,
  type StoredScope,
} from "../access/index.ts";
import type { TreeFacts } from "../commands/facts.ts";
import type {
  GrantRow,
  KeyRow,
  MemberRow,
  OrgRow,
  PersonRow,
  ReceiptRow,
  ResourceRow,
  RowChange,
  RuleRow,
  ShareRow,
  TableName,
  TeamMemberRow,
  TeamRow,
} from "../commands/record.ts";
import { factsDdl, FINGERPRINT, OWN_DDL, SWAPPED } from "./ddl.ts";
import { jsonChunks, statementsFor } from "./rows.ts";

type Value = string | number | null;
type ResourceFacts = Pick<ResourceRow, "key" | "org" | "tagKeys" | "owner">;
type Halves = readonly FirstHalf[];

/** Paths of this many users are kept in memory; the oldest go first. */
const USERS_IN_MEMORY = 20_000;

const termsOf = (row: { role: string; scope: string; expiresAt: number | null }) => ({
  role: parseRole(row.role),
  scope: readScope(JSON.parse(row.scope) as StoredScope),
  expiresAt: row.expiresAt,
});

const toOf = (row: { toKind: string; toId: string | null }) =>
  ({ kind: row.toKind, ...(row.toId === null ? {} : { id: row.toId }) }) as never;

const grantOf = (row: GrantRow): Grant => ({
  id: row.id,
  org: row.org,
  to: toOf(row),
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
export class Slice implements TreeFacts {
  readonly tree: number;
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #orgs: Map<number, { row: OrgRow; lineage: readonly number[] }> | undefined;
  #book: RoleBook | undefined;
  #owners: readonly { type: string; role: RoleName }[] | undefined;
  #users = new Map<string, { paths: readonly Path[]; halves: Halves }>();
  #aliases = new Map<string, string>();
  #counts = new Map<TableName, number>();

  constructor(storage: DurableObjectStorage, tree: number) {
    this.tree = tree;
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  all<T>(sql: string, ...values: Value[]): T[] {
    return this.#sql.exec(sql, ...values).toArray() as T[];
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a row is what the caller says
  first<T>(sql: string, ...values: Value[]): T | undefined {
    // Read to its end: a cursor left open locks its tables.
    return this.#sql.exec(sql, ...values).toArray()[0] as T | undefined;
  }

  run(sql: string, ...values: Value[]): void {
    this.#sql.exec(sql, ...values);
  }

  // Writing ------------------------------------------------------------------------------------

  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  /** Does the work, reads its outcome, and leaves nothing of it behind. */
  tentatively<T>(work: () => T): T {
    const rollback = new Error("rollback");
    const counts = new Map(this.#counts);
    let outcome: { value: T } | undefined;
    try {
      this.#storage.transactionSync(() => {
        outcome = { value: work() };
        throw rollback;
      });
    } catch (error) {
      if (error !== rollback) throw error;
    } finally {
      this.forget();
      this.#counts = counts;
    }
    if (!outcome) throw new Error("nothing was tried");
    return outcome.value;
  }

  /** Makes the changes of rows, and what is derived from them. */
  write(rows: readonly RowChange[], prefix = ""): void {
    for (const { sql, params } of statementsFor(rows, prefix)) this.run(sql, ...params);
    this.#writeTags(rows, prefix);
    if (prefix === "") this.#forgetWhatChanged(rows);
  }

  #writeTags(rows: readonly RowChange[], prefix: string): void {
    const gone: number[] = [];
    const there: { key: number; tags: unknown }[] = [];
    for (const row of rows) {
      if (row.table !== "resources") continue;
      if (row.before && row.before.tagKeys === row.after?.tagKeys) continue;
      if (row.before || prefix !== "") gone.push((row.before ?? row.after)?.key ?? 0);
      if (row.after)
        there.push({ key: row.after.key, tags: JSON.parse(row.after.tagKeys) as string[] });
    }
    for (const json of jsonChunks(gone))
      this.run(
        `delete from "${prefix}resourceTags" where key in (select value from json_each(?))`,
        json,
      );
    for (const json of jsonChunks(there))
      this.run(
        `insert or ignore into "${prefix}resourceTags" (tag, key) select t.value, json_extract(r.value, '$.key') from json_each(?) r, json_each(r.value, '$.tags') t`,
        json,
      );
  }

  #forgetWhatChanged(rows: readonly RowChange[]): void {
    let onlyResources = true;
    for (const { table, before, after } of rows) {
      if (table !== "resources") onlyResources = false;
      const known = this.#counts.get(table);
      if (known !== undefined) this.#counts.set(table, known + (after ? 1 : 0) - (before ? 1 : 0));
    }
    // Resources are read at every check; paths do not depend on them.
    if (!onlyResources) this.forget();
  }

  /** Forgets everything in memory. */
  forget(): void {
    this.#orgs = undefined;
    this.#book = undefined;
    this.#owners = undefined;
    this.#users.clear();
    this.#aliases.clear();
  }

  // The slice's own state ----------------------------------------------------------------------

  meta(name: string): string | undefined {
    return this.first<{ value: string }>(`select value from meta where name = ?`, name)?.value;
  }

  setMeta(name: string, value: string | number): void {
    this.run(`insert or replace into meta (name, value) values (?, ?)`, name, String(value));
  }

  dropMeta(name: string): void {
    this.run(`delete from meta where name = ?`, name);
  }

  /** Is there a slice of the form that this code reads? Asking leaves nothing behind. */
  isBuilt(): boolean {
    const opened = this.first(`select 1 from sqlite_master where name = 'meta'`);
    return opened !== undefined && this.meta("fingerprint") === FINGERPRINT;
  }

  /** Makes the tables of the slice's own state. */
  open(): void {
    for (const sql of OWN_DDL) this.run(sql);
  }

  /** Empty tables beside the present ones; `adopt` puts them in their place. */
  startNext(): void {
    const generation = Number(this.meta("generation") ?? 0) + 1;
    this.setMeta("generation", generation);
    for (const name of SWAPPED) this.run(`drop table if exists "next_${name}"`);
    for (const sql of factsDdl("next_", `_${generation}`)) this.run(sql);
  }

  adoptNext(): void {
    for (const name of SWAPPED) {
      this.run(`drop table if exists "${name}"`);
      this.run(`alter table "next_${name}" rename to "${name}"`);
    }
    this.setMeta("fingerprint", FINGERPRINT);
    this.forget();
    this.#counts.clear();
  }

  // The model's questions ----------------------------------------------------------------------

  #orgMap(): Map<number, { row: OrgRow; lineage: readonly number[] }> {
    if (this.#orgs) return this.#orgs;
    const orgs = new Map<number, { row: OrgRow; lineage: readonly number[] }>();
    // Parents have lower numbers than their children, which are allocated later.
    for (const row of this.all<OrgRow>(`select * from orgs order by id`)) {
      const above = row.parent === null ? [] : (orgs.get(row.parent)?.lineage ?? []);
      orgs.set(row.id, { row, lineage: [row.id, ...above] });
    }
    this.#orgs = orgs;
    return orgs;
  }

  lineage(org: number): readonly number[] {
    return this.#orgMap().get(org)?.lineage ?? [];
  }

  /** The org and every org below it. */
  subtree(org: number): readonly OrgRow[] {
    const found = [...this.#orgMap().values()].filter(({ lineage }) => lineage.includes(org));
    return found.map(({ row }) => row);
  }

  membershipsOf(user: string): readonly MemberRow[] {
    return this.all(`select * from members where user = ?`, user);
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
        ? this.all<GrantRow>(`select * from grants where org = ? and toKind = 'members'`, org)
        : this.all<GrantRow>(`select * from grants where toKind = ? and toId = ?`, to.kind, to.id);
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

  // Rows by their keys -------------------------------------------------------------------------

  org(id: number): OrgRow | undefined {
    return this.#orgMap().get(id)?.row;
  }

  defaultOrgs(): readonly OrgRow[] {
    return [...this.#orgMap().values()].map(({ row }) => row).filter((row) => row.isDefault === 1);
  }

  person(user: string): PersonRow | undefined {
    return this.first(`select * from people where tree = ? and user = ?`, this.tree, user);
  }

  userOf(alias: string): string | undefined {
    if (alias.startsWith("usr_")) return alias;
    if (!alias.includes("@")) return this.memberByExternalId(alias)?.user;
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
    return this.first(`select * from members where id = ?`, id);
  }

  memberIn(org: number, user: string): MemberRow | undefined {
    return this.first(`select * from members where org = ? and user = ?`, org, user);
  }

  memberByExternalId(externalId: string): MemberRow | undefined {
    return this.first(
      `select * from members where tree = ? and externalId = ?`,
      this.tree,
      externalId,
    );
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
    return this.first(`select * from grants where id = ?`, id);
  }

  grantsNaming(member: string): readonly GrantRow[] {
    return this.all(`select * from grants where toKind = 'member' and toId = ?`, member);
  }

  adminGrants(orgs: readonly number[]): readonly GrantRow[] {
    return this.all(
      `select * from grants where org in (select value from json_each(?)) and role in ('standard.admin', 'workspace.owner') and scope = '{"all":true}' and expiresAt is null`,
      JSON.stringify(orgs),
    );
  }

  share(id: string): ShareRow | undefined {
    return this.first(`select * from shares where id = ?`, id);
  }

  receiptRow(share: string): ReceiptRow | undefined {
    return this.first(`select * from receipts where share = ?`, share);
  }

  rule(id: string): RuleRow | undefined {
    return this.first(`select * from rules where id = ?`, id);
  }

  ruleRowsOn(share: string): readonly RuleRow[] {
    return this.all(`select * from rules where share = ?`, share);
  }

  rulesNaming(member: string): readonly RuleRow[] {
    return this.all(`select * from rules where toKind = 'member' and toId = ?`, member);
  }

  resource(type: string, id: string): ResourceRow | undefined {
    return this.first(
      `select * from resources where tree = ? and type = ? and id = ?`,
      this.tree,
      type,
      id,
    );
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

  key(id: string): KeyRow | undefined {
    return this.first(`select * from apiKeys where id = ?`, id);
  }

  team(id: string): TeamRow | undefined {
    return this.first(`select * from teams where id = ?`, id);
  }

  count(table: TableName): number {
    const known = this.#counts.get(table);
    if (known !== undefined) return known;
    const count = this.first<{ n: number }>(`select count(*) as n from "${table}"`)?.n ?? 0;
    this.#counts.set(table, count);
    return count;
  }
}
