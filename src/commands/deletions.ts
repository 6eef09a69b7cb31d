import type { Event } from "../events.ts";
import { confirmFirst, NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { TreeFacts, Where } from "./facts.ts";
import {
  remove,
  replace,
  type OrgRow,
  type RowChange,
  type TableName,
  type Tables,
} from "./record.ts";
import { treeSettings } from "./settings.ts";
import { shareData } from "./shares.ts";
import { isPlatform, needAdmin, type Actor } from "./standing.ts";

/*
 * The end of an org [R24]. One edit sets a tombstone on it and on every org below: from then on
 * nothing in them is there for anyone, no path leads in or out, and partners have been told. What
 * remains in the record is purged afterwards, in steps.
 */

/** At most so many shares are told of one by one; `org.deleted` names the partners. */
const TOLD_MAX = 1_000;
const PARTNERS_NAMED = 100;

export interface DeleteOrg {
  org: number;
  confirm?: string | undefined;
}

export const deleteOrg = define<DeleteOrg>({
  current: (input) => ({ read: "org", id: String(input.org) }),
  run(facts, actor, input, stamp) {
    const refused = needAdmin(facts, actor, input.org, stamp.at);
    if (refused) return refused;
    const org = facts.org(input.org);
    if (!org) return NOT_FOUND;
    const forbidden = mayNotEnd(facts, actor, org);
    if (forbidden) return forbidden;
    if (input.confirm?.trim().normalize() !== org.name.normalize())
      return confirmFirst(
        "This cannot be undone; type the organisation's name to confirm it.",
        org.name,
        goes(facts, org),
      );
    const told = eventsOf(facts, org);
    const partners = [...new Set(told.flatMap((event) => event.partner ?? []))];
    const ended = {
      name: "org.deleted",
      org: org.parent ?? org.id,
      data: {
        deleted: org.id,
        name: org.name,
        partners: partners.slice(0, PARTNERS_NAMED).join(" "),
      },
    } as const;
    return {
      ok: true,
      org: org.parent ?? org.id,
      rows: facts.subtree(org.id).map((below) => replace("orgs", below, { deletedAt: stamp.at })),
      events: [ended, ...told],
      status: 204,
      shows: null,
    };
  },
});

/** Who may end an org is the tree's to say; its default one stays, unless the whole tree goes [R23]. */
function mayNotEnd(facts: TreeFacts, actor: Actor, org: OrgRow): Refusal | null {
  if (treeSettings(facts, org.id).deletion === "platform" && !isPlatform(actor))
    return refuse("forbidden", "Only the platform's support can delete this.");
  return org.parent !== null && facts.subtree(org.id).some((below) => below.isDefault === 1)
    ? refuse("conflict", "The default organisation of a tree cannot be deleted.")
    : null;
}

const idsBelow = (facts: TreeFacts, org: number): number[] =>
  facts.subtree(org).map((below) => below.id);

const OPEN = ["pending", "active"] as const;

/** How much would go with an org. */
function goes(facts: TreeFacts, { id }: OrgRow): Record<string, number> {
  const org = idsBelow(facts, id);
  return {
    orgs: org.length,
    resources: facts.count("resources", { org }),
    members: facts.count("members", { org }),
    teams: facts.count("teams", { org }),
    grants: facts.count("grants", { org }),
    shares: facts.count("shares", { org, status: OPEN }),
    receivedShares: facts.count("receipts", { org, status: "accepted" }),
    rules: facts.count("rules", { org }),
    links: facts.count("links", { org }),
    libraries: facts.count("libraries", { org }),
    keys: facts.count("apiKeys", { org }),
    collaborations: facts.count("collaborations", { org, status: ["asked", "accepted"] }),
  };
}

/**
 * What partners hear: the shares to them end, those of theirs are given back, and collaborations end.
 * Each partner's first event comes before any second one, so that none is left out for others'.
 */
function eventsOf(facts: TreeFacts, { id }: OrgRow): Event[] {
  const org = idsBelow(facts, id);
  const given = facts.rows("shares", { org, status: OPEN }).flatMap((share): Event[] =>
    share.toOrg === null || org.includes(share.toOrg)
      ? []
      : [
          {
            name: "share.removed",
            org: share.org,
            data: shareData(facts, share),
            partner: share.toOrg,
          },
        ],
  );
  const back = facts.rows("receipts", { org, status: "accepted" }).flatMap((receipt): Event[] =>
    org.includes(receipt.ownerOrg)
      ? []
      : [
          {
            name: "share.declined",
            org: receipt.org,
            data: { share: receipt.share, from: receipt.ownerOrg },
            partner: receipt.ownerOrg,
          },
        ],
  );
  const links = facts
    .rows("collaborations", { org, status: ["asked", "accepted"] })
    .map(({ id: collaboration, org: own, withOrg }): Event => ({
      name: "collaboration.ended",
      org: own,
      data: { collaboration, with: withOrg },
      partner: withOrg,
    }));
  const seen = new Set<number | undefined>();
  const [first, later]: [Event[], Event[]] = [[], []];
  for (const event of [...given, ...back, ...links]) {
    (seen.has(event.partner) ? later : first).push(event);
    seen.add(event.partner);
  }
  return [...first, ...later].slice(0, TOLD_MAX);
}

/** One step of a purge takes away at most this many rows. */
const PURGE_ROWS = 500;

/**
 * One step of the purge of deleted orgs: rows before what they refer to, and the orgs last, deepest
 * first, so that whatever interrupts it, the tombstones that remain say what is still to do.
 */
export const purgeOrgs = define<Record<string, never>>({
  run(facts, actor) {
    if (actor.kind !== "system") return refuse("forbidden", "Only Latchkey itself purges.");
    const dead = facts.deletedOrgs();
    const rows: RowChange[] = [];
    for (const found of remains(facts, dead)) {
      rows.push(...found);
      if (rows.length >= PURGE_ROWS) break;
    }
    return {
      ok: true,
      org: dead[0]?.id ?? facts.tree,
      rows: rows.slice(0, PURGE_ROWS),
      events: [],
      status: 204,
      shows: null,
    };
  },
});

/** Tables on whose rows nothing depends, once those named before them are gone. */
const LEAVES = [
  "apiKeys",
  "webhooks",
  "issuers",
  "platformRoles",
  "libraries",
  "links",
  "freezes",
  "collaborations",
  "rules",
  "shares",
  "grants",
] as const;

/** What belongs to the whole tree, and goes with its root. */
const OF_TREE = ["types", "roleSets", "people", "clocks"] as const;

/** The compiler asks for every table: this is an error where one would remain. */
type Forgotten = Exclude<
  TableName,
  | (typeof LEAVES)[number]
  | (typeof OF_TREE)[number]
  | "receipts"
  | "reviews"
  | "reviewItems"
  | "resources"
  | "teams"
  | "teamMembers"
  | "members"
  | "orgs"
>;
type None<T extends never> = T;
export type EverythingGoes = None<Forgotten>;

/** What remains of deleted orgs, in the order in which it can go; no part is longer than a step. */
function* remains(facts: TreeFacts, dead: readonly OrgRow[]): Generator<readonly RowChange[]> {
  if (dead.length === 0) return;
  const org = dead.map((row) => row.id);
  const found = <T extends TableName>(table: T, where: Where<T>) =>
    facts.rows(table, where, PURGE_ROWS);
  const gone = <T extends TableName>(table: T, rows: readonly Tables[T][]) =>
    rows.map((row) => remove(table, row));

  for (const table of LEAVES) yield gone(table, found(table, { org }));
  const reviews = found("reviews", { org });
  const review = reviews.map((row) => row.id);
  yield gone("reviewItems", found("reviewItems", { review }));
  yield gone("reviews", reviews);
  const receipts = found("receipts", { org });
  yield gone("rules", found("rules", { share: receipts.map((row) => row.share) }));
  yield gone("receipts", receipts);
  const resources = found("resources", { org });
  yield gone("links", found("links", { key: resources.map((row) => row.key) }));
  yield gone("resources", resources);
  const teams = found("teams", { org });
  const team = teams.map((row) => row.id);
  yield gone("teamMembers", found("teamMembers", { team }));
  yield* naming("team", team);
  yield gone("teams", teams);
  const members = found("members", { org });
  const member = members.map((row) => row.id);
  yield gone("teamMembers", found("teamMembers", { member }));
  yield* naming("member", member);
  yield gone("members", members);
  if (dead.some((row) => row.parent === null))
    for (const table of OF_TREE) yield gone(table, found(table, {}));
  yield gone("orgs", deepestFirst(dead).slice(0, PURGE_ROWS));

  /** Grants and rules of other orgs that name who is gone. */
  function* naming(toKind: "member" | "team", toId: readonly string[]) {
    yield gone("grants", found("grants", { toKind, toId }));
    yield gone("rules", found("rules", { toKind, toId }));
  }
}

function deepestFirst(orgs: readonly OrgRow[]): OrgRow[] {
  const rows = new Map(orgs.map((org) => [org.id, org]));
  const depth = (org: OrgRow | undefined): number =>
    org ? 1 + depth(rows.get(org.parent ?? 0)) : 0;
  return orgs.toSorted((a, b) => depth(b) - depth(a));
}
