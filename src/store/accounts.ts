import { nanoid } from "nanoid";
import { usersFor } from "./outside.ts";

/*
 * People's accounts: sign-ins by mailed links, and sessions. They lie outside every tree. Of secrets
 * only hashes are kept, and whatever may be used once is taken by one conditional statement.
 */

export interface AccountMail {
  readonly id: string;
  readonly user: string | null;
  readonly email: string;
  readonly kind: string;
  readonly data: object;
}

/** The statement by which a mail that concerns an account alone is put on its way, if `when` holds. */
export const accountMail = (
  db: D1Database,
  { id, user, email, kind, data }: AccountMail,
  at: number,
  when = "true",
): D1PreparedStatement =>
  db
    .prepare(
      `insert into mails (id, tree, org, user, email, kind, data, status, attempts, at)
       select ?1, null, null, ?2, ?3, ?4, ?5, 'queued', 0, ?6 where ${when} on conflict (id) do nothing`,
    )
    .bind(id, user, email, kind, JSON.stringify(data), at);

export interface SignInAsked {
  readonly id: string;
  readonly email: string;
  readonly browser: string;
  readonly next: string | null;
  readonly expiresAt: number;
  readonly data: object;
}

/** An address gets at most so many links that have not expired. */
const LINKS_MAX = 10;

/**
 * Keeps that somebody wants to sign in, and the mail that lets them, without looking whether the
 * address is known. False when the address was sent too many links already.
 */
export async function askSignIn(
  db: D1Database,
  asked: SignInAsked,
  mail: string,
  now: number,
): Promise<boolean> {
  const { id, email, browser, next, expiresAt, data } = asked;
  const [made] = await db.batch([
    db
      .prepare(
        `insert into signIns (id, email, browser, next, createdAt, expiresAt) select ?1, ?2, ?3, ?4, ?5, ?6
         where (select count(*) from signIns where email = ?2 and createdAt > ?5 - (?6 - ?5)) < ?7`,
      )
      .bind(id, email, browser, next, now, expiresAt, LINKS_MAX),
    accountMail(
      db,
      { id: mail, user: null, email, kind: "sign-in", data: { signIn: id, ...data } },
      now,
      `exists (select 1 from signIns where id = json_extract(?5, '$.signIn'))`,
    ),
  ]);
  return made?.meta.changes === 1;
}

export type SignInTaken =
  | { readonly ok: true; readonly email: string; readonly next: string | null }
  | { readonly ok: false; readonly because: "used" | "expired" | "elsewhere" };

/** Uses a mailed link: once, in the browser that asked. */
export async function takeSignIn(
  db: D1Database,
  id: string,
  browser: string | null,
  now: number,
): Promise<SignInTaken> {
  const taken = await db
    .prepare(
      `update signIns set usedAt = ?1 where id = ?2 and browser = ?3 and usedAt is null and expiresAt > ?1 returning email, next`,
    )
    .bind(now, id, browser)
    .first<{ email: string; next: string | null }>();
  if (taken) return { ok: true, ...taken };
  const row = await db
    .prepare(`select usedAt, browser from signIns where id = ?`)
    .bind(id)
    .first<{ usedAt: number | null; browser: string | null }>();
  if (!row) return { ok: false, because: "expired" };
  if (row.usedAt !== null) return { ok: false, because: "used" };
  return { ok: false, because: row.browser === browser ? "expired" : "elsewhere" };
}

/** Uses an invitation's link, once; it may be opened anywhere. */
export async function takeInvitation(
  db: D1Database,
  invitation: { id: string; email: string; expiresAt: number },
  now: number,
): Promise<boolean> {
  const { id, email, expiresAt } = invitation;
  const made = await db
    .prepare(
      `insert into signIns (id, email, createdAt, expiresAt, usedAt) values (?1, ?2, ?3, ?4, ?3) on conflict (id) do nothing`,
    )
    .bind(id, email, now, expiresAt)
    .run();
  return made.meta.changes === 1;
}

