import { check, foldTag, type Path } from "../../access/index.ts";
import type { ResourceRow, ShareRow } from "../../commands/record.ts";
import type { Materials, ReadInput } from "../../views/materials.ts";
import { reachCondition, type Condition } from "../reach.ts";
import type { Slice } from "../slice.ts";
import { one, page, type Asking, type Page } from "./page.ts";

export const resourceShown =
  (slice: Slice) =>
  (row: ResourceRow): Materials["resource"] => ({
    ...row,
    orgName: slice.org(row.org)?.name ?? "",
  });

/** What a list of resources was asked for: where it goes on, and its filters. */
function asked(input: ReadInput): { where: string[]; params: (string | number | null)[] } {
  const where = [`r.key > ?`];
  const params: (string | number | null)[] = [Number(input.after) || 0];
  if (input.type !== undefined) {
    where.push(`r.type = ?`);
    params.push(input.type);
  }
  if (input.tag !== undefined) {
    where.push(`r.key in (select key from resourceTags where tag = ?)`);
    params.push(foldTag(input.tag));
  }
  if (input.q !== undefined) {
    where.push(`(instr(lower(r.name), lower(?)) > 0 or instr(lower(r.id), lower(?)) > 0)`);
    params.push(input.q, input.q);
  }
  return { where, params };
}

/** Rows of resources of an org and below, by key, one more than the limit; those that meet a condition. */
export function rowsBelow(
  slice: Slice,
  org: number,
  input: ReadInput,
  condition: Condition | null,
): ResourceRow[] {
  const { where, params } = asked(input);
  where.push(`r.org in (select value from json_each(?))`);
  params.push(JSON.stringify(slice.subtree(org).map(({ id }) => id)));
  if (condition) {
    where.push(condition.sql);
    params.unshift(condition.param);
  }
  return slice.all<ResourceRow>(
    `${condition?.reach ?? ""} select r.* from resources r where ${where.join(" and ")} order by r.key limit ?`,
    ...params,
    input.limit + 1,
  );
}

/** The resources of an org and below; to a person, those that they may view. */
export function resources(asking: Asking, input: ReadInput): Page<Materials["resources"]> {
  const { slice, actor, now } = asking;
  const condition =
    actor.kind === "user" ? reachCondition(slice, actor.user, slice.paths(actor.user), now) : null;
  const rows = rowsBelow(slice, asking.org, input, condition);
  // A role may reach a resource without letting anyone view it; such a page is shorter.
  const found = page(
    rows,
    input.limit,
    (row) => String(row.key),
    (row) => row,
  );
  return { ...found, items: found.items.filter(viewable(asking)).map(resourceShown(slice)) };
}

/** May the person view it? Keys that manage see everything. */
const viewable =
  ({ slice, actor, now }: Asking) =>
  (row: ResourceRow): boolean =>
    actor.kind !== "user" ||
    check(slice.book, slice.paths(actor.user), {
      user: actor.user,
      action: "view",
      resource: { ...row, tags: JSON.parse(row.tagKeys) as string[] },
      lineage: slice.lineage(row.org),
      now,
      holds: slice.holds({ user: actor.user, action: "view", resource: row }),
    });

/** One resource, where the person may view it. */
export function oneResource(asking: Asking, input: ReadInput): Page<Materials["resource"]> {
  const { slice, org } = asking;
  const ref = input.id ?? "";
  const colon = ref.indexOf(":");
  const row = slice.resource(ref.slice(0, colon), ref.slice(colon + 1));
  return one(
    row && slice.lineage(row.org).includes(org) && viewable(asking)(row)
      ? resourceShown(slice)(row)
      : null,
  );
}

/** The resources that paths through a share reach, for the org that it was offered to. */
export function sharedResources(
  slice: Slice,
  share: ShareRow,
  paths: readonly Path[],
  input: ReadInput,
  now: number,
) {
  const { where, params } = asked(input);
  const { reach, sql, param } = reachCondition(slice, "", paths, now);
  const rows = slice.all<ResourceRow>(
    `${reach} select r.* from resources r where ${[...where, sql].join(" and ")} order by r.key limit ?`,
    param,
    ...params,
    input.limit + 1,
  );
  return page(
    rows,
    input.limit,
    (row) => String(row.key),
    (row) => ({
      ...resourceShown(slice)(row),
      share: share.id,
      org: share.org,
      orgName: slice.org(share.org)?.name ?? "",
      owner: null,
      properties: null,
    }),
  );
}
