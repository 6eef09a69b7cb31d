import fc from "fast-check";
import type {
  Grantee,
  Instant,
  OrgId,
  ResourceType,
  RoleName,
  RoleSet,
  Scope,
} from "../../src/access/index.ts";
import { emptyRows, type Rows } from "../support/world.ts";
import { SPELLINGS } from "./spellings.ts";

/** The instant at which the random worlds are asked; expiries lie just before, at and after it. */
export const NOW: Instant = 1_000;

/** Every action that is asked about, in every world. */
export const ACTIONS = ["view", "comment", "edit", "share", "duplicate", "stamp"];

const USERS = ["ann", "bob", "cy", "dee"];
const TYPES = ["site", "site", "site", "document", "project", "card", "gate"];

const ROLES: RoleName[] = [
  ["standard", "viewer"],
  ["standard", "commenter"],
  ["standard", "collaborator"],
  ["standard", "collaborator"],
  ["standard", "admin"],
  ["standard", "admin"],
  ["standard", "admin"],
  ["workspace", "viewer"],
  ["workspace", "editor"],
  ["workspace", "owner"],
  ["project", "can_view"],
  ["project", "can_edit"],
  ["crew", "reader"],
  ["crew", "stamper"],
  ["rank", "low"],
  ["rank", "high"],
  ["standard", "nobody-knows-it"],
].map(([set = "", role = ""]) => ({ set, role }));

const mine = (name: string) => ({ name, condition: "mine" });

const never = (name: string) => ({ name, condition: "never" });

/** Two ways to define the same names, so that it matters whose tree's definitions are read. */
const ROLE_SETS: RoleSet[][] = [
  [
    {
      name: "crew",
      ordered: false,
      roles: [
        { name: "reader", actions: ["view", mine("edit"), never("edit")] },
        { name: "stamper", actions: ["stamp", "duplicate"] },
      ],
    },
    {
      name: "rank",
      ordered: true,
      roles: [
        { name: "low", actions: ["view", mine("stamp")] },
        { name: "high", actions: ["edit", "stamp", mine("view")] },
      ],
    },
  ],
  [
    {
      name: "crew",
      ordered: true,
      roles: [
        { name: "reader", actions: ["view"] },
        { name: "stamper", actions: [mine("stamp"), "stamp", "share"] },
      ],
    },
    {
      name: "rank",
      ordered: false,
      roles: [
        { name: "high", actions: ["edit", mine("view"), "comment"] },
        { name: "low", actions: ["view", mine("share")] },
      ],
    },
  ],
];

const type = (name: string, roleSet: string, elevate: boolean, ownerRole: string | null) => ({
  name,
  roleSet,
  adminAccess: elevate ? ("self-elevate" as const) : ("implicit" as const),
  ownerRole,
  memberCreates: false,
  open: false,
  assertable: [],
  linkDefaults: null,
});

const TYPE_SETS: ResourceType[][] = [
  [type("card", "crew", false, "reader"), type("gate", "rank", true, null)],
  [type("card", "rank", true, null), type("gate", "crew", false, "stamper")],
  [type("site", "rank", false, null), type("card", "standard", true, "commenter")],
];

const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % from.length];
const at = <T>(from: readonly T[], n: number): T => {
  const found = pick(from, n);
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
};

const n = fc.nat({ max: 59 });
/** A list that is as often long as short. */
const many = <T>(one: fc.Arbitrary<T>, maxLength: number, minLength = 0) =>
  fc.array(one, { minLength, maxLength, size: "max" });
const user = fc.constantFrom(...USERS);
const tags = many(fc.constantFrom(...SPELLINGS.flat()), 3);
const rarely = fc.nat({ max: 4 }).map((x) => x === 4);
const expiresAt = fc.constantFrom(...Array<null>(7).fill(null), NOW - 1, NOW, NOW + 1);
const role = fc.constantFrom(...ROLES);
const scope = fc.oneof(
  { weight: 7, arbitrary: fc.constant({ kind: "all" as const }) },
  { weight: 2, arbitrary: tags.map((all) => ({ kind: "tags" as const, tags: all })) },
  {
    weight: 2,
    arbitrary: fc
      .uniqueArray(fc.nat({ max: 6 }), { maxLength: 3 })
      .map((keys) => ({ kind: "resources" as const, keys })),
  },
) satisfies fc.Arbitrary<Scope>;

const kind = fc.constantFrom("member", "members", "team", "admins");

/** Choices by number, resolved against what the world has: so that any part can shrink away. */
const recipe = fc.record({
  parents: many(n, 5, 2),
  variants: many(n, 5, 5),
  members: many(fc.record({ org: n, user, pending: rarely }), 14, 2),
  teams: many(fc.record({ org: n, members: many(n, 4) }), 3),
  grants: many(
    fc.record({ org: n, kind, whom: n, role, scope, expiresAt, passedOn: rarely }),
    9,
    1,
  ),
  freezes: many(fc.record({ org: n, partner: fc.option(n) }), 1),
  shares: many(
    fc.record({ org: n, person: rarely, user, to: n, state: n, role, scope, expiresAt, answer: n }),
    8,
  ),
  rules: many(fc.record({ share: n, kind, whom: n, role: fc.option(role), scope, expiresAt }), 12),
  resources: many(
    fc.record({ org: n, type: fc.constantFrom(...TYPES), tags, owner: fc.option(user) }),
    6,
    1,
  ),
});

