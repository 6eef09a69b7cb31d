const DAY_MS = 86_400_000;

/** How long what was told is kept, counted from when it was settled. */
const MAILS_DAYS = 90;
const DELIVERIES_DAYS = 30;
/** So many rows go at once; the next sweep goes on. */
const AT_ONCE = 5_000;

/**
 * Forgets mails that were sent and deliveries that came to an end, long after: an account of what was
 * told need not grow for ever. What failed to reach an address stays, for it says so in the members'
 * list; of each endpoint the last delivery stays, for its sequence goes on from there.
 */
export async function forgetSettled(db: D1Database, now: number): Promise<void> {
  const gone = `select d.id from deliveries d where d.status in ('delivered', 'failed') and d.at < ?1
    and d.sequence < (select max(sequence) from deliveries where webhook = d.webhook)
    order by d.id limit ${AT_ONCE}`;
  const deliveriesBefore = now - DELIVERIES_DAYS * DAY_MS;
  await db.batch([
    db
      .prepare(
        `delete from mails where rowid in (
           select rowid from mails where status = 'sent' and settledAt < ?1 limit ${AT_ONCE})`,
      )
      .bind(now - MAILS_DAYS * DAY_MS),
    db.prepare(`delete from deliveryAttempts where delivery in (${gone})`).bind(deliveriesBefore),
    db.prepare(`delete from deliveries where id in (${gone})`).bind(deliveriesBefore),
  ]);
}
