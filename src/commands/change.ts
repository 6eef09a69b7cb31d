import type { Event } from "../events.ts";
import type { Refusal } from "../refusals.ts";
import type { Given, Needs, Stamp, TreeFacts } from "./facts.ts";
import type { RowChange } from "./record.ts";
import type { ReadName } from "./reads.ts";
import type { Actor } from "./standing.ts";

/** What an edit does: rows, events, and which reading of the outcome answers it. */
export interface Change {
  readonly ok: true;
  /** The org in whose history it stands. */
  readonly org: number;
  readonly rows: readonly RowChange[];
  readonly events: readonly Event[];
  readonly reason?: string | undefined;
  readonly status: 200 | 201 | 204;
  readonly shows: { readonly read: ReadName; readonly id: string } | null;
}

/**
 * A command is a pure function of the tree's facts: the same facts, actor, input and stamp give the
 * same change or refusal. `needs` says what it must be given from outside the tree.
 */
export interface Command<I> {
  readonly needs?: (input: I) => Needs;
  /** Only the person themself, by a session of theirs or by the platform's key. */
  readonly personal?: true;
  /** What an `If-Match` is held against. */
  readonly current?: (input: I) => Change["shows"];
  readonly run: (
    facts: TreeFacts,
    actor: Actor,
    input: I,
    stamp: Stamp,
    given: Given,
  ) => Change | Refusal;
}

export const define = <I>(command: Command<I>): Command<I> => command;
