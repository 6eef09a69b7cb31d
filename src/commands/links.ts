import { isAdmin, type RoleName } from "../access/index.ts";
import type { Event, EventName } from "../events.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { newGrant } from "./grants.ts";
import {
  existing,
  mayGive,
  membershipFor,
  needPassing,
  rolesOf,
  scopeOf,
  type OfResource,
} from "./on-resource.ts";
import { insert, remove, type LinkRow, type ResourceRow, type RowChange } from "./record.ts";
import { actorName, standing, type Actor } from "./standing.ts";

const LINKS_MAX = 100;

/**
 * One edit takes away at most this many grants; the others no longer count from then on, because
 * what they hang on is gone.
 */
const GRANTS_AT_ONCE = 100;

const eventOf = (name: EventName, link: LinkRow, row: ResourceRow, more = {}): Event => ({
  name,
  org: row.org,
  data: { link: link.id, type: row.type, id: row.id, ...more },
});

/** The resource, when the actor may let others in to it. */
function passable(
  facts: TreeFacts,
  actor: Actor,
  input: OfResource,
  stamp: Stamp,
): ResourceRow | Refusal {
  const row = existing(facts, actor, input, stamp.at);
  if ("ok" in row) return row;
  return needPassing(facts, actor, row, stamp.at) ?? row;
}

export interface CreateLink extends OfResource {
  expiresAt?: number | null | undefined;
  /** SHA-256 of the secret; the secret itself never comes here. */
  hash: string;
}

/** What a link gives to who has no role there: the type says it, to admins and to others [R28]. */
function defaultRole(facts: TreeFacts, type: string, of: "admin" | "member"): RoleName | null {
  const { roleSet, linkDefaults } = facts.book.type(type);
  return linkDefaults && { set: roleSet, role: linkDefaults[of] };
}

/** Makes a link to a resource, for the members of its tree [R28]. */
export const createLink = define<CreateLink>({
  run(facts, actor, input, stamp) {
    const row = passable(facts, actor, input, stamp);
    if ("ok" in row) return row;
    const role = defaultRole(facts, row.type, "member");
    if (!role) return refuse("invalid", `There are no links to a ${row.type}.`);
    // Admins of the org are let in by a rule of the type; others to no more than the maker holds.
    if (!mayGive(facts, actor, row, role, stamp.at))
      return refuse("forbidden", "Nobody gives more than they hold.");
    if (input.expiresAt != null && input.expiresAt <= stamp.at)
      return refuse("invalid", "The end lies in the past.", "/expiresAt");
    if (facts.count("links", { tree: stamp.tree, key: row.key }) >= LINKS_MAX)
      return refuse("limit", `There are at most ${LINKS_MAX} links to one resource.`);
    const link: LinkRow = {
      id: stamp.id("lnk"),
      tree: stamp.tree,
      org: row.org,
      key: row.key,
      hash: input.hash,
      expiresAt: input.expiresAt ?? null,
      createdBy: actorName(actor),
      createdAt: stamp.at,
    };
    return {
      ok: true,
      org: row.org,
      rows: [insert("links", link)],
      events: [eventOf("link.created", link, row)],
      status: 201,
      shows: { read: "link", id: link.id },
    };
  },
});

export interface OfLink extends OfResource {
  link: string;
}

/** Deletes a link, and what it gave ends with it, at once [R28]. */
export const deleteLink = define<OfLink>({
  current: ({ link }) => ({ read: "link", id: link }),
  run(facts, actor, input, stamp) {
    const row = passable(facts, actor, input, stamp);
    if ("ok" in row) return row;
    const link = facts.row("links", { id: input.link });
    if (link?.key !== row.key) return NOT_FOUND;
    return {
      ok: true,
      org: row.org,
      rows: endLink(facts, link),
      events: [eventOf("link.removed", link, row)],
      status: 204,
      shows: null,
    };
  },
});

const endLink = (facts: TreeFacts, link: LinkRow): RowChange[] => [
  ...facts.rows("grants", { via: link.id }, GRANTS_AT_ONCE).map((grant) => remove("grants", grant)),
  remove("links", link),
];

/** What hangs on one resource and goes with it: its links, and what was passed on of it. */
export const endPassedOn = (facts: TreeFacts, { tree, key }: ResourceRow): RowChange[] => [
  ...facts
    .grantsOn(key, GRANTS_AT_ONCE)
    .filter((grant) => grant.via !== null)
    .map((grant) => remove("grants", grant)),
  ...facts.rows("links", { tree, key }).map((link) => remove("links", link)),
];

/**
 * A signed-in member of the tree opens a link. Who has no role there yet gets the type's default;
 * everyone else keeps what they have. To a stranger there is no such link [R28].
 */
export const openLink = define<{ link: string; hash: string }>({
  personal: true,
  run(facts, actor, input, stamp) {
    const link = facts.row("links", { id: input.link });
    const ended = link?.expiresAt != null && link.expiresAt <= stamp.at;
    if (actor.kind !== "user" || !link || link.hash !== input.hash || ended) return NOT_FOUND;
    const row = facts.row("resources", { tree: stamp.tree, key: link.key });
    const member = row && membershipFor(facts, actor.user, row.org);
    if (!row || !member || standing(facts, { kind: "system" }, row.org, stamp.at) === "stranger")
      return NOT_FOUND;
    const opened = {
      ok: true,
      org: row.org,
      status: 200,
      shows: { read: "resource", id: `${row.type}:${row.id}` },
    } as const;
    if (rolesOf(facts, actor.user, row, stamp.at).length > 0)
      return { ...opened, rows: [], events: [] };
    const as = isAdmin(facts, facts.paths(actor.user), row.org, stamp.at) ? "admin" : "member";
    const role = defaultRole(facts, row.type, as);
    if (!role) return NOT_FOUND;
    const terms = {
      role: `${role.set}.${role.role}`,
      scope: scopeOf(row.key),
      expiresAt: link.expiresAt,
      reason: null,
    };
    const to = { kind: "member", id: member.id } as const;
    return {
      ...opened,
      rows: [insert("grants", newGrant(actor, row.org, to, terms, stamp, link.id))],
      events: [eventOf("link.opened", link, row, { to: actor.email, role: terms.role })],
    };
  },
});
