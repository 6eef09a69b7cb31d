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

/** Has the endpoint taken anything since an instant? */
export async function hasDelivered(
  db: D1Database,
  webhook: string,
  since: number,
): Promise<boolean> {
  const row = await db
    .prepare(
      `select 1 from deliveries d join deliveryAttempts a on a.delivery = d.id
       where d.webhook = ? and d.status = 'delivered' and a.at >= ? limit 1`,
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

/** At most this many deliveries are sent again by one request, the oldest first. */
export const REDELIVERED_MAX = 1_000;

/** Puts deliveries on their way once more, under the ids that they had: one, or all since an instant. */
export async function redeliver(
  db: D1Database,
  webhook: string,
  which: { readonly delivery: string } | { readonly since: number },
  now: number,
): Promise<string[]> {
  const one = "delivery" in which ? which.delivery : null;
  const found = await db
    .prepare(
      `update deliveries set status = 'pending', attempts = 0, nextAt = ?1
       where id in (select id from deliveries where webhook = ?2 and (?3 is null or id = ?3) and at >= ?4 order by sequence limit ?5)
       returning id`,
    )
    .bind(now, webhook, one, "since" in which ? which.since : 0, REDELIVERED_MAX)
    .all<{ id: string }>();
  return found.results.map((row) => row.id);
}
