import type { Resource, Scope } from "./facts.ts";

/**
 * The form in which tags are compared [R4]: without regard to case, Unicode form or
 * surrounding space. Upper-casing first unites letters that share a capital (ß and ss, ς and σ).
 */
export function foldTag(tag: string): string {
  return tag.normalize("NFKC").trim().toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
}

/** Does the scope select the resource? Any one tag is enough [R4]; a list is exact [R5]. */
export function selects(scope: Scope, resource: Resource): boolean {
  switch (scope.kind) {
    case "all":
      return true;
    case "tags":
      return scope.tags.some((tag) => resource.tags.includes(tag));
    case "resources":
      return scope.keys.includes(resource.key);
  }
}

/** Is everything that `inner` can select also selected by `outer`, whatever resources there are? */
export function isWithin(inner: Scope, outer: Scope): boolean {
  if (outer.kind === "all") return true;
  if (inner.kind === "tags" && outer.kind === "tags")
    return inner.tags.every((tag) => outer.tags.includes(tag));
  if (inner.kind === "resources" && outer.kind === "resources")
    return inner.keys.every((key) => outer.keys.includes(key));
  return false;
}
