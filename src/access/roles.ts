import type { RoleName } from "./facts.ts";

/** What a role may do: an action, perhaps under a condition (a CEL expression). */
export type Permission = string | { readonly name: string; readonly condition: string };

export interface RoleSet {
  readonly name: string;
  /** In an ordered set a higher role includes the lower ones [R1]; else roles simply unite. */
  readonly ordered: boolean;
  /** Weakest first. */
  readonly roles: readonly { readonly name: string; readonly actions: readonly Permission[] }[];
}

export interface ResourceType {
  readonly name: string;
  readonly roleSet: string;
  /** May an org's admin do everything to it, or only take the top role in the open [R7]? */
  readonly adminAccess: "implicit" | "self-elevate";
  /** The role that a resource's owner holds on it, if any [R26]. */
  readonly ownerRole: string | null;
  /** May any member make one [R26]? */
  readonly memberCreates: boolean;
  /** Need its resources not be registered? An unknown one lies in the org that was asked, untagged. */
  readonly open: boolean;
  /** The properties of a resource that a caller may state in a check; others come from the record. */
  readonly assertable: readonly string[];
  /** The roles that a link gives to who has none: to admins, and to other members [R28]. */
  readonly linkDefaults: { readonly admin: string; readonly member: string } | null;
}

const ORG_ACTIONS = ["org.settings", "org.members", "org.shares", "org.children", "org.delete"];

/** The built-in role sets; each role lists what it adds to the one before it. */
export const ROLE_SETS: readonly RoleSet[] = [
  {
    name: "standard",
    ordered: true,
    roles: [
      { name: "viewer", actions: ["view"] },
      { name: "commenter", actions: ["comment"] },
      { name: "collaborator", actions: ["create", "edit", "delete", "duplicate"] },
      { name: "admin", actions: ["share", ...ORG_ACTIONS] },
    ],
  },
  {
    name: "workspace",
    ordered: true,
    roles: [
      { name: "viewer", actions: ["view", "duplicate"] },
      { name: "editor", actions: ["create", "edit", "delete"] },
      { name: "owner", actions: ["share", ...ORG_ACTIONS] },
    ],
  },
  {
    name: "project",
    ordered: true,
    roles: [
      { name: "can_view", actions: ["view"] },
      { name: "can_duplicate", actions: ["interact", "duplicate"] },
      { name: "can_edit", actions: ["edit", "delete", "recipients"] },
    ],
  },
];

/** A type of which nothing else is said. */
export const plainType = (name: string, roleSet = "standard"): ResourceType => ({
  name,
  roleSet,
  adminAccess: "implicit",
  ownerRole: null,
  memberCreates: false,
  open: false,
  assertable: [],
  linkDefaults: null,
});

/** The built-in types; every other type is like `site`. */
export const TYPES: readonly ResourceType[] = [
  plainType("document", "workspace"),
  plainType("record", "workspace"),
  {
    ...plainType("project", "project"),
    adminAccess: "self-elevate",
    ownerRole: "can_edit",
    memberCreates: true,
    linkDefaults: { admin: "can_edit", member: "can_duplicate" },
  },
];

/** The roles that make their holder an admin of an org, when granted at scope all. */
const ADMIN_ROLES: readonly string[] = ["standard.admin", "workspace.owner"];

export const isAdminRole = ({ set, role }: RoleName): boolean =>
  ADMIN_ROLES.includes(`${set}.${role}`);

/** `viewer` is `standard.viewer`. */
export function parseRole(text: string): RoleName {
  const dot = text.indexOf(".");
  return dot < 0
    ? { set: "standard", role: text }
    : { set: text.slice(0, dot), role: text.slice(dot + 1) };
}

/** The inverse of `parseRole`, in full: `standard.viewer`. */
export const roleText = ({ set, role }: RoleName): string => `${set}.${role}`;

/** When a role's action counts: always, or under any of these conditions. */
export type Permitted = true | readonly string[];

interface CompiledSet {
  readonly definition: RoleSet;
  readonly ordered: boolean;
  readonly rank: ReadonlyMap<string, number>;
  readonly actions: ReadonlyMap<string, ReadonlyMap<string, Permitted>>;
  readonly top: string;
}

function compile(set: RoleSet): CompiledSet {
  const rank = new Map<string, number>();
  const actions = new Map<string, Map<string, Permitted>>();
  let below = new Map<string, Permitted>();
  set.roles.forEach((role, index) => {
    const own = new Map(set.ordered ? below : []);
    for (const permission of role.actions) {
      const name = typeof permission === "string" ? permission : permission.name;
      const known = own.get(name);
      if (typeof permission === "string" || known === true) own.set(name, true);
      else own.set(name, [...(known ?? []), permission.condition]);
    }
    rank.set(role.name, index);
    actions.set(role.name, own);
    below = own;
  });
  const top = set.roles.at(-1)?.name ?? "";
  return { definition: set, ordered: set.ordered, rank, actions, top };
}

