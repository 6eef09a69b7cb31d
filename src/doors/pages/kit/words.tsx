import { fill, type Text } from "../../../text/index.ts";

export { fill };

/** A scope as the API shows it. */
export type ScopeShown =
  | { readonly all: true }
  | { readonly tags: readonly string[] }
  | { readonly resources: readonly string[] };

/** A role as people call it; one of an application's own set goes by its own name. */
export function roleLabel(text: Text, role: string | null | undefined): string {
  if (!role) return "";
  const short = role.replace(/^standard\./, "");
  const known = (text.roles as Readonly<Record<string, string>>)[short];
  return known ?? short.replace(".", ": ");
}

const NAMED_MAX = 5;

/** Which resources a scope selects, in a few words. */
export function scopeLabel(
  { settings: words }: Text,
  scope: ScopeShown | null | undefined,
): string {
  if (!scope) return "";
  if ("all" in scope) return words.scope.all;
  if ("tags" in scope) return words.scope.tagged.replace("{tags}", scope.tags.join(", "));
  const { resources } = scope;
  if (resources.length === 0) return words.scope.nothing;
  const named = resources.slice(0, NAMED_MAX).join(", ");
  const more = resources.length - NAMED_MAX;
  return more > 0 ? `${named} ${words.scope.more.replace("{n}", String(more))}` : named;
}

/** What was typed with commas between its parts. */
export const parted = (text: string | undefined): readonly string[] =>
  (text ?? "").split(",").flatMap((part) => part.trim() || []);

/** A tag as tags compare. */
export const fold = (tag: string): string =>
  tag.normalize("NFKC").trim().toLowerCase().toUpperCase().toLowerCase();