/** The account of an address that was proven just now; made if there is none. */
export async function proveAddress(
  db: D1Database,
  email: string,
  now: number,
): Promise<{ id: string; email: string }> {
  const id = (await usersFor(db, [email], now))[email];
  if (id === undefined) throw new Error("no account was made");
  await db
    .prepare(`update users set provenAt = ? where id = ? and provenAt is null`)
    .bind(now, id)
    .run();
  return { id, email };
}

export type SessionMethod = "mail" | "invitation" | "passkey";

export interface NewSession {
  readonly hash: string;
  readonly user: string;
  readonly method: SessionMethod;
  readonly userAgent: string | null;
  readonly expiresAt: number;
  readonly strong: boolean;
  /** Hash of the session that the browser was in until now. */
  readonly instead: string | null;
}

/** Begins a session; the one that the browser was in ends. */
export async function openSession(db: D1Database, made: NewSession, now: number): Promise<void> {
  const { hash, user, method, userAgent, expiresAt, strong, instead } = made;
  await db.batch([
    db.prepare(`delete from sessions where hash = ?`).bind(instead),
    db
      .prepare(
        `insert into sessions (id, hash, user, method, userAgent, createdAt, lastSeenAt, expiresAt, strongAt) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(
        `ses_${nanoid()}`,
        hash,
        user,
        method,
        userAgent,
        now,
        now,
        expiresAt,
        strong ? now : null,
      ),
  ]);
}

export interface SessionFound {
  readonly id: string;
  readonly user: string;
  readonly email: string;
  readonly language: string | null;
  readonly method: SessionMethod;
  readonly userAgent: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly strongAt: number | null;
}

const SESSION = `select s.id, s.user, u.email, u.language, s.method, s.userAgent, s.createdAt, s.lastSeenAt, s.expiresAt, s.strongAt
  from sessions s join users u on u.id = s.user`;

/** The session of a secret, read anew each time: one that was ended is no more. */
export async function findSession(
  db: D1Database,
  hash: string,
  now: number,
): Promise<SessionFound | null> {
  return db
    .prepare(`${SESSION} where s.hash = ? and s.expiresAt > ?`)
    .bind(hash, now)
    .first<SessionFound>();
}

/** The session was used: it lasts longer. */
export async function slideSession(
  db: D1Database,
  id: string,
  now: number,
  expiresAt: number,
): Promise<void> {
  await db
    .prepare(`update sessions set lastSeenAt = ?, expiresAt = ? where id = ?`)
    .bind(now, expiresAt, id)
    .run();
}

/** A passkey was shown in the session. */
export async function strengthenSession(db: D1Database, id: string, now: number): Promise<void> {
  await db.prepare(`update sessions set strongAt = ? where id = ?`).bind(now, id).run();
}

/** A person's sessions, the latest first. */
export async function sessionsOf(
  db: D1Database,
  user: string,
  now: number,
): Promise<SessionFound[]> {
  const found = await db
    .prepare(`${SESSION} where s.user = ? and s.expiresAt > ? order by s.lastSeenAt desc, s.id`)
    .bind(user, now)
    .all<SessionFound>();
  return found.results;
}

/** Ends one of a person's sessions, at once. */
export async function endSession(db: D1Database, user: string, id: string): Promise<boolean> {
  const ended = await db
    .prepare(`delete from sessions where user = ? and id = ?`)
    .bind(user, id)
    .run();
  return ended.meta.changes === 1;
}

/** Ends all of a person's sessions, at once. */
export async function endSessions(db: D1Database, user: string): Promise<void> {
  await db.prepare(`delete from sessions where user = ?`).bind(user).run();
}

export async function setLanguage(db: D1Database, user: string, language: string): Promise<void> {
  await db.prepare(`update users set language = ? where id = ?`).bind(language, user).run();
}

const KEPT_MS = 30 * 86_400_000;

/** Drops what has expired; used invitations are kept as long as their links could be opened. */
export async function forgetExpired(db: D1Database, now: number): Promise<void> {
  await db.batch([
    db.prepare(`delete from sessions where expiresAt <= ?`).bind(now),
    db.prepare(`delete from signIns where expiresAt <= ?`).bind(now - KEPT_MS),
    db.prepare(`delete from challenges where expiresAt <= ?`).bind(now),
  ]);
}
