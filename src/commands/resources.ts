import { check, foldTag, type Resource } from "../access/index.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { insert, remove, replace, type ResourceRow, type RowChange } from "./record.ts";
import { administers, standing, type Actor } from "./standing.ts";

const RESOURCES_MAX = 1_000_000;

/** What the model needs to know of a resource's row. */
export const asResource = (row: ResourceRow): Resource => ({
  key: row.key,
  org: row.org,
  type: row.type,
  tags: JSON.parse(row.tagKeys) as string[],
  owner: row.owner,
});

interface OfResource {
  org: number;
  type: string;
  id: string;
}

export interface PutResource extends OfResource {
  name?: string | undefined;
  tags?: readonly string[] | undefined;
  owner?: string | null | undefined;
  properties?: Record<string, unknown> | null | undefined;
}

/**
 * An application's key that manages the org may write any resource, and so may who administers it
 * for the platform [R27]; any other person needs the action on
 * the resource as it is, or as it results [R26].
 */
function mayWrite(
  facts: TreeFacts,
  actor: Actor,
  org: number,
  action: string,
  rows: readonly ResourceRow[],
  stamp: Stamp,
): Refusal | null {
  const found = standing(facts, actor, org, stamp.at);
  if (found === "stranger") return NOT_FOUND;
  if (actor.kind !== "user" || administers(facts, actor, org))
    return found === "admin" ? null : refuse("forbidden", "This key cannot change resources.");
  const { user } = actor;
  const paths = facts.paths(user);
  const allowed = rows.every((row) =>
    check(facts.book, paths, {
      user,
      action,
      resource: asResource(row),
      lineage: facts.lineage(row.org),
      now: stamp.at,
      holds: facts.holds({ user, action, resource: row }),
    }),
  );
  return allowed ? null : refuse("forbidden", `You may not ${action} this.`);
}

/** The owner of a resource: someone whom the tree knows, or nobody. */
function ownerOf(
  facts: TreeFacts,
  org: number,
  alias: string | null | undefined,
): string | null | Refusal {
  if (alias == null) return null;
  const user = facts.userOf(alias, facts.lineage(org));
  return user !== undefined && facts.person(user)
    ? user
    : refuse("invalid", "There is no such person here.", "/owner");
}

const tagsOf = (tags: readonly string[]) => {
  const written = tags.map((tag) => tag.trim());
  const keys = written.map(foldTag);
  const first = keys.map((key, index) => keys.indexOf(key) === index);
  return {
    tags: JSON.stringify(written.filter((_, index) => first[index])),
    tagKeys: JSON.stringify(keys.filter((_, index) => first[index])),
  };
};

/** Finds the resource by its reference, in the org or below; elsewhere in the tree it is in the way. */
function find(facts: TreeFacts, { org, type, id }: OfResource): ResourceRow | undefined | Refusal {
  const row = facts.resource(type, id);
  return !row || facts.lineage(row.org).includes(org)
    ? row
    : refuse("conflict", `Another organisation of the tree has a ${type} of this id.`);
}

const shown = (row: ResourceRow) => ({ read: "resource", id: `${row.type}:${row.id}` }) as const;

const dataOf = (row: ResourceRow) => ({ type: row.type, id: row.id, name: row.name });

/** Adds a resource, or replaces what is known of it. */
export const putResource = define<PutResource>({
  current: ({ type, id }) => ({ read: "resource", id: `${type}:${id}` }),
  run(facts, actor, input, stamp) {
    const found = find(facts, input);
    const clash = found && "ok" in found ? found : null;
    const before = found && !("ok" in found) ? found : undefined;
    if (standing(facts, actor, input.org, stamp.at) === "stranger") return NOT_FOUND;
    const owner = ownerOf(facts, input.org, input.owner);
    if (owner && typeof owner !== "string") return owner;
    const row: ResourceRow = {
      tree: stamp.tree,
      key: before?.key ?? stamp.key(),
      org: before?.org ?? input.org,
      type: input.type,
      id: input.id,
      name: input.name ?? input.id,
      ...tagsOf(input.tags ?? []),
      owner,
      properties: input.properties ? JSON.stringify(input.properties) : null,
      createdAt: before?.createdAt ?? stamp.at,
    };
    const refused = before
      ? mayWrite(facts, actor, input.org, "edit", [before, row], stamp)
      : (mayWrite(facts, actor, input.org, "create", [row], stamp) ?? clash ?? tooMany(facts));
    if (refused) return refused;
    return {
      ok: true,
      org: row.org,
      rows: before
        ? [replace("resources", before, row)]
        : [...cleared(facts, row), insert("resources", row)],
      events: [
        {
          name: before ? "resource.changed" : "resource.created",
          org: row.org,
          data: dataOf(row),
        },
      ],
      status: before ? 200 : 201,
      shows: shown(row),
    };
  },
});

/** A resource of a deleted org that bears the reference, and is not purged yet, gives way [R24]. */
function cleared(facts: TreeFacts, { tree, type, id }: ResourceRow): RowChange[] {
  const gone = facts.row("resources", { tree, type, id });
  if (!gone) return [];
  const links = facts.rows("links", { tree, key: gone.key });
  return [...links.map((link) => remove("links", link)), remove("resources", gone)];
}

const tooMany = (facts: TreeFacts): Refusal | null =>
  facts.count("resources") >= RESOURCES_MAX
    ? refuse("limit", `A tree holds at most ${RESOURCES_MAX} resources.`)
    : null;

/** Changes what the request names and keeps the rest. */
export const patchResource = define<PutResource>({
  current: ({ type, id }) => ({ read: "resource", id: `${type}:${id}` }),
  run(facts, actor, input, stamp) {
    const before = existing(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const owner = input.owner === undefined ? before.owner : ownerOf(facts, input.org, input.owner);
    if (owner && typeof owner !== "string") return owner;
    const row: ResourceRow = {
      ...before,
      name: input.name ?? before.name,
      ...(input.tags ? tagsOf(input.tags) : {}),
      owner,
      ...(input.properties === undefined
        ? {}
        : { properties: input.properties && JSON.stringify(input.properties) }),
    };
    const refused = mayWrite(facts, actor, input.org, "edit", [before, row], stamp);
    if (refused) return refused;
    return {
      ok: true,
      org: row.org,
      rows: [replace("resources", before, row)],
      events: [{ name: "resource.changed", org: row.org, data: dataOf(row) }],
      status: 200,
      shows: shown(row),
    };
  },
});

/** Deletes a resource; one made anew under its name is another [R5]. */
export const deleteResource = define<OfResource>({
  current: ({ type, id }) => ({ read: "resource", id: `${type}:${id}` }),
  run(facts, actor, input, stamp) {
    const before = existing(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const refused = mayWrite(facts, actor, input.org, "delete", [before], stamp);
    if (refused) return refused;
    return {
      ok: true,
      org: before.org,
      rows: [remove("resources", before)],
      events: [{ name: "resource.removed", org: before.org, data: dataOf(before) }],
      status: 204,
      shows: null,
    };
  },
});

function existing(
  facts: TreeFacts,
  actor: Actor,
  input: OfResource,
  stamp: Stamp,
): ResourceRow | Refusal {
  const row = find(facts, input);
  if (standing(facts, actor, input.org, stamp.at) === "stranger" || !row || "ok" in row)
    return NOT_FOUND;
  return row;
}