/**
 * A tree's roles and types, compiled once: which role may do which action to which type.
 * A tree's own definitions come after the built-in ones and win over them.
 */
export class RoleBook {
  readonly #sets = new Map<string, CompiledSet>();
  readonly #types = new Map<string, ResourceType>();

  constructor(sets: readonly RoleSet[] = [], types: readonly ResourceType[] = []) {
    for (const set of [...ROLE_SETS, ...sets]) this.#sets.set(set.name, compile(set));
    for (const type of [...TYPES, ...types]) this.#types.set(type.name, type);
  }

  type(name: string): ResourceType {
    return this.#types.get(name) ?? plainType(name);
  }

  types(): Iterable<ResourceType> {
    return this.#types.values();
  }

  knows({ set, role }: RoleName): boolean {
    return this.#sets.get(set)?.rank.has(role) ?? false;
  }

  /**
   * Does the role allow the action on resources of the type? A role reaches only types that use
   * its set; an org's admin reaches every type with its top role, self-elevating types apart [R7].
   */
  permits(role: RoleName, action: string, typeName: string, asAdmin: boolean): Permitted | false {
    // An org's own actions are an admin's alone; a share, whatever its role, carries none of them.
    if (action.startsWith("org.") && !asAdmin) return false;
    const type = this.type(typeName);
    if (type.roleSet === role.set)
      return this.#sets.get(role.set)?.actions.get(role.role)?.get(action) ?? false;
    if (!asAdmin || type.adminAccess === "self-elevate") return false;
    const set = this.#sets.get(type.roleSet);
    return set?.actions.get(set.top)?.get(action) ?? false;
  }

  /** The role with which an admin step reaches a type: its own, or the top one of the type's set. */
  roleOn(role: RoleName, typeName: string, asAdmin: boolean): RoleName | null {
    const type = this.type(typeName);
    if (type.roleSet === role.set) return this.knows(role) ? role : null;
    if (!asAdmin || type.adminAccess === "self-elevate") return null;
    return { set: type.roleSet, role: this.#sets.get(type.roleSet)?.top ?? "" };
  }

  /**
   * Is `a` no more than `b`? Within an ordered set by rank [R1]; else every action of `a` must be
   * one of `b`'s, under no other conditions. Roles of different sets do not compare.
   */
  atMost(a: RoleName, b: RoleName): boolean {
    if (a.set !== b.set) return false;
    const set = this.#sets.get(a.set);
    const rankA = set?.rank.get(a.role);
    const rankB = set?.rank.get(b.role);
    if (!set || rankA === undefined || rankB === undefined) return false;
    if (set.ordered) return rankA <= rankB;
    const allowed = set.actions.get(b.role);
    return [...(set.actions.get(a.role) ?? [])].every(([action, when]) => {
      const other = allowed?.get(action);
      return other === true || (when !== true && when.every((c) => other?.includes(c)));
    });
  }

  /** Every action that some role of the type's set names, weakest role first; an org's own apart. */
  actionsFor(typeName: string): readonly string[] {
    const roles = this.#sets.get(this.type(typeName).roleSet)?.definition.roles ?? [];
    const names = roles.flatMap((role) =>
      role.actions.map((action) => (typeof action === "string" ? action : action.name)),
    );
    return [...new Set(names)].filter((name) => !name.startsWith("org."));
  }

  sets(): readonly RoleSet[] {
    return [...this.#sets.values()].map((set) => set.definition);
  }

  /** A set's definition; `null` when there is no such set. */
  set(name: string): RoleSet | null {
    return this.#sets.get(name)?.definition ?? null;
  }

  /** The strongest role of a set; `null` when there is no such set. */
  topRole(set: string): RoleName | null {
    const found = this.#sets.get(set);
    return found ? { set, role: found.top } : null;
  }

  /** The place of a role in its set, weakest 0; -1 when unknown. */
  rank({ set, role }: RoleName): number {
    return this.#sets.get(set)?.rank.get(role) ?? -1;
  }

  /** What a role allows, and when. */
  permissionsOf({ set, role }: RoleName): ReadonlyMap<string, Permitted> {
    return this.#sets.get(set)?.actions.get(role) ?? new Map();
  }

  /** The actions that a role can ever allow, conditions apart. */
  actionsOf({ set, role }: RoleName): readonly string[] {
    return [...(this.#sets.get(set)?.actions.get(role)?.keys() ?? [])];
  }
}
