import type { Event, Notice } from "../events.ts";
import type { RowChange, TableName } from "../commands/record.ts";
import { jsonChunks, SHAPES, statementsFor } from "./rows.ts";

/*
 * The record in D1: what an object commits to, and recovers from. One change is one batch, which
 * D1 runs as one transaction.
 */

/** D1 gives a batch 30 s; who waits longer than this no longer knows the outcome. */
const D1_MS = 25_000;

/** Every call to the record has an end: past it, its outcome is not known. */
async function timed<T>(call: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the record did not answer in time")), D1_MS);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One edit, ready to be written down. */
export interface Entry {
  readonly tree: number;
  /** The revision and epoch that the edit was made on. */
  readonly revision: number;
  readonly epoch: number;
  readonly attempt: string;
  readonly org: number;
  readonly at: number;
  readonly actor: string;
  readonly what: string;
  readonly reason: string | null;
  readonly events: readonly Event[];
  readonly notices: readonly Notice[];
  readonly rows: readonly RowChange[];
  readonly answer: StoredAnswer | null;
}

/** The first answer to a request with an Idempotency-Key [R34]. */
export interface StoredAnswer {
  readonly actor: string;
  readonly key: string;
  readonly request: string;
  readonly answer: string;
  readonly at: number;
}

export interface Position {
  readonly revision: number;
  readonly epoch: number;
}

/**
 * Writes an edit down: guard, rows, change record, idempotency record and outbox, all or nothing
 * [R33]. The guard makes `revision` null, which its column refuses, where the tree has moved on or
 * was fenced; where there is no such tree, the change record's foreign key refuses it.
 */
export async function commit(db: D1Database, entry: Entry): Promise<void> {
  const { tree, revision, epoch, answer } = entry;
  const next = revision + 1;
  const statements: D1PreparedStatement[] = [
    db
      .prepare(
        `update trees set revision = case when revision = ? and epoch = ? then revision + 1 end where tree = ?`,
      )
      .bind(revision, epoch, tree),
    db
      .prepare(
        `insert into changes (tree, revision, attempt, org, at, actor, what, events, reason) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(
        tree,
        next,
        entry.attempt,
        entry.org,
        entry.at,
        entry.actor,
        entry.what,
        JSON.stringify(entry.events),
        entry.reason,
      ),
    ...jsonChunks(entry.rows).map((rows, part) =>
      db
        .prepare(`insert into changeRows (tree, revision, part, rows) values (?, ?, ?, ?)`)
        .bind(tree, next, part, rows),
    ),
    ...statementsFor(entry.rows).map(({ sql, params }) => db.prepare(sql).bind(...params)),
  ];
  if (answer)
    statements.push(
      db
        .prepare(
          `insert or replace into idempotency (tree, actor, key, request, answer, at) values (?, ?, ?, ?, ?, ?)`,
        )
        .bind(tree, answer.actor, answer.key, answer.request, answer.answer, answer.at),
    );
  const notices = entry.notices.map((notice, n) => ({
    id: `ntc_${tree}_${next}_${n}`,
    ...notice,
    mail: notice.mail ? 1 : 0,
    data: JSON.stringify(notice.data),
  }));
  for (const json of jsonChunks(notices))
    statements.push(
      db
        .prepare(
          `insert into outbox (id, tree, revision, event, org, toOrg, toUser, mail, body, at) select json_extract(value, '$.id'), ?, ?, json_extract(value, '$.event'), json_extract(value, '$.org'), json_extract(value, '$.toOrg'), json_extract(value, '$.toUser'), json_extract(value, '$.mail'), json_extract(value, '$.data'), ? from json_each(?)`,
        )
        .bind(tree, next, entry.at, json),
    );
  await timed(db.batch(statements));
}

/** Where the record stands; `undefined` when there is no such tree. */
export async function position(db: D1Database, tree: number): Promise<Position | undefined> {
  const row = await timed(
    db.prepare(`select revision, epoch from trees where tree = ?`).bind(tree).first<Position>(),
  );
  return row ?? undefined;
}

/** Raises the epoch, so that no batch on its way can land any more, and says where the record stands. */
export async function fence(db: D1Database, tree: number): Promise<Position | undefined> {
  const row = await timed(
    db
      .prepare(`update trees set epoch = epoch + 1 where tree = ? returning revision, epoch`)
      .bind(tree)
      .first<Position>(),
  );
  return row ?? undefined;
}

export interface PastChange {
  readonly revision: number;
  readonly attempt: string;
  readonly rows: readonly RowChange[];
}

/** The changes after a revision, oldest first, at most `limit` of them. */
export async function changesAfter(
  db: D1Database,
  tree: number,
  revision: number,
  limit: number,
): Promise<PastChange[]> {
  const heads = await timed(
    db
      .prepare(
        `select revision, attempt from changes where tree = ? and revision > ? order by revision limit ?`,
      )
      .bind(tree, revision, limit)
      .all<{ revision: number; attempt: string }>(),
  );
  const last = heads.results.at(-1)?.revision ?? revision;
  const parts = await timed(
    db
      .prepare(
        `select revision, rows from changeRows where tree = ? and revision > ? and revision <= ? order by revision, part`,
      )
      .bind(tree, revision, last)
      .all<{ revision: number; rows: string }>(),
  );
  return heads.results.map((head) => ({
    ...head,
    rows: parts.results
      .filter((part) => part.revision === head.revision)
      .flatMap((part) => JSON.parse(part.rows) as RowChange[]),
  }));
}

export type Row = Record<string, string | number | null>;

/** One step of reading a whole table of a tree: the rows after the last one read, in key order. */
export async function tablePage(
  db: D1Database,
  tree: number,
  table: TableName,
  after: Row | null,
  limit: number,
): Promise<Row[]> {
  const key = SHAPES[table].key.filter((column) => column !== "tree");
  const columns = key.map((column) => `"${column}"`).join(", ");
  const beyond = after ? `and (${columns}) > (${key.map(() => "?").join(", ")})` : "";
  const found = await timed(
    db
      .prepare(`select * from "${table}" where tree = ? ${beyond} order by ${columns} limit ?`)
      .bind(tree, ...(after ? key.map((column) => after[column] ?? null) : []), limit)
      .all<Row>(),
  );
  return found.results;
}

/** The idempotency records of a tree since an instant. */
export async function answersSince(
  db: D1Database,
  tree: number,
  at: number,
): Promise<StoredAnswer[]> {
  const found = await timed(
    db
      .prepare(`select actor, key, request, answer, at from idempotency where tree = ? and at > ?`)
      .bind(tree, at)
      .all<StoredAnswer>(),
  );
  return found.results;
}

/** Forgets idempotency records of a tree from before an instant. */
export async function forgetAnswers(db: D1Database, tree: number, before: number): Promise<void> {
  await db.prepare(`delete from idempotency where tree = ? and at <= ?`).bind(tree, before).run();
}
