import { readScope, type StoredScope } from "../access/index.ts";
import type { Where } from "../commands/facts.ts";
import type { RowChange, TableName, Tables } from "../commands/record.ts";
import { factsDdl, FINGERPRINT, OWN_DDL, SWAPPED } from "./ddl.ts";
import { jsonChunks, statementsFor } from "./rows.ts";

type Value = string | number | null;

/**
 * The SQLite of a tree's object: rows of the record, what is derived from them, and the object's own
 * state. It knows no question; what is kept in memory above it must be forgotten when rows change.
 */
export abstract class SliceStorage {
  readonly tree: number;
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #counts = new Map<TableName, number>();
  /** Tables written since a trial began, whose rows it takes back. */
  #tried: Set<TableName> | undefined;

  constructor(storage: DurableObjectStorage, tree: number) {
    this.tree = tree;
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** Forgets what was derived in memory from these tables; from all of them without a list. */
  abstract forget(tables?: ReadonlySet<TableName>): void;

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

  // Rows by their columns ----------------------------------------------------------------------

  rows<T extends TableName>(table: T, where: Where<T>, limit = -1): readonly Tables[T][] {
    const { sql, values } = whereSql(where);
    return this.all(`select * from "${table}" where ${sql} limit ?`, ...values, limit);
  }

  row<T extends TableName>(table: T, where: Where<T>): Tables[T] | undefined {
    return this.rows(table, where, 1)[0];
  }

  /** How many rows there are; of a whole table it is kept in memory. */
  count<T extends TableName>(table: T, where?: Where<T>): number {
    const known = where ? undefined : this.#counts.get(table);
    if (known !== undefined) return known;
    const { sql, values } = whereSql(where ?? {});
    const count =
      this.first<{ n: number }>(`select count(*) as n from "${table}" where ${sql}`, ...values)
        ?.n ?? 0;
    if (!where) this.#counts.set(table, count);
    return count;
  }

  // Writing ------------------------------------------------------------------------------------

  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  /** Does the work, reads its outcome, and leaves nothing of it behind. */
  tentatively<T>(work: () => T): T {
    const rollback = new Error("rollback");
    const tried = new Set<TableName>();
    const counts = new Map(this.#counts);
    this.#tried = tried;
    let outcome: { value: T } | undefined;
    try {
      this.#storage.transactionSync(() => {
        outcome = { value: work() };
        throw rollback;
      });
    } catch (error) {
      if (error !== rollback) throw error;
    } finally {
      this.#tried = undefined;
      this.#counts = counts;
      if (tried.size > 0) this.forget(tried);
    }
    if (!outcome) throw new Error("nothing was tried");
    return outcome.value;
  }

  /** Makes the changes of rows, and what is derived from them. */
  write(rows: readonly RowChange[], prefix = ""): void {
    for (const { sql, params } of statementsFor(rows, prefix)) this.run(sql, ...params);
    this.#writeTags(rows, prefix);
    this.#writeScopes(rows, prefix);
    if (prefix !== "") return;
    const tables = new Set(rows.map((row) => row.table));
    for (const table of tables) this.#tried?.add(table);
    for (const { table, before, after } of rows) {
      const known = this.#counts.get(table);
      if (known !== undefined) this.#counts.set(table, known + (after ? 1 : 0) - (before ? 1 : 0));
    }
    this.forget(tables);
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

  #writeScopes(rows: readonly RowChange[], prefix: string): void {
    const gone: string[] = [];
    const there: { org: number; id: string; parts: readonly string[] }[] = [];
    for (const row of rows) {
      if (row.table !== "grants" && row.table !== "shares") continue;
      const { before, after } = row;
      if (before && before.scope === after?.scope && before.org === after.org) continue;
      if (before || prefix !== "") gone.push((before ?? after)?.id ?? "");
      if (after) there.push({ org: after.org, id: after.id, parts: partsOf(after.scope) });
    }
    for (const json of jsonChunks(gone))
      this.run(
        `delete from "${prefix}scopeParts" where id in (select value from json_each(?))`,
        json,
      );
    for (const json of jsonChunks(there))
      this.run(
        `insert or ignore into "${prefix}scopeParts" (org, part, id) select json_extract(s.value, '$.org'), p.value, json_extract(s.value, '$.id') from json_each(?) s, json_each(s.value, '$.parts') p`,
        json,
      );
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
}

/** The parts of a scope, as the index of scopes has them. */
function partsOf(text: string): readonly string[] {
  const scope = readScope(JSON.parse(text) as StoredScope);
  switch (scope.kind) {
    case "all":
      return [PART.all];
    case "tags":
      return scope.tags.map(PART.tag);
    case "resources":
      return scope.keys.map(PART.key);
  }
}

export const PART = {
  all: "*",
  tag: (tag: string) => `t${tag}`,
  key: (key: number) => `k${key}`,
} as const;

function whereSql(where: object): { sql: string; values: Value[] } {
  const parts: string[] = [];
  const values: Value[] = [];
  for (const [column, wanted] of Object.entries(where) as [string, Value | readonly Value[]][])
    if (wanted === null) parts.push(`"${column}" is null`);
    else if (Array.isArray(wanted)) {
      parts.push(`"${column}" in (select value from json_each(?))`);
      values.push(JSON.stringify(wanted));
    } else {
      parts.push(`"${column}" = ?`);
      values.push(wanted as Value);
    }
  return { sql: parts.join(" and ") || "true", values };
}
