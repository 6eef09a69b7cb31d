import { getTableConfig, type SQLiteTable } from "drizzle-orm/sqlite-core";
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
}

function shapeOf(name: TableName): Shape {
  const table: SQLiteTable = FACTS[name];
  const { columns, primaryKeys } = getTableConfig(table);
  const own = columns.filter((column) => column.primary).map((column) => column.name);
  const key = primaryKeys[0]?.columns.map((column) => column.name) ?? own;
  return { name, columns: columns.map((column) => column.name), key };
}

export const TABLES = Object.keys(FACTS) as readonly TableName[];
export const SHAPES = Object.fromEntries(TABLES.map((name) => [name, shapeOf(name)])) as Record<
  TableName,
  Shape
>;

const extracts = (columns: readonly string[]): string =>
  columns.map((column) => `json_extract(value, '$.${column}')`).join(", ");

/** Inserts or replaces all rows of a JSON array; `prefix` names a slice under construction. */
export function upsertSql(name: TableName, prefix = ""): string {
  const { columns, key } = SHAPES[name];
  const rest = columns.filter((column) => !key.includes(column));
  const update = rest.length
    ? `do update set ${rest.map((column) => `"${column}" = excluded."${column}"`).join(", ")}`
    : "do nothing";
  const list = columns.map((column) => `"${column}"`).join(", ");
  return `insert into "${prefix}${name}" (${list}) select ${extracts(columns)} from json_each(?) where true on conflict (${key.join(", ")}) ${update}`;
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

/** Changes of one row that follow each other become one: the first image before, the last after. */
export function netChanges(rows: readonly RowChange[]): RowChange[] {
  const net = new Map<string, RowChange>();
  for (const row of rows) {
    const key = keyText(row);
    const earlier = net.get(key);
    if (!earlier) net.set(key, row);
    else if (earlier.before === null && row.after === null) net.delete(key);
    else net.set(key, { ...row, before: earlier.before } as RowChange);
  }
  return [...net.values()];
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
