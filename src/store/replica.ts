import type { RowChange, TableName } from "../commands/record.ts";
import {
  answersSince,
  changesAfter,
  fence,
  position,
  tablePage,
  type Entry,
  type Row,
  type StoredAnswer,
} from "./record.ts";
import { TABLES } from "./rows.ts";
import { tellsOf } from "./askable.ts";
import type { Slice } from "./slice.ts";

const DAY_MS = 86_400_000;
const PAGE_ROWS = 2_000;
const CHANGES_AT_ONCE = 20;

/** An edit on its way to D1, noted before it leaves: whoever finds the note must look. */
export interface Note {
  readonly revision: number;
  readonly attempt: string;
}

/**
 * A slice as a replica of the record: where it stands, how an edit is applied to it, and how it
 * finds its way back after anything that went wrong.
 */
export class Replica {
  readonly slice: Slice;
  readonly #db: () => D1Database;
  #ready = false;
  #recovering: Promise<boolean> | undefined;
  #revision = 0;
  #epoch = 0;
  #rebuilds = 0;
  /** How often the slice had to find its way back. */
  recoveries = 0;

  constructor(slice: Slice, db: () => D1Database) {
    this.slice = slice;
    this.#db = db;
  }

  get revision(): number {
    return this.#revision;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Brings the slice to where it can serve; `false` when there is no such tree. Needs no D1 unless
   * the slice is empty, of another form, or an edit's outcome is not known.
   */
  async ready(): Promise<boolean> {
    if (this.#ready) return true;
    if (this.slice.isBuilt() && this.slice.meta("note") === undefined) {
      this.#revision = Number(this.slice.meta("revision"));
      this.#epoch = Number(this.slice.meta("epoch"));
      return (this.#ready = true);
    }
    this.#recovering ??= this.#recover().finally(() => {
      this.recoveries += 1;
      this.#recovering = undefined;
    });
    return this.#recovering;
  }

  /** Notes that an edit is about to leave for D1. */
  note(note: Note): void {
    this.slice.setMeta("note", JSON.stringify(note));
  }

  /** Something is not known: nothing more is served before it is. */
  doubt(): void {
    this.#ready = false;
  }

  /** An edit that D1 has: rows, answer and note in one transaction. */
  apply(
    revision: number,
    rows: readonly RowChange[],
    answer: StoredAnswer | null,
    at: number,
  ): void {
    this.slice.transaction(() => {
      this.#follow(revision, rows, at);
      if (answer) this.#keepAnswer(answer);
      this.slice.dropMeta("note");
    });
    this.#revision = revision;
  }

  /** One change of the record, made to the slice; inside a transaction. */
  #follow(revision: number, rows: readonly RowChange[], at: number): void {
    const { slice } = this;
    slice.write(rows);
    for (const { share, user } of tellsOf(slice, rows, at))
      slice.run(`insert or ignore into tells (share, user) values (?, ?)`, share, user);
    for (const { table, after } of rows)
      if (table === "shares" && after?.status === "pending" && after.collaboration !== null)
        slice.run(
          `insert or replace into offers (share, revision) values (?, ?)`,
          after.id,
          revision,
        );
    slice.setMeta("revision", revision);
  }

