import type { EventName } from "../events.ts";
import { jsonChunks } from "./rows.ts";

/*
 * What is to be told. The outbox is written with the edit; its notices become mails and deliveries,
 * each of which is a row before it is a message of a queue. So a queue may lose or repeat what it
 * likes: what counts is the row.
 */

interface WaitingRow {
  id: string;
  revision: number;
  event: EventName;
  org: number;
  toOrg: number | null;
  toUser: string | null;
  mail: number;
  body: string;
  at: number;
  actor: string;
}

/** The oldest notices of a tree that wait to be told. */
export async function waitingNotices(
  db: D1Database,
  tree: number,
  limit: number,
): Promise<readonly WaitingRow[]> {
  const found = await db
    .prepare(
      `select o.id, o.revision, o.event, o.org, o.toOrg, o.toUser, o.mail, o.body, o.at, c.actor
       from outbox o join changes c on c.tree = o.tree and c.revision = o.revision
       where o.tree = ? and o.doneAt is null order by o.revision, o.rowid limit ?`,
    )
    .bind(tree, limit)
    .all<WaitingRow>();
  return found.results;
}

/** The trees whose notices have waited since before an instant: what an alarm may have missed. */
export async function treesWaiting(db: D1Database, before: number): Promise<number[]> {
  const found = await db
    .prepare(`select distinct tree from outbox where doneAt is null and at < ? limit 1000`)
    .bind(before)
    .all<{ tree: number }>();
  return found.results.map((row) => row.tree);
}

export interface NewMail {
  readonly id: string;
  readonly tree: number | null;
  readonly org: number | null;
  readonly user: string | null;
  readonly email: string;
  readonly kind: string;
  /** JSON. */
  readonly data: string;
  readonly at: number;
  /** May the person have unsubscribed from it? */
  readonly informs: boolean;
}

export interface NewDelivery {
  readonly id: string;
  readonly tree: number;
  readonly webhook: string;
  readonly event: string;
  /** JSON. */
  readonly data: string;
  readonly at: number;
}

/**
 * Keeps what notices became, and that they are done, in one transaction. What is there already
 * stays as it is. An endpoint's deliveries are numbered without a gap, in the order given.
 */
export async function keepTold(
  db: D1Database,
  told: { mails: readonly NewMail[]; deliveries: readonly NewDelivery[]; done: readonly string[] },
  now: number,
): Promise<void> {
  const statements = [
    ...jsonChunks(told.mails).map((json) => mailsStatement(db, json)),
    ...told.deliveries.map(({ id, tree, webhook, event, data, at }) =>
      db
        .prepare(
          `insert into deliveries (id, tree, webhook, sequence, event, data, at, status, attempts, nextAt)
           select ?1, ?2, ?3, coalesce((select max(sequence) from deliveries where webhook = ?3), 0) + 1, ?4, ?5, ?6, 'pending', 0, ?7
           where true on conflict (id) do nothing`,
        )
        .bind(id, tree, webhook, event, data, at, now),
    ),
    ...jsonChunks(told.done).map((json) =>
      db
        .prepare(
          `update outbox set doneAt = ? where id in (select value from json_each(?)) and doneAt is null`,
        )
        .bind(now, json),
    ),
  ];
  if (statements.length > 0) await db.batch(statements);
}

/**
 * Mails in the language of who gets them or, where they never chose one, of who acted; none to who
 * wants none.
 */
const mailsStatement = (db: D1Database, json: string): D1PreparedStatement =>
  db
    .prepare(
      `insert into mails (id, tree, org, user, email, kind, data, status, attempts, at)
       select m.id, m.tree, m.org, m.user, m.email, m.kind,
         json_set(m.data, '$.language', coalesce((select language from users where id = m.user),
           (select language from users where id = json_extract(m.data, '$.actor.id')))), 'queued', 0, m.at
       from (select json_extract(value, '$.id') as id, json_extract(value, '$.tree') as tree, json_extract(value, '$.org') as org,
         json_extract(value, '$.user') as user, json_extract(value, '$.email') as email, json_extract(value, '$.kind') as kind,
         json_extract(value, '$.data') as data, json_extract(value, '$.at') as at, json_extract(value, '$.informs') as informs
         from json_each(?)) m
       where not (m.informs and exists (select 1 from unsubscribed u where u.user = m.user and u.org = m.org))
       on conflict (id) do nothing`,
    )
    .bind(json);
