import type { Event } from "../events.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define, type Change } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { nameOfRole, newGrant } from "./grants.ts";
import { insert, remove, replace, type MemberRow, type RowChange } from "./record.ts";
import {
  actorName,
  isPlatform,
  losesLastAdmin,
  needAdmin,
  notForOneself,
  SYSTEM,
  type Actor,
} from "./standing.ts";
import {
  endText,
  keyOf,
  storeTerms,
  type SomeTerms,
  type StoredTerms,
  type TermsInput,
} from "./terms.ts";

const MEMBERS_MAX = 100_000;

export interface Person {
  user: string;
  email: string;
  name: string;
}

/** The rows that make a person a member; the person's alias in the tree comes with the first. */
export function newMember(
  facts: TreeFacts,
  actor: Actor,
  org: number,
  person: Person,
  stamp: Stamp,
  status: MemberRow["status"],
  more: { externalId?: string | null; properties?: string | null } = {},
): { member: MemberRow; rows: RowChange[]; event: Event } {
  const member: MemberRow = {
    id: stamp.id("mem"),
    tree: stamp.tree,
    org,
    user: person.user,
    status,
    name: person.name,
    externalId: more.externalId ?? null,
    properties: more.properties ?? null,
    invitedBy: actorName(actor),
    invitedAt: stamp.at,
    sentAt: stamp.at,
    acceptedAt: status === "active" ? stamp.at : null,
  };
  return {
    member,
    rows: [...newPerson(facts, person), insert("members", member)],
    event: {
      name: status === "active" ? "member.joined" : "member.invited",
      org,
      data: { member: member.id, email: person.email, name: person.name },
      ...(status === "pending" ? { person: person.user } : {}),
    },
  };
}

/** Makes the person known to the tree, unless they are. */
export const newPerson = (facts: TreeFacts, { user, email, name }: Person): RowChange[] =>
  facts.person(user) ? [] : [insert("people", { tree: facts.tree, user, email, name })];

export const nameOf = (facts: TreeFacts, actor: { user: string; email: string }): string =>
  facts.person(actor.user)?.name ?? actor.email;

/** What the default org of a tree gives to everyone who joins without anything of their own [R23]. */
const DEFAULT_ROLES = ["standard.viewer", "workspace.viewer"] as const;

/**
 * Makes who joins the tree, with no grant that names them, a viewer of its default org: by the
 * membership with which they join where that reaches it, else by one there [R23].
 */
export function joinDefault(
  facts: TreeFacts,
  member: MemberRow,
  email: string,
  stamp: Stamp,
): Pick<Change, "rows" | "events"> {
  const nothing = { rows: [], events: [] };
  const [org] = facts.defaultOrgs();
  const others = facts.membershipsOf(member.user).filter((other) => other.status === "active");
  if (!org || [member, ...others].some(({ id }) => facts.grantsNaming(id).length > 0))
    return nothing;
  const reaches = facts.lineage(org.id).includes(member.org);
  const known = reaches ? member : facts.memberIn(org.id, member.user);
  // An invitation there has terms of its own, and is still to be accepted [R8].
  if (known?.status === "pending") return nothing;
  const person = { user: member.user, email, name: member.name };
  const made = known ? null : newMember(facts, SYSTEM, org.id, person, stamp, "active");
  const to = { kind: "member", id: (known ?? made?.member ?? member).id } as const;
  const grants = DEFAULT_ROLES.map((role) => {
    const terms = { role, scope: '{"all":true}', expiresAt: null, reason: null };
    return newGrant(SYSTEM, org.id, to, terms, stamp);
  });
  return {
    rows: [
      ...(made ? [insert("members", made.member)] : []),
      ...grants.map((grant) => insert("grants", grant)),
    ],
    events: [
      ...(made ? [made.event] : []),
      ...grants.map((grant): Event => ({
        name: "grant.added",
        org: org.id,
        data: { grant: grant.id, to: email, role: nameOfRole(grant.role) },
      })),
    ],
  };
}

/** Rows of an import may be accepted already, and may carry several grants. */
export interface InviteMember extends SomeTerms {
  org: number;
  name: string;
  email: string;
  externalId?: string | undefined;
  properties?: Record<string, unknown> | undefined;
  grants?: readonly TermsInput[] | undefined;
  status?: "pending" | "active" | undefined;
}

/** Invites a person [R8, R11]; the role and scope are their first grant. */
export const inviteMember = define<InviteMember>({
  needs: (input) => ({ emails: [input.email] }),
  run(facts, actor, input, stamp, given) {
    const user = given.users[input.email] ?? "";
    const refused =
      needAdmin(facts, actor, input.org, stamp.at) ??
      notForOneself(actor, user) ??
      impossible(facts, actor, input, user);
    if (refused) return refused;

    const first = input.role === undefined ? [] : [{ ...input, role: input.role }];
    const terms: StoredTerms[] = [];
    for (const wanted of [...first, ...(input.grants ?? [])]) {
      const stored = storeTerms(facts.book, wanted, stamp.at, (ref) =>
        keyOf(facts, input.org, ref),
      );
      if ("ok" in stored) return stored;
      terms.push(stored);
    }
    const { member, rows, event } = newMember(
      facts,
      actor,
      input.org,
      { user, email: input.email, name: input.name },
      stamp,
      input.status ?? "pending",
      {
        externalId: input.externalId ?? null,
        properties: input.properties ? JSON.stringify(input.properties) : null,
      },
    );
    const to = { kind: "member", id: member.id } as const;
    const joined =
      member.status === "active" && terms.length === 0
        ? joinDefault(facts, member, input.email, stamp)
        : { rows: [], events: [] };
    return {
      ok: true,
      org: input.org,
      rows: [
        ...rows,
        ...terms.map((one) => insert("grants", newGrant(actor, input.org, to, one, stamp))),
        ...joined.rows,
      ],
      events: [{ ...event, data: { ...event.data, ...offered(terms[0]) } }, ...joined.events],
      reason: input.reason ?? undefined,
      status: 201,
      shows: { read: "member", id: member.id },
    };
  },
});

