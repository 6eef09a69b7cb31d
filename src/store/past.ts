import type { RowChange, TableName } from "../commands/record.ts";
import { netChanges, TABLES } from "./rows.ts";

/*
 * The facts of an instant that has passed, from the change records: what came after it, turned
 * round. Tables on which no access depends are left as they are, and so are all resources but those
 * that are asked about.
 */

const NO_ACCESS: readonly TableName[] = [
  "libraries",
  "platformRoles",
  "apiKeys",
  "webhooks",
  "issuers",
  "reviews",
  "reviewItems",
  "clocks",
];
/** Do the rows of the table matter to access? */
export const matters = ({ table }: RowChange): boolean => !NO_ACCESS.includes(table);

const KEPT = JSON.stringify(TABLES.filter((name) => !NO_ACCESS.includes(name)));

/** So many changes of rows are gone back over at once. */
export const PAST_ROWS_MAX = 100_000;
const PARTS_AT_ONCE = 20;

/** Which resources are asked about: one by its name, or some by their keys. */
export interface OfResources {
  readonly named: { readonly type: string; readonly id: string } | null;
  readonly keys: readonly number[];
}

/** The tree's revision at an instant; 0 before its first change. */
export async function revisionAt(db: D1Database, tree: number, at: number): Promise<number> {
  const row = await db
    .prepare(
      `select revision from changes where tree = ? and at <= ? order by revision desc limit 1`,
    )
    .bind(tree, at)
    .first<{ revision: number }>();
  return row?.revision ?? 0;
}

/** The changes of rows after one revision and up to another, oldest first; null where they are too many. */
export async function changesBetween(
  db: D1Database,
  tree: number,
  after: number,
  to: number,
  of: OfResources,
): Promise<RowChange[] | null> {
  const found: RowChange[] = [];
  for (let [revision, part] = [after, Number.MAX_SAFE_INTEGER]; ;) {
    const { results } = await db
      .prepare(
        `select revision, part, (
           select json_group_array(json(value)) from json_each(c.rows)
           where json_extract(value, '$.table') in (select value from json_each(?1))
             and (json_extract(value, '$.table') <> 'resources'
               or coalesce(json_extract(value, '$.before.key'), json_extract(value, '$.after.key')) in (select value from json_each(?2))
               or (coalesce(json_extract(value, '$.before.type'), json_extract(value, '$.after.type')) = ?3
                 and coalesce(json_extract(value, '$.before.id'), json_extract(value, '$.after.id')) = ?4))
         ) as rows
         from changeRows c where tree = ?5 and (revision, part) > (?6, ?7) and revision <= ?8
         order by revision, part limit ?9`,
      )
      .bind(
        KEPT,
        JSON.stringify(of.keys),
        of.named?.type ?? "",
        of.named?.id ?? "",
        tree,
        revision,
        part,
        to,
        PARTS_AT_ONCE,
      )
      .all<{ revision: number; part: number; rows: string }>();
    for (const row of results) found.push(...(JSON.parse(row.rows) as RowChange[]));
    if (found.length > PAST_ROWS_MAX) return null;
    const last = results.at(-1);
    if (!last || results.length < PARTS_AT_ONCE) return found;
    [revision, part] = [last.revision, last.part];
  }
}

/** What takes changes back. */
export const inverse = (rows: readonly RowChange[]): RowChange[] =>
  netChanges(
    rows
      .toReversed()
      .map((row) => ({ table: row.table, before: row.after, after: row.before }) as RowChange),
  );
