import type { EffectiveAnswer } from "../commands/rpc.ts";
import { accept, refuse, type Refusal, type Result } from "../refusals.ts";
import { effectsOf, PEOPLE_MAX, type Looking } from "../store/effects.ts";
import { history } from "../store/outside.ts";
import { changesBetween, inverse, matters, PAST_ROWS_MAX, revisionAt } from "../store/past.ts";
import { changesAfter, type PastChange } from "../store/record.ts";
import type { Replica } from "../store/replica.ts";

const TRIES = 4;

interface Past {
  readonly db: D1Database;
  readonly replica: Replica;
}

const TOO_FAR: Refusal = refuse(
  "limit",
  `So far back the record is not read: at most ${PAST_ROWS_MAX} changes of rows.`,
);
const TOO_FAST = refuse("unavailable", "The access changes too fast to be looked back on.");

/**
 * Does work on the facts of an instant that has passed: later changes are taken back in the slice,
 * the work is done, and nothing of that stays. The work is synchronous, so nobody else sees the past.
 */
export async function asOf<T>(
  { db, replica }: Past,
  at: number,
  resource: { readonly type: string; readonly id: string } | null,
  work: () => T,
): Promise<Result<T>> {
  const { slice } = replica;
  for (let n = 0; n < TRIES; n++) {
    const to = replica.revision;
    const after = await revisionAt(db, slice.tree, at);
    const later = await changesBetween(db, slice.tree, after, to, { named: resource, keys: [] });
    if (!later) return TOO_FAR;
    if (replica.revision !== to) continue;
    return accept(
      slice.tentatively(() => {
        slice.write(inverse(later));
        return work();
      }),
    );
  }
  return TOO_FAST;
}

/** A page is worked out from so many revisions of the tree at most, those of other orgs included. */
const SPAN_MAX = 200;

/**
 * What the changes of an org, and of those below it, did to people: the slice is taken back to before
 * the first of them, and each is made again.
 */
export async function effectiveChanges(
  { db, replica }: Past,
  { org, after, limit }: { readonly org: number; readonly after: number; readonly limit: number },
  knows: Looking["knows"],
): Promise<Result<EffectiveAnswer>> {
  const { slice } = replica;
  const { tree } = slice;
  for (let n = 0; n < TRIES; n++) {
    const to = replica.revision;
    const orgs = slice.subtree(org).map((below) => below.id);
    const heads = await history(db, tree, orgs, after, limit + 1);
    const first = heads[0]?.revision;
    if (first === undefined) return accept({ revision: to, items: [], next: null });
    const asked = heads.slice(0, limit).filter(({ revision }) => revision < first + SPAN_MAX);
    const last = asked.at(-1)?.revision ?? first;
    const made = await changesAfter(db, tree, first - 1, last - first + 1);
    const keys = made.flatMap(({ rows }) =>
      rows.flatMap((row) =>
        row.table === "resources" ? [(row.before ?? row.after)?.key ?? 0] : [],
      ),
    );
    const later = await changesBetween(db, tree, last, to, { named: null, keys });
    if (!later) return TOO_FAR;
    if (replica.revision !== to) continue;
    const known = new Map(asked.map((head) => [head.revision, head]));
    return accept(slice.tentatively(() => again(made, later, known, heads.length > asked.length)));
  }
  return TOO_FAST;

  function again(
    made: readonly PastChange[],
    later: Parameters<typeof inverse>[0],
    asked: ReadonlyMap<number, Awaited<ReturnType<typeof history>>[number]>,
    beyond: boolean,
  ): EffectiveAnswer {
    slice.write(inverse([...made.flatMap(({ rows }) => rows.filter(matters)), ...later]));
    const items: EffectiveAnswer["items"][number][] = [];
    let looked = after;
    let people = 0;
    for (const { revision, rows } of made) {
      const change = asked.get(revision);
      const relevant = rows.filter(matters);
      if (!change) {
        slice.write(relevant);
        continue;
      }
      if (people > PEOPLE_MAX / 2) break;
      // What had ended is announced by a change of the clock.
      const row = rows.find(({ table }) => table === "clocks");
      const clock = row?.table === "clocks" ? row : null;
      const looking = clock
        ? { ...spanOf(clock, change.org), endsOf: change.org }
        : { from: change.at, to: change.at };
      const { shown, types } = effectsOf(slice, relevant, { ...looking, knows });
      people += shown.examined;
      looked = revision;
      const { gains, loses, changes, partners } = shown.counts;
      if (gains + loses + changes + partners + types.length > 0 || shown.more)
        items.push({ change, effects: shown, types });
    }
    const more = beyond || looked < ([...asked.keys()].at(-1) ?? 0);
    return { revision: replica.revision, items, next: more ? looked : null };
  }
}

type ClockChange = Extract<PastChange["rows"][number], { table: "clocks" }>;

/**
 * The instants between which the ends lie that a change of the clock announced for an org. What ends
 * at one instant is announced org by org, and of one org perhaps in parts: then all with the first.
 */
function spanOf({ before, after }: ClockChange, org: number) {
  const again = before?.past?.startsWith(`${org} `) === true;
  return {
    from: (before?.at ?? 0) + (again ? 1 : 0),
    to: (after?.at ?? 0) + (after?.past == null ? 0 : 1),
  };
}
