import type {
  Grant,
  Instant,
  OrgId,
  RoleName,
  Rule,
  Scope,
  Share,
} from "../../src/access/facts.ts";
import type { ResourceType } from "../../src/access/roles.ts";
import type { Rows } from "../support/world.ts";
import { SPELLINGS } from "./spellings.ts";

/**
 * A second statement of the rules, for the oracle, written the other way round: no paths and no
 * questions. Each fact pushes forward what it gives, until everything anyone may do is in one set.
 * It shares no code with src/access.
 */
export type Triple = `${string} ${string} ${number}`;

export const triple = (user: string, action: string, resource: number): Triple =>
  `${user} ${action} ${resource}`;

/** What a role lets do: an action, always (`null`) or only to one's own things. */
type Entry = readonly [action: string, condition: string | null];

const words = (text: string): Entry[] => text.split(" ").map((action) => [action, null]);
const ORG = "org.settings org.members org.shares org.children org.delete";

/** Each built-in role in full, strongest last. */
const BUILT_IN: Readonly<Record<string, Readonly<Record<string, Entry[]>>>> = {
  standard: {
    viewer: words("view"),
    commenter: words("view comment"),
    collaborator: words("view comment create edit delete duplicate"),
    admin: words(`view comment create edit delete duplicate share ${ORG}`),
  },
  workspace: {
    viewer: words("view duplicate"),
    editor: words("view duplicate create edit delete"),
    owner: words(`view duplicate create edit delete share ${ORG}`),
  },
  project: {
    can_view: words("view"),
    can_duplicate: words("view interact duplicate"),
    can_edit: words("view interact duplicate edit delete recipients"),
  },
};

type TypeRule = Pick<ResourceType, "name" | "roleSet" | "adminAccess" | "ownerRole">;

const BUILT_IN_TYPES: readonly TypeRule[] = [
  { name: "document", roleSet: "workspace", adminAccess: "implicit", ownerRole: null },
  { name: "record", roleSet: "workspace", adminAccess: "implicit", ownerRole: null },
  { name: "project", roleSet: "project", adminAccess: "self-elevate", ownerRole: "can_edit" },
];

/** The conditions of tests: the person owns the thing, or it bears a tag in just this spelling. */
const isMet = (condition: string, user: string, r: Rows["resources"][number]): boolean =>
  (condition === "mine" && r.owner === user) || (condition === "north" && r.tags.includes("North"));

/** Two spellings are one tag when the list of spellings says so. */
const sameTag = (a: string, b: string) =>
  a === b || SPELLINGS.some((line) => line.includes(a) && line.includes(b));

