import type { StoredScope } from "../../access/index.ts";
import type { Actor } from "../../commands/standing.ts";
import type { ReadInput } from "../../views/materials.ts";
import type { Slice } from "../slice.ts";

export interface Asking {
  readonly slice: Slice;
  readonly db: D1Database;
  readonly actor: Actor;
  readonly org: number;
  readonly now: number;
}

/** A page of material; `next` is where the list goes on. One thing is a page of one. */
export interface Page<M> {
  readonly items: readonly M[];
  readonly next: string | null;
}

export type Query<M> = (asking: Asking, input: ReadInput) => Page<M> | Promise<Page<M>>;

export const one = <M>(item: M | undefined | null): Page<M> => ({
  items: item ? [item] : [],
  next: null,
});

/** A page of rows that were read with one more than the limit. */
export function page<R, M>(
  rows: readonly R[],
  limit: number,
  key: (row: R) => string,
  shown: (row: R) => M,
): Page<M> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(shown), next: rows.length > limit && last ? key(last) : null };
}

/** A row with its scope as it is shown. */
export function terms<T extends { scope: string }>(slice: Slice, row: T) {
  const scope = JSON.parse(row.scope) as StoredScope;
  const refs = "keys" in scope ? refsOf(slice, scope.keys) : [];
  return { ...row, scope, refs };
}

/** `type:id` of the resources behind these keys, those that there still are. */
export const refsOf = (slice: Slice, keys: readonly number[]): string[] =>
  slice
    .all<{ ref: string }>(
      `select type || ':' || id as ref from resources where tree = ? and key in (select value from json_each(?)) order by key`,
      slice.tree,
      JSON.stringify(keys),
    )
    .map((row) => row.ref);

/** A list of an org's rows of a table, by id. */
export const listed =
  <R extends { id: string }, M>(
    table: string,
    shown: (asking: Asking) => (row: R) => M,
    more = "",
  ): Query<M> =>
  (asking, input) => {
    const rows = asking.slice.all<R>(
      `select * from "${table}" where org = ? and id > ? ${more} order by id limit ?`,
      asking.org,
      input.after,
      input.limit + 1,
    );
    return page(rows, input.limit, (row) => row.id, shown(asking));
  };

/** One row of the org, by its id. */
export const found =
  <R extends { org: number }, M>(
    get: (slice: Slice, id: string) => R | undefined,
    shown: (asking: Asking) => (row: R) => M,
  ): Query<M> =>
  (asking, input) => {
    const row = get(asking.slice, input.id ?? "");
    return one(row?.org === asking.org ? shown(asking)(row) : null);
  };
