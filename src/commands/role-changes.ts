import { isAdminRole, parseRole, roleText, type RoleBook, type RoleName } from "../access/index.ts";
import { refuse, type Refusal } from "../refusals.ts";
import { needConfirmation } from "./confirm.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { nameOfRole } from "./grants.ts";
import type { GrantRow } from "./record.ts";
import { granteeOf, needAdmin, type Actor } from "./standing.ts";

/*
 * Types and role sets hold for a whole tree. What changing them does to people is worked out here,
 * so that it can be shown before it happens.
 */

/** Types and role sets are said at the root, by its admins. */
export function needRootAdmin(
  facts: TreeFacts,
  actor: Actor,
  org: number,
  stamp: Stamp,
): Refusal | null {
  const refused = needAdmin(facts, actor, org, stamp.at);
  if (refused) return refused;
  const root = facts.lineage(org).at(-1);
  return org === root
    ? null
    : refuse("invalid", `Types and role sets are defined at the root organisation, ${root}.`);
}

/** What one kind of holder gains and loses. */
interface RoleChange {
  readonly role: string;
  /** Who has it: by a grant or share, as an org's admin, or as the owner of a resource. */
  readonly as: "holder" | "admin" | "owner";
  readonly types: readonly string[];
  readonly gains: readonly string[];
  readonly loses: readonly string[];
  /** How many people, counted up to a bound. */
  readonly people: number;
  readonly named: readonly string[];
  /** The organisations that it is shared with; who uses it there, only they know. */
  readonly organisations: readonly number[];
  /** Are there more than are counted or named here? */
  readonly cut: boolean;
}

const PEOPLE_MAX = 1_000;
const NAMED_MAX = 20;

/**
 * An edit of roles or types first shows what people gain and lose by it. That admins gain alone
 * needs no confirmation: they make such edits.
 */
export function confirmChanges(
  facts: TreeFacts,
  after: RoleBook,
  types: readonly string[],
  stamp: Stamp,
  confirm: string | undefined,
): Refusal | null {
  const changes = roleChanges(facts, after, types, stamp.at);
  return changes.some((change) => change.as !== "admin" || change.loses.length > 0)
    ? needConfirmation(stamp, "This changes what people may do.", { changes }, confirm)
    : null;
}

/**
 * What holders of roles gain and lose on these types when one book of roles takes the place of
 * another. Types without resources, and roles that nobody has, change nothing for anyone.
 */
export function roleChanges(
  facts: TreeFacts,
  after: RoleBook,
  types: readonly string[],
  at: number,
): RoleChange[] {
  const before = facts.book;
  const found = new Map<string, Omit<RoleChange, "people" | "named" | "organisations" | "cut">>();
  for (const type of types) {
    const [was, is] = [before.type(type), after.type(type)];
    if (!was.open && !facts.row("resources", { tree: facts.tree, type })) continue;
    const sets = [...new Set([was.roleSet, is.roleSet])];
    const roles = sets.flatMap((set) => rolesOf(set, before, after));
    const owning = (book: RoleBook): RoleName | null => {
      const { roleSet, ownerRole } = book.type(type);
      return ownerRole === null ? null : { set: roleSet, role: ownerRole };
    };
    const on = (role: RoleName, admin: boolean) =>
      [before.roleOn(role, type, admin), after.roleOn(role, type, admin)] as const;
    for (const role of roles) note("holder", role, type, ...on(role, false));
    for (const role of ADMINS) note("admin", role, type, ...on(role, true));
    const owner = owning(after) ?? owning(before);
    if (owner) note("owner", owner, type, owning(before), owning(after));
  }
  return [...found.values()].flatMap((change) => {
    const who = holders(facts, change.as, change.role, change.types, at);
    return who.people + who.organisations.length === 0 ? [] : [{ ...change, ...who }];
  });

  function note(
    as: RoleChange["as"],
    role: RoleName,
    type: string,
    had: RoleName | null,
    has: RoleName | null,
  ): void {
    const gains = beyond(after, has, before, had);
    const loses = beyond(before, had, after, has);
    if (gains.length + loses.length === 0) return;
    const key = JSON.stringify([as, role, gains, loses, as === "owner" ? type : ""]);
    const known = found.get(key)?.types ?? [];
    found.set(key, { role: roleText(role), as, types: [...known, type], gains, loses });
  }
}

const ADMINS: readonly RoleName[] = [
  { set: "standard", role: "admin" },
  { set: "workspace", role: "owner" },
];