/** Everything that anyone may do at an instant. */
export function everythingAllowed(rows: Rows, now: Instant): ReadonlySet<Triple> {
  const allowed = new Set<Triple>();
  const active = rows.members.filter((member) => member.status === "active");
  const ended = ({ expiresAt }: { expiresAt: Instant | null }) =>
    expiresAt !== null && expiresAt <= now;

  /** An org and everything under it, from the top down. */
  const under = new Map<OrgId, OrgId[]>();
  const descend = (org: OrgId): OrgId[] => {
    const below = rows.orgs.filter(({ parent }) => parent === org).flatMap(({ id }) => descend(id));
    under.set(org, [org, ...below]);
    return [org, ...below];
  };
  const rootOf = new Map<OrgId, OrgId>();
  for (const { id, parent } of rows.orgs)
    if (parent === null) for (const org of descend(id)) rootOf.set(org, id);
  const isUnder = (org: OrgId, top: OrgId) => under.get(top)?.includes(org) ?? false;

  const typeOf = (org: OrgId, name: string): TypeRule =>
    rows.types.findLast(({ root, type }) => root === rootOf.get(org) && type.name === name)?.type ??
    BUILT_IN_TYPES.find((type) => type.name === name) ?? {
      name,
      roleSet: "standard",
      adminAccess: "implicit",
      ownerRole: null,
    };

  /** Every role of a set as the tree of this org defines it, strongest last. */
  const rolesOf = (org: OrgId, name: string): [string, Entry[]][] => {
    const own = rows.roleSets.findLast((r) => r.root === rootOf.get(org) && r.set.name === name);
    if (!own) return Object.entries(BUILT_IN[name] ?? {});
    const { roles, ordered } = own.set;
    return roles.map((role, index) => {
      const included = ordered ? roles.slice(0, index + 1) : [role];
      const entries = included.flatMap(({ actions }) =>
        actions.map((a): Entry => (typeof a === "string" ? [a, null] : [a.name, a.condition])),
      );
      return [role.name, entries];
    });
  };

  /** What a role, held as an org's admin or not, lets do to things of a type. */
  const entries = (org: OrgId, role: RoleName, typeName: string, admin: boolean): Entry[] => {
    const type = typeOf(org, typeName);
    const roles = rolesOf(org, type.roleSet);
    if (type.roleSet === role.set) return roles.find(([name]) => name === role.role)?.[1] ?? [];
    return admin && type.adminAccess === "implicit" ? (roles.at(-1)?.[1] ?? []) : [];
  };

  /** The actions on one resource that a user gains from a role, conditions worked out. */
  const gained = (user: string, r: Rows["resources"][number], role: RoleName, admin = false) =>
    entries(r.org, role, r.type, admin)
      .filter(([, condition]) => condition === null || isMet(condition, user, r))
      .map(([action]) => action)
      .filter((action) => admin || !action.startsWith("org."));

  const selected = (org: OrgId, scope: Scope) =>
    rows.resources
      .filter((r) => isUnder(r.org, org))
      .filter((r) => {
        if (scope.kind === "all") return true;
        if (scope.kind === "resources") return new Set(scope.keys).has(r.key);
        return r.tags.some((tag) => scope.tags.some((wanted) => sameTag(tag, wanted)));
      });

  const makesAdmin = ({ role, scope }: Grant) =>
    scope.kind === "all" &&
    ((role.set === "standard" && role.role === "admin") ||
      (role.set === "workspace" && role.role === "owner"));

  /**
   * The users whom a fact of this org names; from below or beside it nobody can be named, but by
   * what was passed on, which may name anyone of the tree.
   */
  const named = (to: Grant["to"], org: OrgId, passedOn = false): string[] => {
    const nameable = active.filter(
      (member) =>
        isUnder(org, member.org) || (passedOn && rootOf.get(member.org) === rootOf.get(org)),
    );
    const team = to.kind === "team" ? rows.teams.find(({ id }) => id === to.id) : undefined;
    return nameable
      .filter((member) => {
        if (to.kind === "members") return member.org === org;
        if (to.kind === "member") return member.id === to.id;
        return team?.members.includes(member.id) ?? false;
      })
      .map((member) => member.user);
  };

  const admins = new Map<OrgId, Set<string>>(rows.orgs.map(({ id }) => [id, new Set()]));
  for (const grant of rows.grants) {
    if (ended(grant)) continue;
    const admin = makesAdmin(grant);
    for (const user of named(grant.to, grant.org, grant.via !== null)) {
      if (admin) for (const org of under.get(grant.org) ?? []) admins.get(org)?.add(user);
      for (const r of selected(grant.org, grant.scope))
        for (const action of gained(user, r, grant.role, admin))
          allowed.add(triple(user, action, r.key));
    }
  }

  const ruled = (share: Share, rule: Rule, user: string) => {
    const ours = new Set(selected(share.org, rule.scope));
    for (const r of selected(share.org, share.scope).filter((one) => ours.has(one))) {
      const cap = new Set(gained(user, r, share.role));
      for (const action of gained(user, r, rule.role))
        if (cap.has(action)) allowed.add(triple(user, action, r.key));
    }
  };

  const suspended = ({ org, to }: Share) =>
    rows.freezes.some(
      (freeze) =>
        isUnder(org, freeze.org) &&
        (freeze.partner === null || ("org" in to && to.org === freeze.partner)),
    );

  for (const share of rows.shares) {
    if (ended(share) || share.status === "removed" || suspended(share)) continue;
    if ("user" in share.to) {
      if (share.status !== "active") continue;
      for (const r of selected(share.org, share.scope))
        for (const action of gained(share.to.user, r, share.role))
          allowed.add(triple(share.to.user, action, r.key));
      continue;
    }
    const receiver = share.to.org;
    const answer = rows.receipts.find((receipt) => receipt.share === share.id);
    if (answer?.status !== "accepted") continue;
    for (const rule of rows.rules) {
      if (rule.share !== share.id || ended(rule)) continue;
      const people =
        rule.to.kind === "admins" ? (admins.get(receiver) ?? []) : named(rule.to, receiver);
      for (const user of people) ruled(share, rule, user);
    }
  }

  for (const r of rows.resources) {
    const { roleSet, ownerRole } = typeOf(r.org, r.type);
    const { owner } = r;
    if (owner === null || ownerRole === null) continue;
    if (!active.some((member) => member.user === owner && isUnder(r.org, member.org))) continue;
    for (const action of gained(owner, r, { set: roleSet, role: ownerRole }))
      allowed.add(triple(owner, action, r.key));
  }
  return allowed;
}
