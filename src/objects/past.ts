import { accept, refuse, type Result } from "../refusals.ts";
import { changesBetween, inverse, PAST_ROWS_MAX, revisionAt } from "../store/past.ts";
import type { Replica } from "../store/replica.ts";

const TRIES = 4;

/**
 * Does work on the facts of an instant that has passed: later changes are taken back in the slice,
 * the work is done, and nothing of that stays. The work is synchronous, so nobody else sees the past.
 */
export async function asOf<T>(
  { db, replica }: { readonly db: D1Database; readonly replica: Replica },
  at: number,
  resource: { readonly type: string; readonly id: string } | null,
  work: () => T,
): Promise<Result<T>> {
  const { slice } = replica;
  for (let n = 0; n < TRIES; n++) {
    const to = replica.revision;
    const after = await revisionAt(db, slice.tree, at);
    const later = await changesBetween(db, slice.tree, after, to, { named: resource, keys: [] });
    if (!later)
      return refuse(
        "limit",
        `So far back the record is not read: at most ${PAST_ROWS_MAX} changes of rows.`,
        "/at",
      );
    if (replica.revision !== to) continue;
    return accept(
      slice.tentatively(() => {
        slice.write(inverse(later));
        return work();
      }),
    );
  }
  return refuse("unavailable", "The access changes too fast to be looked back on.");
}
