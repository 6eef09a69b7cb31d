import {
  isAdminRole,
  isWithin,
  parseRole,
  readScope,
  roleText,
  type RoleBook,
  type RoleName,
  type StoredScope,
} from "../access/index.ts";
import { refuse, type Refusal } from "../refusals.ts";
import type { TreeFacts } from "./facts.ts";

/** Some of the terms: what a change names. */
export type SomeTerms = { [K in keyof TermsInput]?: TermsInput[K] | undefined };

/** A scope as people write it; resources as `type:id`. */
export type ScopeInput =
  | { all: true }
  | { tags: readonly string[] }
  | { resources: readonly string[] };

export interface TermsInput {
  role: string;
  scope?: ScopeInput | undefined;
  expiresAt?: number | null | undefined;
  reason?: string | null | undefined;
}

export interface StoredTerms {
  role: string;
  scope: string;
  expiresAt: number | null;
  reason: string | null;
}

/** `site:42` is the resource 42 of type site; ids may hold colons, types may not. */
export function splitRef(ref: string): { type: string; id: string } {
  const colon = ref.indexOf(":");
  return { type: ref.slice(0, Math.max(colon, 0)), id: ref.slice(colon + 1) };
}

/** The internal key behind `type:id`, when it lies in the org or below. */
export function keyOf(facts: TreeFacts, org: number, ref: string): number | null {
  const { type, id } = splitRef(ref);
  const row = facts.resource(type, id);
  return row && facts.lineage(row.org).includes(org) ? row.key : null;
}

/** Terms as they are stored, or why they cannot be. `keys` finds the resources of a list. */
export function storeTerms(
  book: RoleBook,
  input: TermsInput,
  at: number,
  keys: (ref: string) => number | null,
  defaultSet = "standard",
): StoredTerms | Refusal {
  const role = readRole(book, input.role, defaultSet);
  if ("ok" in role) return role;
  const scope = storeScope(input.scope, role, keys);
  if ("ok" in scope) return scope;
  if (input.expiresAt != null && input.expiresAt <= at)
    return refuse("invalid", "The end lies in the past.", "/expiresAt");
  return {
    role: roleText(role),
    scope: JSON.stringify(scope),
    expiresAt: input.expiresAt ?? null,
    reason: input.reason ?? null,
  };
}

function readRole(book: RoleBook, text: string, defaultSet: string): RoleName | Refusal {
  const role = text.includes(".") ? parseRole(text) : { set: defaultSet, role: text };
  return book.knows(role) ? role : refuse("invalid", `There is no role ${text}.`, "/role");
}

function storeScope(
  input: ScopeInput | undefined,
  role: RoleName,
  keys: (ref: string) => number | null,
): StoredScope | Refusal {
  const mustBeAll = roleText(role) === "standard.admin";
  if (mustBeAll && input && !("all" in input))
    return refuse("invalid", "The role admin always has scope all.", "/scope"); // [R6]
  if (!input) return mustBeAll ? { all: true } : refuse("invalid", "A scope is needed.", "/scope");
  if ("all" in input) return { all: true };
  if ("tags" in input) return { tags: [...new Set(input.tags.map((tag) => tag.trim()))] };
  const found: number[] = [];
  for (const [index, ref] of input.resources.entries()) {
    const key = keys(ref);
    if (key === null)
      return refuse("invalid", `There is no resource ${ref} here.`, `/scope/resources/${index}`);
    found.push(key);
  }
  return { keys: [...new Set(found)] };
}

/** The terms after a change of some of them. An admin's scope becomes all of itself [R6]. */
export function changeTerms(
  book: RoleBook,
  before: StoredTerms,
  change: SomeTerms,
  at: number,
  keys: (ref: string) => number | null,
): StoredTerms | Refusal {
  const set = parseRole(before.role).set;
  const role = readRole(book, change.role ?? before.role, set);
  if ("ok" in role) return role;
  const becomesAdmin = roleText(role) === "standard.admin" && roleText(role) !== before.role;
  let scope = before.scope;
  if (change.scope || becomesAdmin || roleText(role) === "standard.admin") {
    const stored = storeScope(change.scope, role, keys);
    if ("ok" in stored) return stored;
    scope = JSON.stringify(stored);
  }
  const expiresAt = change.expiresAt === undefined ? before.expiresAt : change.expiresAt;
  if (change.expiresAt != null && change.expiresAt <= at)
    return refuse("invalid", "The end lies in the past.", "/expiresAt");
  const reason = change.reason === undefined ? before.reason : change.reason;
  return { role: roleText(role), scope, expiresAt, reason };
}

/** The end of terms, as events say it. */
export const endText = (expiresAt: number | null): string | null =>
  expiresAt === null ? null : new Date(expiresAt).toISOString();

/** Does a change of terms give more than they gave before? */
export function widens(book: RoleBook, before: StoredTerms, after: StoredTerms): boolean {
  const scope = (terms: StoredTerms) => readScope(JSON.parse(terms.scope) as StoredScope);
  const end = (terms: StoredTerms) => terms.expiresAt ?? Infinity;
  return !(
    book.atMost(parseRole(after.role), parseRole(before.role)) &&
    isWithin(scope(after), scope(before)) &&
    end(after) <= end(before)
  );
}

/** Do these terms make their holder an admin for good? */
export const makesLastingAdmin = (terms: StoredTerms): boolean =>
  isAdminRole(parseRole(terms.role)) && terms.scope === '{"all":true}' && terms.expiresAt === null;
