import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import { foldTag } from "../../src/access/index.ts";
import type { RowChange } from "../../src/commands/record.ts";
import type { AccessMap } from "../../src/objects/access-map.ts";
import type { Replica } from "../../src/store/replica.ts";
import { SHAPES, TABLES } from "../../src/store/rows.ts";
import type { Env } from "../../src/worker.ts";

/** What tests of objects lean on: the doors, the object of a tree, and what must always hold of both stores. */
export const { DB, ACCESS_MAP } = env as unknown as Env;

export interface Answer {
  readonly status: number;
  /** The revision of the tree at which it was answered, as in `Access-Revision`. */
  readonly revision: string | null;
  // oxlint-disable-next-line typescript/no-explicit-any -- a body is what the test says it is
  readonly body: any;
}

/** One request of the platform, or of the platform on behalf of a person. */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await exports.default.fetch(`http://latchkey.test${path}`, {
    method,
    headers: { authorization: "Bearer root", "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    revision: response.headers.get("access-revision"),
    body: text ? JSON.parse(text) : null,
  };
}

export const objectOf = (tree: number) => ACCESS_MAP.getByName(String(tree));

/** The object forgets what it has in memory; one that does not run has nothing to forget. */
export async function evict(tree: number): Promise<void> {
  try {
    await evictDurableObject(objectOf(tree));
  } catch (error) {
    if (!String(error).includes("not currently running")) throw error;
  }
}

/** What is protected in the object, as the tests use it. */
export type Inside = { db: D1Database; replica: Replica };

export const inside = <R>(
  tree: number,
  work: (object: Inside, state: DurableObjectState) => R | Promise<R>,
): Promise<R> =>
  runInDurableObject(objectOf(tree), (object: AccessMap, state) =>
    work(object as unknown as Inside, state),
  );

type Row = Record<string, string | number | null>;

/** What a stored scope names, told here anew. */
function partsOf(text: string): string[] {
  const scope = JSON.parse(text) as { tags?: string[]; keys?: number[] };
  const tags = scope.tags?.map((tag) => `t${foldTag(tag)}`);
  return [...new Set(tags ?? scope.keys?.map((key) => `k${key}`) ?? ["*"])];
}

const sorted = (rows: readonly Row[]) =>
  rows
    .map((row) => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .toSorted();

export async function recordRows(tree: number): Promise<Record<string, Row[]>> {
  const found = await DB.batch<Row>(
    TABLES.map((table) => DB.prepare(`select * from "${table}" where tree = ?`).bind(tree)),
  );
  return Object.fromEntries(TABLES.map((table, n) => [table, found[n]?.results ?? []]));
}

/** The slice holds exactly the rows of the record, in every facts table, and the tags derived from them. */
export async function expectSliceIsRecord(tree: number): Promise<void> {
  const slice = await inside(tree, async ({ replica }) => {
    if (!(await replica.ready())) throw new Error(`no tree ${tree}`);
    const { slice } = replica;
    const rows = TABLES.map((table) => [table, slice.all<Row>(`select * from "${table}"`)]);
    return {
      rows: Object.fromEntries(rows) as Record<string, Row[]>,
      tags: slice.all<Row>(`select tag, key from resourceTags`),
      scopes: slice.all<Row>(`select org, part, id from scopeParts`),
      revision: replica.revision,
      note: slice.meta("note"),
    };
  });
  const record = await recordRows(tree);
  for (const table of TABLES)
    expect(sorted(slice.rows[table] ?? []), `${table} of tree ${tree}`).toEqual(
      sorted(record[table] ?? []),
    );
  const tags = (record["resources"] ?? []).flatMap((row) =>
    (JSON.parse(String(row["tagKeys"])) as string[]).map((tag) => ({ tag, key: row["key"] ?? 0 })),
  );
  expect(sorted(slice.tags), `tags of tree ${tree}`).toEqual(sorted(tags));
  const scopes = [...(record["grants"] ?? []), ...(record["shares"] ?? [])].flatMap(
    ({ org, id, scope }) =>
      partsOf(String(scope)).map((part) => ({ org: org ?? 0, part, id: id ?? "" })),
  );
  expect(sorted(slice.scopes), `scopes of tree ${tree}`).toEqual(sorted(scopes));
  expect(slice.note).toBeUndefined();
  expect(slice.revision).toBe(await revisionOf(tree));
}

export const revisionOf = async (tree: number): Promise<number> =>
  (await DB.prepare(`select revision from trees where tree = ?`)
    .bind(tree)
    .first<number>("revision")) ?? -1;

/** Changes are numbered 1..n without a gap, n is the tree's revision, and retold from the first they are the facts. */
export async function expectRecordIsWhole(tree: number): Promise<void> {
  const heads = await DB.prepare(`select revision from changes where tree = ? order by revision`)
    .bind(tree)
    .all<{ revision: number }>();
  const n = await revisionOf(tree);
  expect(heads.results.map((head) => head.revision)).toEqual(
    Array.from({ length: n }, (_, index) => index + 1),
  );
  const parts = await DB.prepare(
    `select rows from changeRows where tree = ? order by revision, part`,
  )
    .bind(tree)
    .all<{ rows: string }>();
  const told = new Map<string, { table: string; row: Row }>();
  for (const part of parts.results)
    for (const { table, before, after } of JSON.parse(part.rows) as RowChange[]) {
      const image = (after ?? before) as unknown as Row;
      const key = JSON.stringify([table, ...SHAPES[table].key.map((column) => image[column])]);
      expect(told.get(key)?.row ?? null, `what was before ${key}`).toEqual(before);
      if (after) told.set(key, { table, row: after as unknown as Row });
      else told.delete(key);
    }
  const record = await recordRows(tree);
  for (const table of TABLES)
    expect(
      sorted([...told.values()].filter((one) => one.table === table).map(({ row }) => row)),
      `${table} of tree ${tree}, retold`,
    ).toEqual(sorted(record[table] ?? []));
}

/** Both stores are whole and alike. */
export async function expectWhole(tree: number): Promise<void> {
  await expectSliceIsRecord(tree);
  await expectRecordIsWhole(tree);
}