function rolesOf(set: string, ...books: readonly RoleBook[]): RoleName[] {
  const names = books.flatMap((book) => book.set(set)?.roles.map((role) => role.name) ?? []);
  return [...new Set(names)].map((role) => ({ set, role }));
}

/** What one role allows beyond another: an action by its name, or with the condition for it. */
function beyond(book: RoleBook, role: RoleName | null, from: RoleBook, other: RoleName | null) {
  const known = other && from.permissionsOf(other);
  return [...(role ? book.permissionsOf(role) : [])].flatMap(([action, when]) => {
    const already = known?.get(action) ?? [];
    if (already === true) return [];
    return when === true
      ? [action]
      : when.filter((one) => !already.includes(one)).map((one) => `${action} if ${one}`);
  });
}

type Holders = Pick<RoleChange, "people" | "named" | "organisations" | "cut">;

/** Who has a role now. */
function holders(
  facts: TreeFacts,
  as: RoleChange["as"],
  role: string,
  types: readonly string[],
  at: number,
): Holders {
  const users = new Set<string>();
  const organisations = new Set<number>();
  let cut = false;
  const full = (): boolean => {
    if (users.size + organisations.size >= PEOPLE_MAX) cut = true;
    return cut;
  };
  if (as === "owner") {
    const resources = facts.rows("resources", { tree: facts.tree, type: types }, PEOPLE_MAX + 1);
    for (const { owner } of resources) if (owner !== null && !full()) users.add(owner);
    cut ||= resources.length > PEOPLE_MAX;
  } else {
    const lives = (row: { expiresAt: number | null }) =>
      row.expiresAt === null || at < row.expiresAt;
    const grants = facts.rows("grants", { role }, PEOPLE_MAX + 1);
    cut ||= grants.length > PEOPLE_MAX;
    for (const grant of grants) {
      if (!lives(grant) || isAdminGrant(grant) !== (as === "admin") || full()) continue;
      const members = facts.activeMembers(granteeOf(grant), grant.org, PEOPLE_MAX + 1);
      for (const { user } of members) if (!full()) users.add(user);
    }
    // A share makes nobody an admin.
    const shares =
      as === "admin" ? [] : facts.rows("shares", { role, status: LIVE_SHARES }, PEOPLE_MAX + 1);
    cut ||= shares.length > PEOPLE_MAX;
    for (const share of shares) {
      if (!lives(share) || full()) continue;
      if (share.toOrg !== null) organisations.add(share.toOrg);
      else if (share.status === "active") users.add(share.toUser ?? "");
    }
  }
  const named = [...users].slice(0, NAMED_MAX).map((user) => facts.person(user)?.email ?? user);
  return {
    people: users.size,
    named,
    organisations: [...organisations].slice(0, NAMED_MAX),
    cut: cut || users.size > NAMED_MAX || organisations.size > NAMED_MAX,
  };
}

const LIVE_SHARES = ["pending", "active"] as const;

const isAdminGrant = (grant: GrantRow): boolean =>
  isAdminRole(parseRole(grant.role)) && grant.scope === '{"all":true}';

/** What in the tree names one of these roles, in words; `null` when nothing does. */
export function useOf(facts: TreeFacts, set: string, roles: readonly string[]): string | null {
  const names = roles.map((role) => roleText({ set, role }));
  const grant = facts.row("grants", { role: names });
  if (grant) return `${nameOfRole(grant.role)} is used by the grant ${grant.id}`;
  const share = facts.row("shares", { role: names, status: LIVE_SHARES });
  if (share) return `${nameOfRole(share.role)} is used by the share ${share.id}`;
  // Rules on other trees' shares speak of those trees' roles.
  const rule = facts
    .rows("rules", { role: names })
    .find(({ share: id }) => facts.receiptRow(id)?.ownerTree === facts.tree);
  if (rule) return `${nameOfRole(rule.role)} is used by the rule ${rule.id}`;
  for (const { name, roleSet, ownerRole, linkDefaults } of facts.book.types()) {
    if (roleSet !== set) continue;
    const used = [ownerRole, linkDefaults?.admin, linkDefaults?.member];
    const role = roles.find((one) => used.includes(one));
    if (role !== undefined) return `${roleText({ set, role })} is used by the type ${name}`;
  }
  return null;
}

/** A share out of the org by one of these roles: rules that only its receiver knows may name any. */
export const sharedOut = (facts: TreeFacts, set: string, roles: readonly string[]) =>
  facts
    .rows("shares", { role: roles.map((role) => roleText({ set, role })), status: LIVE_SHARES })
    .find((share) => share.toOrg !== null);
