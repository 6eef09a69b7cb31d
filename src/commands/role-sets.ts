import { ROLE_SETS, RoleBook, type Permission, type RoleSet } from "../access/index.ts";
import { flawIn } from "../conditions.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { TreeFacts } from "./facts.ts";
import { insert, remove, replace } from "./record.ts";
import { confirmChanges, needRootAdmin, sharedOut, useOf } from "./role-changes.ts";

const SETS_MAX = 50;
const ROLES_MAX = 50;
const ACTIONS_MAX = 100;
const ACTIONS_OF_A_SET_MAX = 200;

interface OfSet {
  org: number;
  set: string;
}

export interface PutRoleSet extends OfSet {
  ordered: boolean;
  roles: readonly { name: string; actions: readonly Permission[] }[];
  confirm?: string | undefined;
  reason?: string | undefined;
}

const isBuiltIn = (set: string): boolean => ROLE_SETS.some(({ name }) => name === set);

/**
 * Defines a role set for the tree, or defines it anew. A role that something names stays, and a set
 * that is shared out loses none; what people gain and lose by it is shown first.
 */
export const putRoleSet = define<PutRoleSet>({
  current: ({ set }) => ({ read: "roleSet", id: set }),
  run(facts, actor, input, stamp) {
    const refused =
      needRootAdmin(facts, actor, input.org, stamp) ??
      fixed(input.set) ??
      unsound(input) ??
      losing(facts, input);
    if (refused) return refused;
    const before = facts.row("roleSets", { name: input.set });
    if (!before && facts.count("roleSets") >= SETS_MAX)
      return refuse("limit", `A tree holds at most ${SETS_MAX} role sets.`);
    const set: RoleSet = { name: input.set, ordered: input.ordered, roles: input.roles };
    const types = [...facts.book.types()].filter((type) => type.roleSet === set.name);
    const after = new RoleBook([set], types);
    const names = types.map((type) => type.name).toSorted();
    const unconfirmed = confirmChanges(facts, after, names, stamp, input.confirm);
    if (unconfirmed) return unconfirmed;
    const row = { tree: stamp.tree, name: set.name, body: JSON.stringify(set) };
    const shows = { read: "roleSet", id: set.name } as const;
    if (row.body === before?.body)
      return { ok: true, org: input.org, rows: [], events: [], status: 200, shows };
    return {
      ok: true,
      org: input.org,
      rows: [before ? replace("roleSets", before, row) : insert("roleSets", row)],
      events: [{ name: "roleSet.changed", org: input.org, data: { set: set.name } }],
      reason: input.reason,
      status: before ? 200 : 201,
      shows,
    };
  },
});

/** Deletes a role set that nothing uses any more. */
export const deleteRoleSet = define<OfSet & { reason?: string | undefined }>({
  current: ({ set }) => ({ read: "roleSet", id: set }),
  run(facts, actor, input, stamp) {
    const refused = needRootAdmin(facts, actor, input.org, stamp) ?? fixed(input.set);
    if (refused) return refused;
    const before = facts.row("roleSets", { name: input.set });
    if (!before) return NOT_FOUND;
    const type = [...facts.book.types()].find(({ roleSet }) => roleSet === input.set);
    if (type) return refuse("conflict", `The type ${type.name} uses this role set.`);
    const inUse = losing(facts, { ...input, roles: [] });
    if (inUse) return inUse;
    return {
      ok: true,
      org: input.org,
      rows: [remove("roleSets", before)],
      events: [{ name: "roleSet.removed", org: input.org, data: { set: input.set } }],
      reason: input.reason,
      status: 204,
      shows: null,
    };
  },
});

const fixed = (set: string): Refusal | null =>
  isBuiltIn(set) ? refuse("invalid", `The role set ${set} is built in and stays as it is.`) : null;

/** What is wrong with a definition: its names, its size, its conditions, each where it stands. */
function unsound({ roles }: PutRoleSet): Refusal | null {
  if (roles.length > ROLES_MAX)
    return refuse("limit", `A role set has at most ${ROLES_MAX} roles.`, "/roles");
  const flaws: { pointer: string; detail: string }[] = [];
  const names = new Set<string>();
  const actions = new Set<string>();
  for (const [index, role] of roles.entries()) {
    const at = `/roles/${index}`;
    if (names.has(role.name))
      flaws.push({ pointer: `${at}/name`, detail: `There are two roles ${role.name}.` });
    names.add(role.name);
    if (role.actions.length > ACTIONS_MAX)
      return refuse("limit", `A role has at most ${ACTIONS_MAX} actions.`, `${at}/actions`);
    for (const [n, permission] of role.actions.entries()) {
      const name = typeof permission === "string" ? permission : permission.name;
      actions.add(name);
      if (name.startsWith("org."))
        flaws.push({
          pointer: `${at}/actions/${n}`,
          detail: "An org's own actions are its admins', and no other role's.",
        });
      const flaw = typeof permission === "string" ? null : flawIn(permission.condition);
      if (flaw)
        flaws.push({
          pointer: `${at}/actions/${n}/condition`,
          detail: `Line ${flaw.line}, column ${flaw.column}: ${flaw.reason}`,
        });
    }
  }
  if (actions.size > ACTIONS_OF_A_SET_MAX)
    return refuse("limit", `A role set has at most ${ACTIONS_OF_A_SET_MAX} actions.`, "/roles");
  const [first] = flaws;
  return first ? { ...refuse("invalid", first.detail), errors: flaws } : null;
}

/** Would the set lose a role that it must keep? */
function losing(
  facts: TreeFacts,
  { set, roles }: OfSet & Pick<PutRoleSet, "roles">,
): Refusal | null {
  const had = facts.book.set(set)?.roles.map((role) => role.name) ?? [];
  const lost = had.filter((name) => !roles.some((role) => role.name === name));
  if (lost.length === 0) return null;
  const used = useOf(facts, set, lost);
  if (used !== null) return refuse("conflict", `The role ${used}.`, "/roles");
  const share = sharedOut(facts, set, had);
  return share
    ? refuse(
        "conflict",
        `The share ${share.id} uses this set, and its receiver may use any role of it.`,
        "/roles",
      )
    : null;
}
