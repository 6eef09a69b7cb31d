import { plainType, RoleBook, TYPES, type ResourceType } from "../access/index.ts";
import { refuse, NOT_FOUND, type Refusal } from "../refusals.ts";
import { define, type Change } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { insert, remove, replace } from "./record.ts";
import { confirmChanges, needRootAdmin } from "./role-changes.ts";

const TYPES_MAX = 200;

interface OfType {
  org: number;
  type: string;
  confirm?: string | undefined;
  reason?: string | undefined;
}

type Said = { [F in Exclude<keyof ResourceType, "name">]?: ResourceType[F] | undefined };

export type PutType = OfType & Said;

/** What is known of a type of which the tree says nothing. */
const unsaid = (name: string): ResourceType =>
  TYPES.find((type) => type.name === name) ?? plainType(name);

/** The whole definition: what it leaves out is as if nothing were said of the type. */
function definition(input: PutType): ResourceType {
  const base = unsaid(input.type);
  const roleSet = input.roleSet ?? base.roleSet;
  // The roles of another set mean nothing in this one.
  const roles = roleSet === base.roleSet ? base : plainType(input.type);
  return {
    name: input.type,
    roleSet,
    adminAccess: input.adminAccess ?? base.adminAccess,
    ownerRole: input.ownerRole === undefined ? roles.ownerRole : input.ownerRole,
    memberCreates: input.memberCreates ?? base.memberCreates,
    open: input.open ?? base.open,
    assertable: input.assertable ?? base.assertable,
    linkDefaults: input.linkDefaults === undefined ? roles.linkDefaults : input.linkDefaults,
  };
}

/** Defines a type for the tree [R7, R26, R28]; what people gain and lose by it is shown first. */
export const putType = define<PutType>({
  current: ({ type }) => ({ read: "type", id: type }),
  run(facts, actor, input, stamp) {
    const type = definition(input);
    const refused = needRootAdmin(facts, actor, input.org, stamp) ?? unsound(facts, type);
    if (refused) return refused;
    const before = facts.row("types", { name: type.name });
    if (!before && facts.count("types") >= TYPES_MAX)
      return refuse("limit", `A tree holds at most ${TYPES_MAX} types.`);
    const row = { tree: stamp.tree, name: type.name, body: JSON.stringify(type) };
    const shows = { read: "type", id: type.name } as const;
    if (row.body === before?.body)
      return { ok: true, org: input.org, rows: [], events: [], status: 200, shows };
    return changed(facts, input, type, stamp, {
      rows: [before ? replace("types", before, row) : insert("types", row)],
      events: [{ name: "type.changed", org: input.org, data: { type: type.name } }],
      status: before ? 200 : 201,
      shows,
    });
  },
});

/** Takes back what the tree says of a type. */
export const deleteType = define<OfType>({
  current: ({ type }) => ({ read: "type", id: type }),
  run(facts, actor, input, stamp) {
    const refused = needRootAdmin(facts, actor, input.org, stamp);
    if (refused) return refused;
    const before = facts.row("types", { name: input.type });
    if (!before) return NOT_FOUND;
    return changed(facts, input, unsaid(input.type), stamp, {
      rows: [remove("types", before)],
      events: [{ name: "type.removed", org: input.org, data: { type: input.type } }],
      status: 204,
      shows: null,
    });
  },
});

/** The change, once what it does to people is confirmed. */
function changed(
  facts: TreeFacts,
  { org, confirm, reason }: OfType,
  type: ResourceType,
  stamp: Stamp,
  change: Pick<Change, "rows" | "events" | "status" | "shows">,
): Change | Refusal {
  const names = [facts.book.type(type.name).roleSet, type.roleSet];
  const sets = names.flatMap((name) => facts.book.set(name) ?? []);
  const after = new RoleBook(sets, [type]);
  return (
    confirmChanges(facts, after, [type.name], stamp, confirm) ?? {
      ok: true,
      org,
      reason,
      ...change,
    }
  );
}

function unsound(facts: TreeFacts, type: ResourceType): Refusal | null {
  const set = facts.book.set(type.roleSet);
  if (!set) return refuse("invalid", `There is no role set ${type.roleSet}.`, "/roleSet");
  const named = {
    "/ownerRole": type.ownerRole,
    "/linkDefaults/admin": type.linkDefaults?.admin ?? null,
    "/linkDefaults/member": type.linkDefaults?.member ?? null,
  };
  for (const [pointer, role] of Object.entries(named))
    if (role !== null && !facts.book.knows({ set: set.name, role }))
      return refuse("invalid", `The role set ${set.name} has no role ${role}.`, pointer);
  return null;
}
