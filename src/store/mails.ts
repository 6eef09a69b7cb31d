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
  /** To be tried again, not before an instant: the claim is given back. */
  | { readonly status: "queued"; readonly error: string; readonly nextAt: number }
  | { readonly status: "failed" | "suppressed" | "uncertain"; readonly error: string };

/** A queue's clock may be so much ahead of ours. */
const EARLY_MS = 2_000;

/** Claims a mail that waits and is due; `null` when it is somebody else's, settled, or not due. */
export async function claimMail(db: D1Database, id: string, now: number): Promise<Mail | null> {
  return db
    .prepare(
      `update mails set status = 'sending', claimedAt = ?1, attempts = attempts + 1
       where id = ?2 and status = 'queued' and coalesce(nextAt, 0) <= ?3
       returning id, org, user, email, kind, data, coalesce(againAt, at) as at, attempts`,
    )
    .bind(now, id, now + EARLY_MS)
    .first<Mail>();
}

/**
 * The end of a claim, however late: of a mail that was settled, or claimed anew since, nothing
 * changes.
 */
export async function settleMail(
  db: D1Database,
  { id, attempts }: Pick<Mail, "id" | "attempts">,
  outcome: MailOutcome,
  now: number,
): Promise<void> {
  const { status } = outcome;
  const statements = [
    db
      .prepare(
        `update mails set status = ?, messageId = ?, error = ?, settledAt = ?, nextAt = ?
         where id = ? and attempts = ? and status in ('sending', 'uncertain')`,
      )
      .bind(
        status,
        "messageId" in outcome ? outcome.messageId : null,
        "error" in outcome ? outcome.error : null,
        status === "queued" ? null : now,
        "nextAt" in outcome ? outcome.nextAt : null,
        id,
        attempts,
      ),
  ];
  if (status === "suppressed")
    statements.push(
      db
        .prepare(
          `insert or ignore into suppressions (email, at) select email, ?3 from mails where id = ?1 and status = ?2`,
        )
        .bind(id, status, now),
    );
  if (status === "sent")
    statements.push(
      db
        .prepare(
          `delete from suppressions where email = (select email from mails where id = ? and status = ?)`,
        )
        .bind(id, status),
    );
  await db.batch(statements);
}

/** A mail that no retry is left for. */
export async function buryMail(db: D1Database, id: string, now: number): Promise<void> {
  await db
    .prepare(
      `update mails set status = 'failed', settledAt = ?, nextAt = null where id = ? and status = 'queued'`,
    )
    .bind(now, id)
    .run();
}

/**
 * Lets a mail of these orgs be sent once more, when it is known not to be on its way, nor to have
 * gone out. It is noted who wanted it.
 */
export async function requeueMail(
  db: D1Database,
  mail: { id: string; tree: number; orgs: readonly number[] },
  by: string,
  now: number,
): Promise<"queued" | "conflict" | "not_found"> {
  const within = `id = ?1 and tree = ?2 and org in (select value from json_each(?3))`;
  const where = [mail.id, mail.tree, JSON.stringify(mail.orgs)];
  const done = await db
    .prepare(
      `update mails set status = 'queued', nextAt = null, settledAt = null, againBy = ?4, againAt = ?5
       where ${within} and status in ('failed', 'uncertain', 'suppressed')`,
    )
    .bind(...where, by, now)
    .run();
  if (done.meta.changes > 0) return "queued";
  const there = await db
    .prepare(`select 1 from mails where ${within}`)
    .bind(...where)
    .first();
  return there ? "conflict" : "not_found";
}

export interface SentMail {
  readonly id: string;
  readonly org: number;
  readonly email: string;
  readonly kind: string;
  readonly status: string;
  readonly attempts: number;
  readonly at: number;
  readonly settledAt: number | null;
  readonly nextAt: number | null;
  readonly error: string | null;
  readonly againBy: string | null;
  readonly againAt: number | null;
}

/** The mails about these orgs, newest first; without what they say, for their links sign in. */
export async function mailsOf(
  db: D1Database,
  tree: number,
  orgs: readonly number[],
  asked: { id?: string | undefined; status?: string | undefined; after: string; limit: number },
): Promise<SentMail[]> {
  const [at = "", ...id] = asked.after.split(" ");
  const found = await db
    .prepare(
      `select id, org, email, kind, status, attempts, at, settledAt, nextAt, error, againBy, againAt from mails
       where tree = ?1 and org in (select value from json_each(?2)) and (?3 is null or id = ?3) and (?4 is null or status = ?4)
         and (?5 = 0 or (at, id) < (?5, ?6)) order by at desc, id desc limit ?7`,
    )
    .bind(
      tree,
      JSON.stringify(orgs),
      asked.id ?? null,
      asked.status ?? null,
      Number(at) || 0,
      id.join(" "),
      asked.limit,
    )
    .all<SentMail>();
  return found.results;
}

/** Those of these addresses to which no mail goes any more. */
export async function suppressedOf(
  db: D1Database,
  emails: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = await db
    .prepare(`select email from suppressions where email in (select value from json_each(?))`)
    .bind(JSON.stringify(emails))
    .all<{ email: string }>();
  return new Set(found.results.map((row) => row.email));
}

/** Does a person want the mails about an org that only inform? */
export async function setSubscribed(
  db: D1Database,
  { user, org }: { user: string; org: number },
  wanted: boolean,
  now: number,
): Promise<void> {
  await (
    wanted
      ? db.prepare(`delete from unsubscribed where user = ? and org = ?`).bind(user, org)
      : db
          .prepare(
            `insert into unsubscribed (user, org, at) select id, ?2, ?3 from users where id = ?1 on conflict do nothing`,
          )
          .bind(user, org, now)
  ).run();
}

/** A mail that waits since then was perhaps lost by a queue; one claimed since then, by a crash. */
export interface Overdue {
  readonly waiting: number;
  readonly claimed: number;
}

/** Calls uncertain what was claimed and never settled, and finds what is overdue. */
export async function sweepMails(db: D1Database, overdue: Overdue): Promise<string[]> {
  const [, found] = await db.batch<{ id: string }>([
    db
      .prepare(`update mails set status = 'uncertain' where status = 'sending' and claimedAt < ?`)
      .bind(overdue.claimed),
    db
      .prepare(
        `select id from mails where status = 'queued' and coalesce(nextAt, againAt, at) < ? order by at limit 500`,
      )
      .bind(overdue.waiting),
  ]);
  return (found?.results ?? []).map((row) => row.id);
}

export interface MailInRecord extends Mail {
  readonly status: string;
}

/** The latest mails, whoever they are to: for a server on one's own machine. */
export async function latestMails(db: D1Database, limit: number): Promise<MailInRecord[]> {
  const found = await db
    .prepare(`select * from mails order by at desc, rowid desc limit ?`)
    .bind(limit)
    .all<MailInRecord>();
  return found.results;
}

export const findMail = (db: D1Database, id: string): Promise<MailInRecord | null> =>
  db.prepare(`select * from mails where id = ?`).bind(id).first<MailInRecord>();
