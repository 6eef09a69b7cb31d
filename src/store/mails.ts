/*
 * Mails in the record. A mail is claimed before it is sent and settled after, so that a repeated
 * message sends nothing; one whose claim was never settled may have been sent, and is not sent again
 * by itself.
 */

export interface Mail {
  readonly id: string;
  readonly org: number | null;
  readonly user: string | null;
  readonly email: string;
  readonly kind: string;
  /** JSON. */
  readonly data: string;
  readonly at: number;
  readonly attempts: number;
}

export type MailOutcome =
  | { readonly status: "sent"; readonly messageId: string }
  /** To be tried again: the claim is given back. */
  | { readonly status: "queued"; readonly error: string }
  | { readonly status: "failed" | "suppressed"; readonly error: string };

/** Claims a mail that waits; `null` when it is somebody else's, or settled. */
export async function claimMail(db: D1Database, id: string, now: number): Promise<Mail | null> {
  return db
    .prepare(
      `update mails set status = 'sending', claimedAt = ?, attempts = attempts + 1
       where id = ? and status = 'queued' returning id, org, user, email, kind, data, at, attempts`,
    )
    .bind(now, id)
    .first<Mail>();
}

export async function settleMail(
  db: D1Database,
  id: string,
  outcome: MailOutcome,
  now: number,
): Promise<void> {
  const sent = outcome.status === "sent";
  const statements = [
    db
      .prepare(
        `update mails set status = ?, messageId = ?, error = ?, settledAt = ? where id = ? and status = 'sending'`,
      )
      .bind(
        outcome.status,
        sent ? outcome.messageId : null,
        sent ? null : outcome.error,
        outcome.status === "queued" ? null : now,
        id,
      ),
  ];
  if (outcome.status === "suppressed")
    statements.push(
      db
        .prepare(
          `insert or ignore into suppressions (email, at) select email, ? from mails where id = ?`,
        )
        .bind(now, id),
    );
  if (sent)
    statements.push(
      db
        .prepare(`delete from suppressions where email = (select email from mails where id = ?)`)
        .bind(id),
    );
  await db.batch(statements);
}

/** A mail that no retry is left for. */
export async function buryMail(db: D1Database, id: string, now: number): Promise<void> {
  await db
    .prepare(`update mails set status = 'failed', settledAt = ? where id = ? and status = 'queued'`)
    .bind(now, id)
    .run();
}

/**
 * Calls uncertain what was claimed before an instant and never settled, and finds what has waited
 * since before it: messages that a queue may have lost.
 */
export async function sweepMails(db: D1Database, before: number): Promise<string[]> {
  const [, found] = await db.batch<{ id: string }>([
    db
      .prepare(`update mails set status = 'uncertain' where status = 'sending' and claimedAt < ?`)
      .bind(before),
    db
      .prepare(`select id from mails where status = 'queued' and at < ? order by at limit 500`)
      .bind(before),
  ]);
  return (found?.results ?? []).map((row) => row.id);
}
