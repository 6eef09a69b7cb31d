import { isLive, type Instant, type Path, type Scope } from "../access/index.ts";
import type { Slice } from "./slice.ts";

/** A condition on `resources r`, with its parameters. */
export interface Condition {
  readonly sql: string;
  readonly params: readonly (string | number | null)[];
}

function scopeCondition(scope: Scope): Condition {
  switch (scope.kind) {
    case "all":
      return { sql: "true", params: [] };
    case "tags":
      return {
        sql: `r.key in (select key from resourceTags where tag in (select value from json_each(?)))`,
        params: [JSON.stringify(scope.tags)],
      };
    case "resources":
      return {
        sql: `r.key in (select value from json_each(?))`,
        params: [JSON.stringify(scope.keys)],
      };
  }
}

/** Types that a step's role can reach; those that no one defined use the set `standard`. */
function typeCondition(slice: Slice, path: Path): Condition {
  const { book } = slice;
  const reached = (type: string) =>
    path.steps.every((step) => book.roleOn(step.role, type, path.admin) !== null);
  const named = [...book.types()].map((type) => type.name);
  const others = reached(""); // a type without definition
  const list = named.filter((type) => reached(type) !== others);
  return {
    sql: `r.type ${others ? "not in" : "in"} (select value from json_each(?))`,
    params: [JSON.stringify(list)],
  };
}

/** The resources that a user's live paths reach, as a condition: what `roleOn` says, said in SQL. */
export function reachCondition(
  slice: Slice,
  user: string,
  paths: readonly Path[],
  now: Instant,
): Condition {
  const each = paths
    .filter((path) => isLive(path, now))
    .map((path): Condition => {
      const orgs = JSON.stringify(slice.subtree(path.org).map((org) => org.id));
      const parts: Condition[] = [
        { sql: `r.org in (select value from json_each(?))`, params: [orgs] },
        typeCondition(slice, path),
        ...path.steps.map((step) => scopeCondition(step.scope)),
      ];
      if (path.owned !== null)
        parts.push({ sql: `r.type = ? and r.owner = ?`, params: [path.owned, user] });
      return {
        sql: `(${parts.map((part) => part.sql).join(" and ")})`,
        params: parts.flatMap((part) => part.params),
      };
    });
  return {
    sql: each.length === 0 ? "false" : `(${each.map((one) => one.sql).join(" or ")})`,
    params: each.flatMap((one) => one.params),
  };
}

/** How many resources the paths reach. */
export function countReached(
  slice: Slice,
  user: string,
  paths: readonly Path[],
  now: Instant,
): number {
  const { sql, params } = reachCondition(slice, user, paths, now);
  return (
    slice.first<{ n: number }>(`select count(*) as n from resources r where ${sql}`, ...params)
      ?.n ?? 0
  );
}
