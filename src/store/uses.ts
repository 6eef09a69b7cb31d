import type { Slice } from "./slice.ts";

/*
 * When somebody last used what an org has: the day, by UTC. Days are noted in memory and written now
 * and then, each at most once, to the object's own SQLite and never to the record: a check pays for
 * a look in a map. What was not written when an object dies is lost, as is all of it with the object.
 */

const DAY_MS = 86_400_000;
/** So many people and orgs are kept in memory; past that it starts over. */
const NOTED_MAX = 200_000;

export class Uses {
  readonly #slice: Slice;
  readonly #noted = new Map<string, number>();
  #unwritten: { user: string; org: number; day: number }[] = [];

  constructor(slice: Slice) {
    this.#slice = slice;
  }

  /** Notes a use. Is it the first since the last writing that needs to be written? */
  note(user: string, org: number, now: number): boolean {
    const day = Math.floor(now / DAY_MS);
    const key = `${org} ${user}`;
    if (this.#noted.get(key) === day) return false;
    if (this.#noted.size >= NOTED_MAX) this.#noted.clear();
    this.#noted.set(key, day);
    return this.#unwritten.push({ user, org, day }) === 1;
  }

  /** Writes what was noted. */
  write(): void {
    if (this.#unwritten.length === 0) return;
    this.#slice.run(
      `insert into lastUsed (user, org, day)
       select json_extract(value, '$.user'), json_extract(value, '$.org'), json_extract(value, '$.day') from json_each(?) where true
       on conflict (user, org) do update set day = excluded.day where excluded.day > day`,
      JSON.stringify(this.#unwritten),
    );
    this.#unwritten = [];
  }

  /** The last day on which each used something of an org or of those below it: `2026-11-25`. */
  last(users: readonly string[], org: number): ReadonlyMap<string, string> {
    this.write();
    const found = this.#slice.all<{ user: string; day: number }>(
      `select user, max(day) as day from lastUsed
       where user in (select value from json_each(?)) and org in (select value from json_each(?)) group by user`,
      JSON.stringify(users),
      JSON.stringify(this.#slice.subtree(org).map(({ id }) => id)),
    );
    return new Map(
      found.map(({ user, day }) => [user, new Date(day * DAY_MS).toISOString().slice(0, 10)]),
    );
  }
}
