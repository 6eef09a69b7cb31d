import { getTableConfig, type SQLiteColumn, type SQLiteTable } from "drizzle-orm/sqlite-core";
import type { RowChange, TableName } from "../commands/record.ts";
import { FACTS } from "./schema.ts";

/*
 * How row images become SQL, the same for D1 and for an object's slice. Rows travel as one JSON
 * parameter a statement, never as thousands of statements.
 */

interface Shape {
  readonly name: TableName;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  /** What must differ between rows besides their keys. */
  readonly unique: readonly string[];
}

function shapeOf(name: TableName): Shape {
  const table: SQLiteTable = FACTS[name];
  const { columns, primaryKeys, indexes } = getTableConfig(table);
  const own = columns.filter((column) => column.primary).map((column) => column.name);
  const key = primaryKeys[0]?.columns.map((column) => column.name) ?? own;
  const unique = indexes
    .filter(({ config }) => config.unique)
    .flatMap(({ config }) => config.columns.map((column) => (column as SQLiteColumn).name));
  return { name, columns: columns.map((column) => column.name), key, unique };
}

export const TABLES = Object.keys(FACTS) as readonly TableName[];
export const SHAPES = Object.fromEntries(TABLES.map((name) => [name, shapeOf(name)])) as Record<
  TableName,
  Shape
>;

const extracts = (columns: readonly string[]): string =>
  columns.map((column) => `json_extract(value, '$.${column}')`).join(", ");

/**
 * Inserts or replaces all rows of a JSON array; `prefix` names a slice under construction. That one
 * is read while edits go on, so a row may meet one that took its place meanwhile, in what must be
 * unique: it gives way, and comes back when the changes that followed are replayed.
 */
export function upsertSql(name: TableName, prefix = ""): string {
  const { columns, key } = SHAPES[name];
  const rest = columns.filter((column) => !key.includes(column));
  const update = rest.length
    ? `do update set ${rest.map((column) => `"${column}" = excluded."${column}"`).join(", ")}`
    : "do nothing";
  const list = columns.map((column) => `"${column}"`).join(", ");
  if (prefix !== "")
    return `insert or replace into "${prefix}${name}" (${list}) select ${extracts(columns)} from json_each(?)`;
  return `insert into "${name}" (${list}) select ${extracts(columns)} from json_each(?) where true on conflict (${key.join(", ")}) ${update}`;
}

/** Deletes the rows whose keys are in a JSON array. */
export function deleteSql(name: TableName, prefix = ""): string {
  const { key } = SHAPES[name];
  const columns = key.map((column) => `"${column}"`).join(", ");
  return `delete from "${prefix}${name}" where (${columns}) in (select ${extracts(key)} from json_each(?))`;
}

const keyText = ({ table, before, after }: RowChange): string => {
  const row = (after ?? before) as unknown as Record<string, unknown>;
  return JSON.stringify([table, ...SHAPES[table].key.map((column) => row[column])]);
};

/** Does the change give up what no other row could have, or take what none may have? */
function movesUnique({ table, before, after }: RowChange): boolean {
  const [from, to] = [before, after] as unknown as (Record<string, unknown> | null)[];
  return !!from && !!to && SHAPES[table].unique.some((column) => from[column] !== to[column]);
}

/**
 * Changes of one row that follow each other become one: the first image before, the last after.
 * Where rows hand on what must be unique, as two names that are swapped, every step stays in its
 * place, since only in that order there is never a row too many.
 */
export function netChanges(rows: readonly RowChange[]): RowChange[] {
  const net = new Map<string, RowChange>();
  const moving = new Set<string>();
  for (const row of rows) {
    const key = keyText(row);
    const earlier = net.get(key);
    if (movesUnique(row)) moving.add(key);
    if (row.after === null) moving.delete(key);
    if (!earlier) net.set(key, row);
    else if (earlier.before === null && row.after === null) net.delete(key);
    else net.set(key, { ...row, before: earlier.before } as RowChange);
  }
  if (moving.size === 0) return [...net.values()];
  const done = new Set<string>();
  return rows.flatMap((row) => {
    const key = keyText(row);
    if (moving.has(key)) return [row];
    const change = done.has(key) ? undefined : net.get(key);
    done.add(key);
    return change ? [change] : [];
  });
}

/** D1 and the object's SQLite take parameters of up to 2 MB; images stay well below. */
const PARAMETER_CHARS = 400_000;

/** Splits values into JSON arrays of bounded size. */
export function jsonChunks(values: readonly unknown[]): string[] {
  const chunks: string[] = [];
  let parts: string[] = [];
  let size = 0;
  for (const value of values) {
    const text = JSON.stringify(value);
    if (parts.length > 0 && size + text.length > PARAMETER_CHARS) {
      chunks.push(`[${parts.join(",")}]`);
      parts = [];
      size = 0;
    }
    parts.push(text);
    size += text.length + 1;
  }
  if (parts.length > 0) chunks.push(`[${parts.join(",")}]`);
  return chunks;
}

export interface Statement {
  readonly sql: string;
  readonly params: readonly (string | number | null)[];
}

/** The statements that make the changes: deletions first, children before parents; then the rest. */
export function statementsFor(rows: readonly RowChange[], prefix = ""): Statement[] {
  const write = (names: readonly TableName[], pick: "before" | "after", sql: typeof deleteSql) =>
    names.flatMap((name) => {
      const images = rows
        .filter((row) => row.table === name && (pick === "after") === (row.after !== null))
        .map((row) => row[pick]);
      return jsonChunks(images).map((json) => ({ sql: sql(name, prefix), params: [json] }));
    });
  return [...write(TABLES.toReversed(), "before", deleteSql), ...write(TABLES, "after", upsertSql)];
}
