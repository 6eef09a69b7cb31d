/*
 * Passkeys (WebAuthn), and the challenges that authenticators sign. A challenge is taken once, by who
 * was given it.
 */

export interface PasskeyFound {
  readonly id: string;
  readonly user: string;
  readonly email: string;
  readonly name: string;
  readonly publicKey: string;
  readonly counter: number;
  /** JSON. */
  readonly transports: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

interface Challenge {
  readonly id: string;
  readonly purpose: "register" | "sign-in";
  readonly asker: string;
}

export async function addChallenge(
  db: D1Database,
  { id, purpose, asker }: Challenge,
  expiresAt: number,
): Promise<void> {
  await db
    .prepare(`insert into challenges (id, purpose, asker, expiresAt) values (?, ?, ?, ?)`)
    .bind(id, purpose, asker, expiresAt)
    .run();
}

export async function takeChallenge(
  db: D1Database,
  { id, purpose, asker }: Challenge,
  now: number,
): Promise<boolean> {
  const taken = await db
    .prepare(`delete from challenges where id = ? and purpose = ? and asker = ? and expiresAt > ?`)
    .bind(id, purpose, asker, now)
    .run();
  return taken.meta.changes === 1;
}

const PASSKEY = `select p.*, u.email from passkeys p join users u on u.id = p.user`;

export async function passkeysOf(db: D1Database, user: string): Promise<PasskeyFound[]> {
  const found = await db
    .prepare(`${PASSKEY} where p.user = ? order by p.createdAt, p.id`)
    .bind(user)
    .all<PasskeyFound>();
  return found.results;
}

export const findPasskey = (db: D1Database, id: string): Promise<PasskeyFound | null> =>
  db.prepare(`${PASSKEY} where p.id = ?`).bind(id).first<PasskeyFound>();

/** Keeps a new passkey; false when somebody has it already, or the person has `max` of them. */
export async function addPasskey(
  db: D1Database,
  made: Omit<PasskeyFound, "email" | "createdAt" | "lastUsedAt">,
  max: number,
  now: number,
): Promise<boolean> {
  const { id, user, name, publicKey, counter, transports } = made;
  const added = await db
    .prepare(
      `insert into passkeys (id, user, name, publicKey, counter, transports, createdAt)
       select ?1, ?2, ?3, ?4, ?5, ?6, ?7 where (select count(*) from passkeys where user = ?2) < ?8
       on conflict (id) do nothing`,
    )
    .bind(id, user, name, publicKey, counter, transports, now, max)
    .run();
  return added.meta.changes === 1;
}

/** A passkey was used; false when it was removed, or its counter seen already, meanwhile. */
export async function usePasskey(
  db: D1Database,
  id: string,
  counter: number,
  now: number,
): Promise<boolean> {
  const used = await db
    .prepare(
      `update passkeys set counter = ?1, lastUsedAt = ?2 where id = ?3 and (counter < ?1 or (counter = 0 and ?1 = 0))`,
    )
    .bind(counter, now, id)
    .run();
  return used.meta.changes === 1;
}

export async function removePasskey(db: D1Database, user: string, id: string): Promise<boolean> {
  const removed = await db
    .prepare(`delete from passkeys where user = ? and id = ?`)
    .bind(user, id)
    .run();
  return removed.meta.changes === 1;
}
