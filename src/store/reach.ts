import { isLive, type Instant, type Path, type Scope } from "../access/index.ts";
import type { Slice } from "./slice.ts";

/**
 * A condition on `resources r`. It takes one parameter, however many paths there are: SQLite here
 * takes 100, and a person may hold more grants than that. `reach` is what comes before the query.
 */
export interface Condition {
  readonly reach: string;
  readonly sql: string;
  readonly param: string;
}

/** Paths that differ in what they select alone, as one: the orgs, the types and what each step selects. */
interface Spec {
  readonly orgs: readonly number[];
  readonly types: readonly string[];
  readonly others: boolean;
  readonly owned: string | null;
  readonly scopes: readonly Scope[];
}

/** Types that every step's role can reach; those that no one defined use the set `standard`. */
function typesOf(slice: Slice, path: Path): Pick<Spec, "types" | "others"> {
  const { book } = slice;
  const reached = (type: string) =>
    path.steps.every((step) => book.roleOn(step.role, type, path.admin) !== null);
  const named = [...book.types()].map((type) => type.name);
  const others = reached(""); // a type without definition
  return { others, types: named.filter((type) => reached(type) !== others) };
}

/** Two scopes of one kind select together what either does. */
function united(a: Scope, b: Scope): Scope | null {
  if (a.kind === "all" || b.kind === "all") return { kind: "all" };
  if (a.kind === "tags" && b.kind === "tags") return { kind: "tags", tags: [...a.tags, ...b.tags] };
  if (a.kind === "resources" && b.kind === "resources")
    return { kind: "resources", keys: [...a.keys, ...b.keys] };
  return null;
}

function specsOf(slice: Slice, paths: readonly Path[], now: Instant): Spec[] {
  const specs = new Map<string, Spec>();
  for (const path of paths) {
    if (!isLive(path, now)) continue;
    const scopes = path.steps.map((step) => step.scope);
    const types = typesOf(slice, path);
    const alike = scopes.length === 1 ? (scopes[0]?.kind ?? "") : JSON.stringify(scopes);
    const key = JSON.stringify([path.org, path.owned, types, alike]);
    const [first] = specs.get(key)?.scopes ?? [];
    const [second] = scopes;
    const both = scopes.length === 1 && first && second ? united(first, second) : null;
    const orgs = slice.subtree(path.org).map((org) => org.id);
    specs.set(key, { orgs, ...types, owned: path.owned, scopes: both ? [both] : scopes });
  }
  return [...specs.values()];
}

const values = (at: string) => `(select value from json_each((select spec from reach), '${at}'))`;

function scopeSql(scope: Scope, at: string): string {
  switch (scope.kind) {
    case "all":
      return "true";
    case "tags":
      return `r.key in (select key from resourceTags where tag in ${values(`${at}.tags`)})`;
    case "resources":
      return `r.key in ${values(`${at}.keys`)}`;
  }
}

function specSql(spec: Spec, at: string): string {
  const parts = [
    `r.org in ${values(`${at}.orgs`)}`,
    `r.type ${spec.others ? "not in" : "in"} ${values(`${at}.types`)}`,
    ...spec.scopes.map((scope, n) => scopeSql(scope, `${at}.scopes[${n}]`)),
  ];
  const said = (name: string) => `json_extract((select spec from reach), '${name}')`;
  if (spec.owned !== null)
    parts.push(`r.type = ${said(`${at}.owned`)} and r.owner = ${said("$.user")}`);
  return `(${parts.join(" and ")})`;
}

/** One of them, nested no deeper than need be: SQLite bounds the depth of an expression. */
function anyOf(parts: readonly string[]): string {
  if (parts.length <= 1) return parts[0] ?? "false";
  const half = parts.length >> 1;
  return `(${anyOf(parts.slice(0, half))} or ${anyOf(parts.slice(half))})`;
}

/** The resources that a user's live paths reach, as a condition: what `roleOn` says, said in SQL. */
export function reachCondition(
  slice: Slice,
  user: string,
  paths: readonly Path[],
  now: Instant,
): Condition {
  const specs = specsOf(slice, paths, now);
  return {
    reach: `with reach(spec) as (select ?)`,
    sql: anyOf(specs.map((spec, n) => specSql(spec, `$.specs[${n}]`))),
    param: JSON.stringify({ user, specs }),
  };
}

/** How many resources the paths reach. */
export function countReached(
  slice: Slice,
  user: string,
  paths: readonly Path[],
  now: Instant,
): number {
  const { reach, sql, param } = reachCondition(slice, user, paths, now);
  return (
    slice.first<{ n: number }>(`${reach} select count(*) as n from resources r where ${sql}`, param)
      ?.n ?? 0
  );
}
