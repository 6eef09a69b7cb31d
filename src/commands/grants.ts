import { parseRole, type Grantee } from "../access/index.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { insert, remove, replace, type GrantRow } from "./record.ts";
import { actorName, losesLastAdmin, needAdmin, notForOneself, type Actor } from "./standing.ts";
import {
  changeTerms,
  endText,
  keyOf,
  makesLastingAdmin,
  storeTerms,
  widens,
  type SomeTerms,
  type StoredTerms,
  type TermsInput,
} from "./terms.ts";

export function newGrant(
  actor: Actor,
  org: number,
  to: Grantee,
  terms: StoredTerms,
  stamp: Stamp,
  via: string | null = null,
): GrantRow {
  return {
    id: stamp.id("grt"),
    tree: stamp.tree,
    org,
    toKind: to.kind,
    toId: to.kind === "members" ? null : to.id,
    via,
    ...terms,
    createdBy: actorName(actor),
    createdAt: stamp.at,
  };
}

/** How a request names a grantee. */
export type GranteeInput = "members" | { member: string } | { team: string };

/** A member or team of the org or of one above it, or all members [R22]. */
export function readGrantee(
  facts: TreeFacts,
  actor: Actor,
  org: number,
  to: GranteeInput,
): Grantee | Refusal {
  if (to === "members") return { kind: "members" };
  if ("team" in to) {
    const team = facts.team(to.team);
    return team && facts.lineage(org).includes(team.org)
      ? { kind: "team", id: team.id }
      : refuse("invalid", "There is no such team here.", "/to/team");
  }
  const member = facts.member(to.member);
  if (!member || !facts.lineage(org).includes(member.org))
    return refuse("invalid", "There is no such member here.", "/to/member");
  return notForOneself(actor, member.user) ?? { kind: "member", id: member.id };
}

/** Whom a grant or rule names, for the history. */
export function granteeText(
  facts: TreeFacts,
  row: { toKind: string; toId: string | null },
): string {
  if (row.toKind === "team") return facts.team(row.toId ?? "")?.name ?? "";
  if (row.toKind !== "member") return row.toId ?? row.toKind;
  const member = facts.member(row.toId ?? "");
  return (member && facts.person(member.user)?.email) ?? row.toId ?? "";
}

/** Who is told of what a grant or rule gives: whom it reaches, and nobody who has not accepted. */
export function personReached(
  facts: TreeFacts,
  row: { toKind: string; toId: string | null },
): { readonly person?: string } {
  if (row.toKind !== "member") return { person: row.toId ?? row.toKind };
  const member = facts.member(row.toId ?? "");
  return member?.status === "active" ? { person: member.user } : {};
}

export const nameOfRole = (text: string): string => {
  const { set, role } = parseRole(text);
  return set === "standard" ? role : text;
};

export interface AddGrant extends TermsInput {
  org: number;
  /** The member is part of the address, and not a word of the request: where unknown, it is not found. */
  addressed?: true;
  to: GranteeInput;
}

/** Gives a member, a team or all members a role on a scope of the org [R13]. */
export const addGrant = define<AddGrant>({
  run(facts, actor, input, stamp) {
    const refused = needAdmin(facts, actor, input.org, stamp.at);
    if (refused) return refused;
    const to = readGrantee(facts, actor, input.org, input.to);
    if ("ok" in to) return input.addressed && to.code === "invalid" ? NOT_FOUND : to;
    const terms = storeTerms(facts.book, input, stamp.at, (ref) => keyOf(facts, input.org, ref));
    if ("ok" in terms) return terms;
    const grant = newGrant(actor, input.org, to, terms, stamp);
    return {
      ok: true,
      org: input.org,
      rows: [insert("grants", grant)],
      events: [
        {
          name: "grant.added",
          org: input.org,
          data: dataOf(facts, grant),
          ...personReached(facts, grant),
        },
      ],
      reason: input.reason ?? undefined,
      status: 201,
      shows: { read: "grant", id: grant.id },
    };
  },
});

const dataOf = (facts: TreeFacts, grant: GrantRow) => ({
  grant: grant.id,
  to: granteeText(facts, grant),
  role: nameOfRole(grant.role),
  expiresAt: endText(grant.expiresAt),
});

interface OfGrant {
  org: number;
  grant: string;
}

function managed(
  facts: TreeFacts,
  actor: Actor,
  { org, grant }: OfGrant,
  stamp: Stamp,
): GrantRow | Refusal {
  const refused = needAdmin(facts, actor, org, stamp.at);
  if (refused) return refused;
  const row = facts.grant(grant);
  return row?.org === org ? row : NOT_FOUND;
}

export type ChangeGrant = OfGrant & SomeTerms;

export const changeGrant = define<ChangeGrant>({
  current: (input) => ({ read: "grant", id: input.grant }),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const keys = (ref: string) => keyOf(facts, input.org, ref);
    const terms = changeTerms(facts.book, before, input, stamp.at, keys);
    if ("ok" in terms) return terms;
    const strays = before.via === null ? null : straysFromOne(facts, before, terms);
    if (strays) return strays;
    const member = before.toKind === "member" ? facts.member(before.toId ?? "") : undefined;
    if (member && widens(facts.book, before, terms)) {
      const refused = notForOneself(actor, member.user);
      if (refused) return refused;
    }
    if (makesLastingAdmin(before) && !makesLastingAdmin(terms)) {
      const refused = losesLastAdmin(facts, input.org, { grant: before.id });
      if (refused) return refused;
    }
    const after = { ...before, ...terms };
    return {
      ok: true,
      org: input.org,
      rows: [replace("grants", before, terms)],
      events: [{ name: "grant.changed", org: input.org, data: dataOf(facts, after) }],
      reason: input.reason ?? undefined,
      status: 200,
      shows: { read: "grant", id: before.id },
    };
  },
});

/** What was passed on gives access to one resource, whoever changes it, and a link's ends with it. */
export function straysFromOne(
  facts: TreeFacts,
  before: GrantRow,
  after: StoredTerms,
): Refusal | null {
  if (after.scope !== before.scope)
    return refuse("invalid", "What was passed on is of this one resource.", "/scope");
  const link = before.via?.startsWith("lnk_") ? facts.row("links", { id: before.via }) : undefined;
  return link && (after.expiresAt ?? Infinity) > (link.expiresAt ?? Infinity)
    ? refuse("invalid", "What a link gave ends with the link.", "/expiresAt")
    : null;
}

export const removeGrant = define<OfGrant & { reason?: string | undefined }>({
  current: (input) => ({ read: "grant", id: input.grant }),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const refused = losesLastAdmin(facts, input.org, { grant: before.id });
    if (refused) return refused;
    return {
      ok: true,
      org: input.org,
      rows: [remove("grants", before)],
      events: [{ name: "grant.removed", org: input.org, data: dataOf(facts, before) }],
      reason: input.reason,
      status: 204,
      shows: null,
    };
  },
});
