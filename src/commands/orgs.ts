import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define, type Change } from "./change.ts";
import type { TreeFacts } from "./facts.ts";
import { newGrant } from "./grants.ts";
import { newMember, nameOf, offered } from "./members.ts";
import { moving, tooDeep } from "./moves.ts";
import { insert, replace, type OrgRow, type RowChange } from "./record.ts";
import { changeSettings, onlyCompany, type SomeSettings } from "./settings.ts";
import { needAdmin, notForOneself, standing, type Actor } from "./standing.ts";

const ORGS_MAX = 10_000;

export interface CreateOrg {
  /** Allocated before the edit. */
  id: number;
  name: string;
  parent?: number | undefined;
  description?: string | null | undefined;
  color?: string | null | undefined;
  default?: boolean | undefined;
  admin?: { name: string; email: string } | undefined;
}

/**
 * Makes an organisation (by the platform, or by a person, whose it then is) or a sub-workspace (by
 * an admin above it). With `admin`, that person is invited as the first one.
 */
export const createOrg = define<CreateOrg>({
  needs: (input) => ({ emails: input.admin ? [input.admin.email] : [] }),
  run(facts, actor, input, stamp, given) {
    const parent = input.parent ?? null;
    if (parent === null) {
      if (actor.kind === "key" || (actor.kind === "user" && (!actor.self || actor.reach !== null)))
        return refuse("forbidden", "Only the platform or a person can make an organisation.");
      if (facts.count("orgs") > 0) return refuse("conflict", "The organisation exists already.");
    } else {
      const refused =
        needAdmin(facts, actor, parent, stamp.at) ??
        onlyCompany(facts, actor, parent, stamp.at) ??
        (input.default === true ? onlyRoot(facts, actor, parent, stamp.at) : null) ??
        tooMany();
      if (refused) return refused;
    }
    if (facts.row("orgs", { id: input.id }))
      return refuse("conflict", "This number is another organisation's.");
    const org: OrgRow = {
      id: input.id,
      tree: stamp.tree,
      parent,
      name: input.name,
      description: input.description ?? null,
      color: input.color ?? null,
      isDefault: input.default === true ? 1 : 0,
      settings: "{}",
      createdAt: stamp.at,
      deletedAt: null,
    };
    const first = firstAdmin();
    if ("ok" in first) return first;
    return {
      ok: true,
      org: org.id,
      rows: [...onlyDefault(facts, org), insert("orgs", org), ...first.rows],
      events: [{ name: "org.created", org: org.id, data: { name: org.name } }, ...first.events],
      status: 201,
      shows: { read: "org", id: String(org.id) },
    };

    function tooMany(): Refusal | null {
      if (facts.count("orgs", { deletedAt: null }) >= ORGS_MAX)
        return refuse("limit", `A tree holds at most ${ORGS_MAX} organisations.`);
      return parent === null ? null : tooDeep(facts, parent, 1);
    }

    function firstAdmin(): Pick<Change, "rows" | "events"> | Refusal {
      const terms = {
        role: "standard.admin",
        scope: '{"all":true}',
        expiresAt: null,
        reason: null,
      };
      if (input.admin) {
        const user = given.users[input.admin.email] ?? "";
        if (parent !== null) {
          const refused = notForOneself(actor, user);
          if (refused) return refused;
        }
        const person = { user, email: input.admin.email, name: input.admin.name };
        const { member, rows, event } = newMember(facts, actor, org.id, person, stamp, "pending");
        const grant = newGrant(actor, org.id, { kind: "member", id: member.id }, terms, stamp);
        return {
          rows: [...rows, insert("grants", grant)],
          events: [{ ...event, data: { ...event.data, ...offered(terms) } }],
        };
      }
      if (parent === null && actor.kind === "user") {
        const person = { user: actor.user, email: actor.email, name: nameOf(facts, actor) };
        const { member, rows } = newMember(facts, actor, org.id, person, stamp, "active");
        const grant = newGrant(actor, org.id, { kind: "member", id: member.id }, terms, stamp);
        return { rows: [...rows, insert("grants", grant)], events: [] };
      }
      return { rows: [], events: [] };
    }
  },
});

export interface UpdateOrg extends SomeSettings {
  org: number;
  name?: string | undefined;
  description?: string | null | undefined;
  color?: string | null | undefined;
  default?: boolean | undefined;
  parent?: number | null | undefined;
  /** The word of confirmation for a move. */
  confirm?: string | undefined;
}

/** The default org is the whole tree's, so its root's admins say which it is [R23]. */
const onlyRoot = (facts: TreeFacts, actor: Actor, org: number, at: number): Refusal | null =>
  standing(facts, actor, facts.lineage(org).at(-1) ?? org, at) === "admin"
    ? null
    : refuse("forbidden", "Only an admin of the whole tree can say which is its default.");

/** One org of a tree may be the default: another one gives way [R23]. */
const onlyDefault = (facts: TreeFacts, org: OrgRow): RowChange[] =>
  org.isDefault === 0
    ? []
    : facts
        .defaultOrgs()
        .filter((other) => other.id !== org.id)
        .map((other) => replace("orgs", other, { isDefault: 0 }));

export const updateOrg = define<UpdateOrg>({
  current: (input) => ({ read: "org", id: String(input.org) }),
  run(facts, actor, input, stamp) {
    const refused = needAdmin(facts, actor, input.org, stamp.at);
    if (refused) return refused;
    const before = facts.org(input.org);
    if (!before) return NOT_FOUND;
    const settings = changeSettings(facts, actor, before, input);
    if (typeof settings !== "string") return settings;
    const moved = moving(facts, actor, before, input, stamp);
    if (moved && "ok" in moved) return moved;
    const changed: OrgRow = {
      ...before,
      settings,
      name: input.name ?? before.name,
      description: input.description === undefined ? before.description : input.description,
      color: input.color === undefined ? before.color : input.color,
      isDefault: input.default === undefined ? before.isDefault : Number(input.default),
    };
    if (changed.isDefault !== before.isDefault) {
      const kept = onlyRoot(facts, actor, before.id, stamp.at);
      if (kept) return kept;
    }
    const after = moved ? { ...changed, parent: input.parent ?? null } : changed;
    const event = { name: "org.changed", org: before.id, data: { name: after.name } } as const;
    const same = JSON.stringify(changed) === JSON.stringify(before);
    return {
      ok: true,
      org: before.id,
      rows: [...onlyDefault(facts, after), replace("orgs", before, after)],
      events: [...(moved ? [moved] : []), ...(moved && same ? [] : [event])],
      status: 200,
      shows: { read: "org", id: String(before.id) },
    };
  },
});