  #keepAnswer({ actor, key, request, answer, at }: StoredAnswer): void {
    this.slice.run(
      `insert or replace into answers (actor, key, request, answer, at) values (?, ?, ?, ?, ?)`,
      actor,
      key,
      request,
      answer,
      at,
    );
  }

  /** The first answer to a request, while it is remembered [R34]. */
  answerTo(actor: string, key: string, at: number): StoredAnswer | undefined {
    return this.slice.first(
      `select * from answers where actor = ? and key = ? and at > ?`,
      actor,
      key,
      at - DAY_MS,
    );
  }

  async #recover(): Promise<boolean> {
    const { slice } = this;
    if (!slice.isBuilt()) {
      if (!(await position(this.#db(), slice.tree))) return false;
      await this.rebuild((swap) => swap());
      return true;
    }
    // The fence comes first: an edit that has not landed by now never will.
    const at = await fence(this.#db(), slice.tree);
    if (!at) return false;
    this.#revision = Number(slice.meta("revision"));
    try {
      await this.#replay(at.revision);
    } catch {
      // A slice that cannot follow the record is thrown away for one that does.
      await this.rebuild((swap) => swap());
      return true;
    }
    slice.transaction(() => {
      slice.setMeta("epoch", at.epoch);
      slice.dropMeta("note");
    });
    this.#epoch = at.epoch;
    return (this.#ready = true);
  }

  /** Was the attempt committed? To be asked when the slice has caught up. */
  async wasCommitted(entry: Entry): Promise<boolean> {
    const [change] = await changesAfter(this.#db(), entry.tree, entry.revision, 1);
    return change?.attempt === entry.attempt;
  }

  async #replay(to: number): Promise<void> {
    while (this.#revision < to) {
      const past = await changesAfter(this.#db(), this.slice.tree, this.#revision, CHANGES_AT_ONCE);
      if (past.length === 0) throw new Error("the record has a gap");
      // The note stays until everything is there: a slice that caught up in part must not serve.
      for (const { revision, rows } of past) {
        this.slice.transaction(() => this.#follow(revision, rows, Date.now()));
        this.#revision = revision;
      }
    }
    for (const answer of await this.#recentAnswers()) this.#keepAnswer(answer);
  }

  #recentAnswers(): Promise<StoredAnswer[]> {
    return answersSince(this.#db(), this.slice.tree, Date.now() - DAY_MS);
  }

  /**
   * Reads the whole tree from D1 in steps, beside the slice that serves, and puts the new one in
   * its place. `swapping` holds off edits for the last step, in which what came meanwhile is
   * replayed. Answers how many rows there are.
   */
  async rebuild(swapping: (swap: () => Promise<void>) => Promise<void>): Promise<number> {
    const { slice } = this;
    // A later rebuild takes the tables of this one: whoever no longer has them must not write to them.
    const mine = ++this.#rebuilds;
    const holds = () => {
      if (mine !== this.#rebuilds) throw new Error("another rebuild has begun");
    };
    slice.open();
    const start = await position(this.#db(), slice.tree);
    if (!start) throw new Error("there is no such tree");
    holds();
    slice.transaction(() => slice.startNext());
    let rows = 0;
    for (const table of TABLES) rows += await this.#copy(table, holds);
    await swapping(async () => {
      const at = await fence(this.#db(), slice.tree);
      if (!at) throw new Error("there is no such tree");
      for (let revision = start.revision; revision < at.revision;) {
        const past = await changesAfter(this.#db(), slice.tree, revision, CHANGES_AT_ONCE);
        if (past.length === 0) throw new Error("the record has a gap");
        holds();
        for (const change of past) slice.transaction(() => slice.write(change.rows, "next_"));
        revision = past.at(-1)?.revision ?? revision;
      }
      const answers = await this.#recentAnswers();
      holds();
      slice.transaction(() => {
        slice.adoptNext();
        for (const answer of answers) this.#keepAnswer(answer);
        slice.setMeta("revision", at.revision);
        slice.setMeta("epoch", at.epoch);
        slice.dropMeta("note");
        // What receivers told is not in the record: until they tell again, anyone may be asked about.
        slice.run(
          `insert or ignore into askableUnknown (share, toOrg) select id, toOrg from shares where toOrg is not null and status <> 'removed'`,
        );
        for (const { share, user } of tellsOf(slice, allRules(slice), Date.now()))
          slice.run(`insert or ignore into tells (share, user) values (?, ?)`, share, user);
      });
      slice.forget();
      this.#revision = at.revision;
      this.#epoch = at.epoch;
      this.#ready = true;
    });
    return rows;
  }

  async #copy(table: TableName, holds: () => void): Promise<number> {
    const { slice } = this;
    let after: Row | null = null;
    for (let count = 0; ;) {
      const found: Row[] = await tablePage(this.#db(), slice.tree, table, after, PAGE_ROWS);
      holds();
      const images = found.map(
        (row) => ({ table, before: null, after: row }) as unknown as RowChange,
      );
      slice.transaction(() => slice.write(images, "next_"));
      count += found.length;
      after = found.at(-1) ?? null;
      if (found.length < PAGE_ROWS) return count;
    }
  }
}

/** Every rule as if it were new, so that owners are told again of everyone. */
const allRules = (slice: Slice): RowChange[] =>
  slice
    .all<never>(`select * from rules`)
    .map((row) => ({ table: "rules", before: null, after: row }));
