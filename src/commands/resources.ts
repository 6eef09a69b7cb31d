import { foldTag } from "../access/index.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { Materials } from "../views/materials.ts";
import type { Given, Stamp, TreeFacts } from "./facts.ts";
import {
  existing,
  isMemberOf,
  mayDo,
  mayGive,
  needPassing,
  type OfResource,
} from "./on-resource.ts";
import { endPassedOn } from "./links.ts";
import { insert, remove, replace, type ResourceRow, type RowChange } from "./record.ts";
import { administers, notForOneself, standing, type Actor } from "./standing.ts";

const RESOURCES_MAX = 1_000_000;

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
  return rows.every((row) => mayDo(facts, actor.user, action, row, stamp.at))
    ? null
    : refuse("forbidden", `You may not ${action} this.`);
}

/**
 * Any active member of the org may make a resource of some types; else it takes `create` on what
 * results [R26]. Owning what one makes is no reason that one may make it.
 */
function mayCreate(facts: TreeFacts, actor: Actor, row: ResourceRow, stamp: Stamp): Refusal | null {
  const { memberCreates } = facts.book.type(row.type);
  const refused =
    memberCreates && actor.kind === "user" && isMemberOf(facts, actor.user, row.org)
      ? null
      : mayWrite(facts, actor, row.org, "create", [{ ...row, owner: null }], stamp);
  if (refused) return refused;
  return facts.count("resources") >= RESOURCES_MAX
    ? refuse("limit", `A tree holds at most ${RESOURCES_MAX} resources.`)
    : null;
}

/** Who makes a resource of a type that owners hold owns it; only an admin names somebody else. */
function firstOwner(
  facts: TreeFacts,
  actor: Actor,
  { org, type, owner }: PutResource,
  stamp: Stamp,
): string | null | Refusal {
  const { ownerRole, memberCreates } = facts.book.type(type);
  if (owner === undefined) {
    const owns = ownerRole !== null || memberCreates;
    return owns && actor.kind === "user" && isMemberOf(facts, actor.user, org) ? actor.user : null;
  }
  const named = ownerOf(facts, org, owner);
  const theirs = typeof named === "string" && actor.kind === "user" && named !== actor.user;
  return theirs && standing(facts, actor, org, stamp.at) !== "admin"
    ? refuse("forbidden", "Only an admin can make somebody else the owner.", "/owner")
    : named;
}

/**
 * Changing what there is needs `edit` before and after [R26]. A new owner is let in like a
 * recipient, never above the actor's own role [R30]; nobody makes themself the owner [R9]. What is
 * given away may be given away, so the owner's own role counts until then.
 */
function mayChange(
  facts: TreeFacts,
  actor: Actor,
  before: ResourceRow,
  row: ResourceRow,
  stamp: Stamp,
): Refusal | null {
  const after = { ...row, owner: before.owner };
  const refused = mayWrite(facts, actor, before.org, "edit", [before, after], stamp);
  if (refused || row.owner === before.owner || actor.kind !== "user") return refused;
  const own = row.owner === null ? null : notForOneself(actor, row.owner);
  if (own) return own;
  const isAdmin = standing(facts, actor, before.org, stamp.at) === "admin";
  const passing = isAdmin ? null : needPassing(facts, actor, before, stamp.at);
  if (passing) return passing;
  const { ownerRole, roleSet } = facts.book.type(row.type);
  const gives = ownerRole !== null && row.owner !== null;
  return !gives || mayGive(facts, actor, before, { set: roleSet, role: ownerRole }, stamp.at)
    ? null
    : refuse("forbidden", "An owner would hold more than you do.", "/owner");
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
    // Who owns it is access, not content: it stays unless the request says so.
    const owner =
      before === undefined
        ? firstOwner(facts, actor, input, stamp)
        : input.owner === undefined
          ? before.owner
          : ownerOf(facts, input.org, input.owner);
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
      ? mayChange(facts, actor, before, row, stamp)
      : (mayCreate(facts, actor, row, stamp) ?? clash);
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
  return gone ? [...endPassedOn(facts, gone), remove("resources", gone)] : [];
}

/** Changes what the request names and keeps the rest. */
export const patchResource = define<PutResource>({
  current: ({ type, id }) => ({ read: "resource", id: `${type}:${id}` }),
  run(facts, actor, input, stamp) {
    const before = existing(facts, actor, input, stamp.at);
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
    const refused = mayChange(facts, actor, before, row, stamp);
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
    const before = existing(facts, actor, input, stamp.at);
    if ("ok" in before) return before;
    const refused = mayWrite(facts, actor, input.org, "delete", [before], stamp);
    if (refused) return refused;
    return {
      ok: true,
      org: before.org,
      rows: [...endPassedOn(facts, before), remove("resources", before)],
      events: [{ name: "resource.removed", org: before.org, data: dataOf(before) }],
      status: 204,
      shows: null,
    };
  },
});

export interface CopyResource {
  /** The org that gets the copy: the edit is one of its tree. */
  org: number;
  from: number;
  type: string;
  id: string;
  /** The copy's id, and its name; by default they follow the source's. */
  as?: string | undefined;
  name?: string | undefined;
}

const ID_MAX = 200;

/**
 * Copies a resource into an org: `duplicate` on the source, `create` in the target [R26]. What it is
 * goes along (name, tags, properties); who may reach it does not.
 */
export const copyResource = define<CopyResource>({
  needs: ({ from, type, id }) => ({
    reading: { org: from, read: "resourceToCopy", input: { resource: `${type}:${id}` } },
  }),
  run(facts, actor, input, stamp, { reading }) {
    const source = sourceOf(reading);
    if ("ok" in source) return source;
    if (standing(facts, actor, input.org, stamp.at) === "stranger")
      return refuse("invalid", "There is no such organisation for you.", "/to");
    const id = input.as ?? `${input.id}-copy`;
    if (id.length > ID_MAX)
      return refuse("invalid", `An id has at most ${ID_MAX} characters.`, "/id");
    const owner = firstOwner(facts, actor, { org: input.org, type: input.type, id }, stamp);
    if (owner && typeof owner !== "string") return owner;
    const row: ResourceRow = {
      tree: stamp.tree,
      key: stamp.key(),
      org: input.org,
      type: input.type,
      id,
      name: input.name ?? source.name,
      ...tagsOf(JSON.parse(source.tags) as string[]),
      owner,
      properties: source.properties,
      createdAt: stamp.at,
    };
    const refused = mayCreate(facts, actor, row, stamp);
    if (refused) return refused;
    if (facts.resource(row.type, row.id))
      return refuse("conflict", `There is a ${row.type} of this id already.`, "/id");
    const from = `${input.from}/${input.type}:${input.id}`;
    return {
      ok: true,
      org: row.org,
      rows: [...cleared(facts, row), insert("resources", row)],
      events: [{ name: "resource.copied", org: row.org, data: { ...dataOf(row), from } }],
      status: 201,
      shows: shown(row),
    };
  },
});

/** The source as its own tree told it, to who may duplicate it. */
function sourceOf(reading: Given["reading"]): Materials["resourceToCopy"] | Refusal {
  // To the key of another tree nothing exists there.
  if (!reading || ("ok" in reading && reading.code === "unauthenticated")) return NOT_FOUND;
  if ("ok" in reading) return reading;
  return (reading.items[0] as Materials["resourceToCopy"] | undefined) ?? NOT_FOUND;
}