/** The first two orgs are roots; each later one is a root too or lies below an earlier one. */
function orgsOf(parents: readonly number[]): Rows["orgs"] {
  const orgs: Rows["orgs"] = [];
  parents.forEach((choice, index) => {
    const above = index < 2 ? undefined : orgs[choice % (index + 1)];
    orgs.push({ id: index + 1, parent: above?.id ?? null });
  });
  return orgs;
}

/** The organisation's own people and orgs, as a fact of `org` may or may not name them. */
function granteeIn(rows: Rows, kindOf: string, whom: number): Grantee {
  const member = pick(rows.members, whom);
  const team = pick(rows.teams, whom);
  if (kindOf === "member" && member) return { kind: "member", id: member.id };
  if (kindOf === "team" && team) return { kind: "team", id: team.id };
  return { kind: "members" };
}

function build(r: typeof recipe extends fc.Arbitrary<infer T> ? T : never): Rows {
  const rows = emptyRows();
  rows.users = [...USERS];
  rows.orgs = orgsOf(r.parents);
  const orgAt = (choice: number): OrgId => at(rows.orgs, choice).id;

  rows.orgs
    .filter(({ parent }) => parent === null)
    .forEach(({ id }, index) => {
      for (const set of at(ROLE_SETS, at(r.variants, index))) rows.roleSets.push({ root: id, set });
      for (const one of at(TYPE_SETS, at(r.variants, index)))
        rows.types.push({ root: id, type: one });
    });

  for (const { org, user: who, pending } of r.members) {
    const id = `${who}@${orgAt(org)}`;
    if (rows.members.some((member) => member.id === id)) continue; // [R11]
    rows.members.push({ id, org: orgAt(org), user: who, status: pending ? "pending" : "active" });
  }
  r.teams.forEach(({ org, members }, index) => {
    const own = rows.members.filter((member) => member.org === orgAt(org)).map(({ id }) => id);
    const inTeam = own.length ? members.map((choice) => at(own, choice)) : [];
    rows.teams.push({ id: `team${index}`, org: orgAt(org), members: [...new Set(inTeam)] });
  });
  r.grants.forEach(({ org, kind: kindOf, whom, passedOn, ...terms }, index) => {
    const to = granteeIn(rows, kindOf, whom);
    // Most grants lie in the org of the member they name, the others anywhere.
    const home = to.kind === "member" && rows.members.find(({ id }) => id === to.id)?.org;
    const lies = home && org % 4 ? home : orgAt(org);
    const via = passedOn ? "recipients" : null;
    rows.grants.push({ id: `grant${index}`, org: passedOn ? orgAt(org) : lies, to, via, ...terms });
  });
  r.shares.forEach(({ org, person, user: who, to, state, answer, ...terms }, index) => {
    const id = `share${index}`;
    const from = orgAt(org);
    if (person) {
      const status = at(["active", "active", "active", "pending", "declined", "removed"], state);
      rows.shares.push({ id, org: from, to: { user: who }, status, ...terms } as Rows["shares"][0]);
      return;
    }
    const others = rows.orgs.filter((other) => other.id !== from);
    const receiver = at(others, to).id;
    const status = state % 6 === 5 ? "removed" : "pending";
    rows.shares.push({ id, org: from, to: { org: receiver }, status, ...terms });
    if (answer % 6 === 0) return;
    const said = answer % 6 === 1 ? "declined" : "accepted";
    rows.receipts.push({ share: id, org: receiver, status: said });
  });
  r.rules.forEach(({ share, kind: kindOf, whom, role: other, ...terms }, index) => {
    const toOrgs = rows.shares.flatMap((one) =>
      "org" in one.to ? [{ ...one, receiver: one.to.org }] : [],
    );
    const on = pick(toOrgs, share);
    if (!on) return;
    // A rule uses its share's set; any role of it, weaker or stronger than the share's [R17].
    const asSaid = other && other.set === on.role.set ? other : on.role;
    const to = kindOf === "admins" ? { kind: "admins" as const } : granteeIn(rows, kindOf, whom);
    const row = { id: `rule${index}`, org: on.receiver, share: on.id, to, ...terms };
    rows.rules.push({ ...row, role: asSaid });
  });
  for (const { org, partner } of r.freezes)
    rows.freezes.push({ org: orgAt(org), partner: partner === null ? null : orgAt(partner) });
  r.resources.forEach((resource, key) =>
    rows.resources.push({ key, ...resource, org: orgAt(resource.org) }),
  );
  return rows;
}

/** Small random worlds of two trees and more. */
export const worlds: fc.Arbitrary<Rows> = recipe.map(build);
