import { accountMail } from "./accounts.ts";

/*
 * Changes of a person's address. Each address is proven by the link that was mailed to it; then the
 * account changes, at once, and the trees follow, for each knows the person by an alias of its own.
 */

export interface AddressChange {
  readonly id: string;
  readonly user: string;
  readonly from: string;
  readonly to: string;
  readonly session: string | null;
  readonly expiresAt: number;
  readonly data: object;
}

const TAKEN = `exists (select 1 from users where email = json_extract(?5, '$.to'))`;

/**
 * Keeps that a person wants another address, in place of what they wanted before, and mails both. An
 * address that has an account already is told so, and gets no link; nobody else learns of it.
 */
export async function askAddressChange(
  db: D1Database,
  asked: AddressChange,
  now: number,
): Promise<readonly string[]> {
  const { id, user, from, to, session, expiresAt } = asked;
  const data = { ...asked.data, change: id, from, to };
  const mail = (email: string, kind: string, side: string, when?: string) =>
    accountMail(db, { id: `mail_${id}_${side}`, user: null, email, kind, data }, now, when);
  await db.batch([
    db
      .prepare(
        `update addressChanges set expiresAt = ?1 where user = ?2 and madeAt is null and expiresAt > ?1`,
      )
      .bind(now, user),
    db
      .prepare(
        `insert into addressChanges (id, user, fromEmail, toEmail, session, createdAt, expiresAt) values (?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(id, user, from, to, session, now, expiresAt),
    mail(from, "address.old", "from"),
    mail(to, "address.new", "to", `not ${TAKEN}`),
    mail(to, "address.taken", "to", TAKEN),
  ]);
  return [`mail_${id}_from`, `mail_${id}_to`];
}

export type AddressOutcome = "made" | "waits" | "taken" | "dead";

/**
 * The owner of one of the addresses agreed. With both, the account has the new one: its sessions end,
 * but for the one in which it was asked for.
 */
export async function proveAddressOf(
  db: D1Database,
  id: string,
  email: string,
  now: number,
): Promise<{ outcome: AddressOutcome; user?: string; mail?: string }> {
  const open = `id = ?1 and madeAt is null and expiresAt > ?3`;
  const made = `(select user from addressChanges where id = ?1 and madeAt = ?2)`;
  const mail = `mail_${id}_made`;
  const [fromProven, toProven] = await db.batch([
    db
      .prepare(
        `update addressChanges set fromProvenAt = ?3 where ${open} and fromEmail = ?2 and fromProvenAt is null`,
      )
      .bind(id, email, now),
    db
      .prepare(
        `update addressChanges set toProvenAt = ?3 where ${open} and toEmail = ?2 and toProvenAt is null`,
      )
      .bind(id, email, now),
    db
      .prepare(
        `update users set provenAt = ?2, email = (select toEmail from addressChanges where id = ?1)
         where id = (select user from addressChanges where id = ?1 and madeAt is null and expiresAt > ?2
             and fromProvenAt is not null and toProvenAt is not null)
           and email = (select fromEmail from addressChanges where id = ?1)
           and not exists (select 1 from users where email = (select toEmail from addressChanges where id = ?1))`,
      )
      .bind(id, now),
    db
      .prepare(
        `update addressChanges set madeAt = ?2 where id = ?1 and madeAt is null and fromProvenAt is not null
         and toProvenAt is not null and toEmail = (select email from users where id = addressChanges.user)`,
      )
      .bind(id, now),
    db
      .prepare(
        `delete from sessions where user = ${made} and id is not (select session from addressChanges where id = ?1)`,
      )
      .bind(id, now),
    db
      .prepare(
        `insert into mails (id, email, kind, data, status, attempts, at)
         select ?3, c.fromEmail, 'address.made', m.data, 'queued', 0, ?2
         from addressChanges c join mails m on m.id = 'mail_' || c.id || '_from' where c.id = ?1 and c.madeAt = ?2
         on conflict (id) do nothing`,
      )
      .bind(id, now, mail),
  ]);
  const proven = (fromProven?.meta.changes ?? 0) + (toProven?.meta.changes ?? 0) === 1;
  const row = await db
    .prepare(`select user, madeAt, fromProvenAt, toProvenAt from addressChanges where id = ?`)
    .bind(id)
    .first<{
      user: string;
      madeAt: number | null;
      fromProvenAt: number | null;
      toProvenAt: number | null;
    }>();
  if (!row || !proven) return { outcome: "dead" };
  if (row.madeAt !== null) return { outcome: "made", user: row.user, mail };
  return { outcome: row.fromProvenAt !== null && row.toProvenAt !== null ? "taken" : "waits" };
}

export interface ToFollow {
  readonly tree: number;
  readonly user: string;
  readonly email: string;
}

/** The trees that know a person by an address that is no longer theirs; one person's, or anybody's. */
export async function treesToFollow(db: D1Database, user: string | null): Promise<ToFollow[]> {
  const found = await db
    .prepare(
      `select distinct k.tree, u.id as user, u.email
       from addressChanges c join users u on u.id = c.user
         join (select tree, user, email from people union all select tree, user, email from platformRoles) k
           on k.user = u.id and k.email <> u.email
       where c.madeAt is not null and c.followedAt is null and (?1 is null or c.user = ?1) limit 500`,
    )
    .bind(user)
    .all<ToFollow>();
  return found.results;
}

/** The changes made before an instant that every tree has followed are done with. */
export async function settleFollowed(db: D1Database, before: number, now: number): Promise<void> {
  await db
    .prepare(
      `update addressChanges set followedAt = ?2 where madeAt < ?1 and followedAt is null
       and not exists (select 1 from people k join users u on u.id = k.user where k.user = addressChanges.user and k.email <> u.email)
       and not exists (select 1 from platformRoles k join users u on u.id = k.user where k.user = addressChanges.user and k.email <> u.email)`,
    )
    .bind(before, now)
    .run();
}
