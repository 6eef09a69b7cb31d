import type { Scope } from "./facts.ts";
import { foldTag } from "./scopes.ts";

/** A scope as it is written down: tags as people wrote them, resources by internal key [R5]. */
export type StoredScope =
  | { readonly all: true }
  | { readonly tags: readonly string[] }
  | { readonly keys: readonly number[] };

/** What a stored scope means. */
export function readScope(stored: StoredScope): Scope {
  if ("all" in stored) return { kind: "all" };
  if ("tags" in stored) return { kind: "tags", tags: stored.tags.map(foldTag) };
  return { kind: "resources", keys: stored.keys };
}
