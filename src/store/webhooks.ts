import type { Redelivered, Redelivery } from "../commands/rpc.ts";

/*
 * Deliveries in the record. A delivery is claimed by putting its next try off, so that two consumers
 * do not send it at once; one whose consumer died is tried again when that time has come.
 */

export interface Delivery {
  readonly id: string;
  readonly tree: number;
  readonly webhook: string;
  readonly sequence: number;
  readonly event: string;
  /** JSON. */
  readonly data: string;
  readonly at: number;
  /** Which try this is. */
  readonly attempts: number;
}

export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly generation: number;
  readonly overlapUntil: number | null;
  readonly asymmetric: number;
  readonly status: "enabled" | "disabled";
}

/** Messages may come a little early. */
const EARLY_MS = 1_000;

/** Claims a delivery whose time has come, with where it goes; `null` when there is nothing to do. */
export async function claimDelivery(
  db: D1Database,
  id: string,
  now: number,
  until: number,
): Promise<{ delivery: Delivery; endpoint: Endpoint | null } | null> {
  const [claimed, found] = await db.batch<Delivery & Endpoint>([
    db
      .prepare(
        `update deliveries set attempts = attempts + 1, nextAt = ? where id = ? and status = 'pending' and nextAt <= ?
         returning id, tree, webhook, sequence, event, data, at, attempts`,
      )
      .bind(until, id, now + EARLY_MS),
    db
      .prepare(
        `select id, url, generation, overlapUntil, asymmetric, status from webhooks where id = (select webhook from deliveries where id = ?)`,
      )
      .bind(id),
  ]);
  const delivery = claimed?.results[0];
  return delivery ? { delivery, endpoint: found?.results[0] ?? null } : null;
}

export interface Attempt {
  readonly at: number;
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly error: string | null;
}

/** Notes an attempt, and what follows: `retryAt`, or the end. */
export async function settleDelivery(
  db: D1Database,
  id: string,
  attempt: Attempt | null,
  then: { readonly status: "pending" | "delivered" | "failed"; readonly nextAt: number | null },
): Promise<void> {
  const statements = [
    db
      .prepare(`update deliveries set status = ?, nextAt = ? where id = ? and status = 'pending'`)
      .bind(then.status, then.nextAt, id),
  ];
  if (attempt)
    statements.push(
      db
        .prepare(
          `insert into deliveryAttempts (delivery, n, at, status, durationMs, error)
           select ?1, coalesce((select max(n) from deliveryAttempts where delivery = ?1), 0) + 1, ?2, ?3, ?4, ?5`,
        )
        .bind(id, attempt.at, attempt.status, attempt.durationMs, attempt.error),
    );
  await db.batch(statements);
}

/** So many of an endpoint's latest deliveries say whether it works. */
const LATEST = 1_000;

/** Has the endpoint taken anything since an instant? */
export async function hasDelivered(
  db: D1Database,
  webhook: string,
  since: number,
): Promise<boolean> {
  const row = await db
    .prepare(
      `select 1 from deliveries d join deliveryAttempts a on a.delivery = d.id
       where d.webhook = ?1 and d.sequence > (select max(sequence) from deliveries where webhook = ?1) - ${LATEST}
         and a.status between 200 and 299 and a.at >= ?2 limit 1`,
    )
    .bind(webhook, since)
    .first();
  return row !== null;
}

/** Deliveries whose time has come: what a queue may have lost. */
export async function dueDeliveries(db: D1Database, now: number, limit: number): Promise<string[]> {
  const found = await db
    .prepare(
      `select id from deliveries where nextAt is not null and nextAt <= ? order by nextAt limit ?`,
    )
    .bind(now, limit)
    .all<{ id: string }>();
  return found.results.map((row) => row.id);
}

export interface DeliveryShown extends Omit<Delivery, "tree" | "data"> {
  readonly status: string;
  readonly nextAt: number | null;
  /** JSON of `Attempt[]`, oldest first. */
  readonly tries: string;
}

/** The deliveries of an endpoint, newest first. */
export async function deliveriesOf(
  db: D1Database,
  webhook: string,
  asked: { id?: string | undefined; status?: string | undefined; after: string; limit: number },
): Promise<DeliveryShown[]> {
  const found = await db
    .prepare(
      `select d.id, d.webhook, d.sequence, d.event, d.at, d.attempts, d.status, d.nextAt,
         (select json_group_array(json_object('at', a.at, 'status', a.status, 'durationMs', a.durationMs, 'error', a.error))
           from (select * from deliveryAttempts where delivery = d.id order by n) a) as tries
       from deliveries d where d.webhook = ?1 and (?2 is null or d.id = ?2) and (?3 is null or d.status = ?3)
         and (?4 = 0 or d.sequence < ?4) order by d.sequence desc limit ?5`,
    )
    .bind(webhook, asked.id ?? null, asked.status ?? null, Number(asked.after) || 0, asked.limit)
    .all<DeliveryShown>();
  return found.results;
}

/** The endpoint of a delivery. */
export async function webhookOf(db: D1Database, delivery: string): Promise<string | undefined> {
  const row = await db
    .prepare(`select webhook from deliveries where id = ?`)
    .bind(delivery)
    .first<{ webhook: string }>();
  return row?.webhook;
}

/** Of so many the queue is told at once, and the sweep finds the others. */
const TOLD_AT_ONCE = 1_000;

/** Puts deliveries on their way once more, under the ids that they had. */
export async function redeliver(
  db: D1Database,
  webhook: string,
  which: Redelivered,
  now: number,
): Promise<Redelivery> {
  const one = "delivery" in which ? which.delivery : null;
  const [since, status] = "since" in which ? [which.since, which.status ?? null] : [0, null];
  const [changed, due] = await db.batch<{ id: string }>([
    db
      .prepare(
        `update deliveries set status = 'pending', attempts = 0, nextAt = ?1
         where webhook = ?2 and (?3 is null or id = ?3) and at >= ?4 and (?5 is null or status = ?5)`,
      )
      .bind(now, webhook, one, since, status),
    db
      .prepare(
        `select id from deliveries where webhook = ? and nextAt = ? and attempts = 0 order by sequence limit ?`,
      )
      .bind(webhook, now, TOLD_AT_ONCE),
  ]);
  return {
    count: changed?.meta.changes ?? 0,
    deliveries: due?.results.map((row) => row.id) ?? [],
  };
}