function impossible(
  facts: TreeFacts,
  actor: Actor,
  input: InviteMember,
  user: string,
): Refusal | null {
  if (input.status === "active" && !isPlatform(actor))
    return refuse("forbidden", "Only the platform can say that a member has accepted.", "/status");
  if (facts.memberIn(input.org, user))
    return refuse("already_member", "This person is a member or has been invited.", "/email");
  if (input.role === undefined && input.scope !== undefined)
    return refuse("invalid", "A scope needs a role.", "/role");
  if (facts.count("members") >= MEMBERS_MAX)
    return refuse("limit", `A tree holds at most ${MEMBERS_MAX} members.`);
  return externalIdTaken(facts, input.externalId, user);
}

/** An external id means one person in the whole tree, and cannot be mistaken for an e-mail or id. */
function externalIdTaken(
  facts: TreeFacts,
  externalId: string | null | undefined,
  user: string,
): Refusal | null {
  if (externalId == null) return null;
  if (externalId.includes("@") || externalId.startsWith("usr_"))
    return refuse("invalid", "An external id looks like no e-mail or user id.", "/externalId");
  const other = facts.memberByExternalId(externalId);
  return other && other.user !== user
    ? refuse("conflict", "Another person has this external id.", "/externalId")
    : null;
}

interface OfMember {
  org: number;
  member: string;
}

/** The member, when the actor is an admin of their org. */
function managed(
  facts: TreeFacts,
  actor: Actor,
  { org, member }: OfMember,
  stamp: Stamp,
): MemberRow | Refusal {
  const refused = needAdmin(facts, actor, org, stamp.at);
  if (refused) return refused;
  const row = facts.member(member);
  return row?.org === org ? row : NOT_FOUND;
}

const dataOf = (facts: TreeFacts, member: MemberRow) => ({
  member: member.id,
  email: facts.person(member.user)?.email ?? "",
});

/** What an invitation offers, as its event says it. */
export const offered = (terms: { role: string; expiresAt: number | null } | undefined) =>
  terms ? { role: nameOfRole(terms.role), expiresAt: endText(terms.expiresAt) } : {};

export interface UpdateMember extends OfMember {
  name?: string | undefined;
  externalId?: string | null | undefined;
  properties?: Record<string, unknown> | null | undefined;
}

export const updateMember = define<UpdateMember>({
  current: (input) => ({ read: "member", id: input.member }),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const refused = externalIdTaken(facts, input.externalId, before.user);
    if (refused) return refused;
    // A stored property may decide over access: nobody states one about themselves [R9].
    const own = input.properties === undefined ? null : notForOneself(actor, before.user);
    if (own) return own;
    const row = replace("members", before, {
      name: input.name ?? before.name,
      ...(input.externalId === undefined ? {} : { externalId: input.externalId }),
      ...(input.properties === undefined
        ? {}
        : { properties: input.properties && JSON.stringify(input.properties) }),
    });
    return {
      ok: true,
      org: input.org,
      rows: [row],
      events: [{ name: "member.changed", org: input.org, data: dataOf(facts, before) }],
      status: 200,
      shows: { read: "member", id: before.id },
    };
  },
});

/** Sends an invitation again [R11]. */
export const resendInvitation = define<OfMember>({
  current: (input) => ({ read: "member", id: input.member }),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    if (before.status !== "pending") return refuse("conflict", "The member has accepted already.");
    return {
      ok: true,
      org: input.org,
      rows: [replace("members", before, { sentAt: stamp.at })],
      events: [
        {
          name: "member.invited",
          org: input.org,
          data: { ...dataOf(facts, before), ...offered(facts.grantsNaming(before.id)[0]) },
          person: before.user,
        },
      ],
      status: 200,
      shows: { read: "member", id: before.id },
    };
  },
});

export interface RemoveMember extends OfMember {
  reason?: string | undefined;
}

/** Removes a member with everything that names them, at once [R12]. */
export const removeMember = define<RemoveMember>({
  current: (input) => ({ read: "member", id: input.member }),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const change = endMembership(facts, before, "member.removed", input.reason);
    return change.ok
      ? { ...change, events: change.events.map((event) => ({ ...event, person: before.user })) }
      : change;
  },
});

/** The end of a membership: the member, their grants, their teams and the rules that name them. */
export function endMembership(
  facts: TreeFacts,
  member: MemberRow,
  event: "member.removed" | "member.left" | "member.declined",
  reason?: string,
): Change | Refusal {
  const grants = facts.grantsNaming(member.id);
  const teams = facts.teamRowsOf(member.id);
  const ofTeams = facts.rows("grants", { toKind: "team", toId: teams.map((row) => row.team) });
  const orgs = new Set([member.org, ...[...grants, ...ofTeams].map((grant) => grant.org)]);
  if (member.status === "active")
    for (const org of orgs) {
      const refused = losesLastAdmin(facts, org, { member: member.id });
      if (refused) return refused;
    }
  return {
    ok: true,
    org: member.org,
    rows: [
      ...facts.rulesNaming(member.id).map((rule) => remove("rules", rule)),
      ...grants.map((grant) => remove("grants", grant)),
      ...teams.map((row) => remove("teamMembers", row)),
      remove("members", member),
    ],
    events: [{ name: event, org: member.org, data: dataOf(facts, member) }],
    reason,
    status: 204,
    shows: null,
  };
}
