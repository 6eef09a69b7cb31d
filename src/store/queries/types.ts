import { ROLE_SETS } from "../../access/index.ts";
import type { Materials, ReadInput } from "../../views/materials.ts";
import type { Slice } from "../slice.ts";
import { one, page, type Asking, type Page } from "./page.ts";

export const roleSets = (slice: Slice): Materials["roleSet"][] =>
  slice.book
    .sets()
    .map((set) => ({ ...set, builtIn: ROLE_SETS.some(({ name }) => name === set.name) }));

/** A page of things that have a name, in its order. */
export const pageByName = <M extends { name: string }>(
  all: readonly M[],
  { after, limit }: ReadInput,
): Page<M> => {
  const rest = all.filter(({ name }) => name > after);
  const sorted = rest.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return page(
    sorted,
    limit,
    ({ name }) => name,
    (shown) => shown,
  );
};

const typeShown = (slice: Slice, name: string): Materials["type"] => ({
  ...slice.book.type(name),
  defined: slice.row("types", { name }) !== undefined,
});

/** What holds for a type. One of which nobody said anything is like `site`. */
export const oneType = ({ slice }: Asking, { id = "" }: ReadInput): Page<Materials["type"]> =>
  one(/^[A-Za-z][\w-]{0,63}$/.test(id) ? typeShown(slice, id) : null);

/** The types that are built in, defined, or had by some resource. */
export function types({ slice }: Asking, input: ReadInput): Page<Materials["types"]> {
  const known = [...slice.book.types()].map((type) => type.name);
  const had = typesAfter(slice, input.after, input.limit + 1);
  const names = [...new Set([...known, ...had])];
  return pageByName(
    names.map((name) => typeShown(slice, name)),
    input,
  );
}

/** The first types of resources after a name: one step of the index for each. */
const typesAfter = (slice: Slice, after: string, limit: number): string[] =>
  slice
    .all<{ name: string }>(
      `with recursive t(name) as (
         select min(type) from resources where tree = ?1 and type > ?2
         union all
         select (select min(type) from resources where tree = ?1 and type > t.name) from t where t.name is not null
       ) select name from t where name is not null limit ?3`,
      slice.tree,
      after,
      limit,
    )
    .map((row) => row.name);
