/**
 * Ids carry their kind and their tree: `shr_12_4_0` is the first id that revision 4 of tree 12 gave
 * out. A revision is committed once, so an id is never used again, and needs no randomness.
 */
export type IdKind =
  | "mem"
  | "grt"
  | "shr"
  | "rul"
  | "key"
  | "tem"
  | "col"
  | "lnk"
  | "prl"
  | "whk"
  | "iss"
  | "rvw";

export const makeId = (kind: IdKind, tree: number, revision: number, n: number): string =>
  `${kind}_${tree}_${revision.toString(36)}_${n.toString(36)}`;

/** The tree that an id was made in, or `undefined` when it is no id. */
export function treeOfId(id: string): number | undefined {
  const tree = /^[a-z]{3}_(\d{1,15})_[0-9a-z]+_[0-9a-z]+$/.exec(id)?.[1];
  return tree === undefined ? undefined : Number(tree);
}

/** At most this many ids, and resource keys, in one revision. */
const KEYS_PER_REVISION = 2048;

/** The internal key of a resource: like an id, never used again [R5]. */
export const makeKey = (revision: number, n: number): number => {
  if (n >= KEYS_PER_REVISION) throw new RangeError("too many resources in one revision");
  return revision * KEYS_PER_REVISION + n;
};
