import { collaborationStatus, type CollaborationStatus } from "../access/index.ts";
import type { Event } from "../events.ts";
import { NOT_FOUND, refuse } from "../refusals.ts";
import { define } from "./change.ts";
import type { Given, Stamp, TreeFacts } from "./facts.ts";
import { nameOfRole } from "./grants.ts";
import { insert, remove, replace, type CollaborationRow, type RowChange } from "./record.ts";
import { actorName, needAdmin, type Actor } from "./standing.ts";

/*
 * A collaboration has a half in each side's tree, and no edit writes both [R31]. What is ended by
 * one side is dead by that side's own rows alone, whatever the other's still say.
 */

/** A collaboration between two orgs, as one of them sees it. */
interface Link {
  readonly id: string;
  readonly own: CollaborationRow | undefined;
  readonly theirs: CollaborationRow | undefined;
  readonly status: CollaborationStatus;
}

/** Every collaboration of an org with another one: its own halves as they are now, theirs as given. */
function linksWith(facts: TreeFacts, given: Given, org: number, other: number): Link[] {
  const own = facts.rows("collaborations", { org, withOrg: other });
  const theirs = given.halves.filter((half) => half.org === other && half.withOrg === org);
  const ids = new Set([...own, ...theirs].map((half) => half.id));
  return [...ids].map((id) => {
    const here = own.find((half) => half.id === id);
    const there = theirs.find((half) => half.id === id);
    return {
      id,
      own: here,
      theirs: there,
      status: collaborationStatus(here?.status, there?.status),
    };
  });
}

type Partner = Pick<CollaborationRow, "withOrg" | "withTree">;

const newHalf = (
  actor: Actor,
  org: number,
  id: string,
  { withOrg, withTree }: Partner,
  status: CollaborationRow["status"],
  stamp: Stamp,
): RowChange =>
  insert("collaborations", {
    tree: stamp.tree,
    id,
    org,
    withOrg,
    withTree,
    status,
    by: actorName(actor),
    at: stamp.at,
  });

const eventOf = (name: Event["name"], org: number, id: string, other: number): Event => ({
  name,
  org,
  data: { collaboration: id, with: other },
  partner: other,
});

/** What makes an edit part of a collaboration: its id, and what had to be done for it. */
export interface Joined {
  readonly id: string;
  readonly stands: boolean;
  readonly made: "asked" | "accepted" | null;
  readonly rows: readonly RowChange[];
  readonly events: readonly Event[];
}

/**
 * The collaboration that carries what passes between two orgs: the one that stands; else the one
 * that the other side asked for, which is accepted by this; else the one asked for already; else a
 * new one.
 */
export function joinWith(
  facts: TreeFacts,
  actor: Actor,
  org: number,
  other: { id: number; tree: number },
  stamp: Stamp,
  given: Given,
): Joined {
  const links = linksWith(facts, given, org, other.id).filter((link) => link.status !== "ended");
  const standing = links.find((link) => link.status === "active");
  if (standing) return { id: standing.id, stands: true, made: null, rows: [], events: [] };
  const wished = links.find((link) => !link.own);
  if (wished) return { ...acceptLink(actor, org, wished.id, other, stamp), stands: true };
  const waiting = links[0];
  if (waiting) return { id: waiting.id, stands: false, made: null, rows: [], events: [] };
  const id = stamp.id("col");
  const partner = { withOrg: other.id, withTree: other.tree };
  return {
    id,
    stands: false,
    made: "asked",
    rows: [newHalf(actor, org, id, partner, "asked", stamp)],
    events: [eventOf("collaboration.asked", org, id, other.id)],
  };
}

/** The accepting half of a collaboration that the other side asked for. */
export const acceptLink = (
  actor: Actor,
  org: number,
  id: string,
  other: { id: number; tree: number },
  stamp: Stamp,
) => ({
  id,
  made: "accepted" as const,
  rows: [newHalf(actor, org, id, { withOrg: other.id, withTree: other.tree }, "accepted", stamp)],
  events: [eventOf("collaboration.accepted", org, id, other.id)],
});

export interface AskCollaboration {
  org: number;
  with: number;
}

/** Asks another org to collaborate, or agrees where that one asked already [R31]. */
export const askCollaboration = define<AskCollaboration>({
  needs: (input) => ({ org: input.with, between: [input.org, input.with] }),
  run(facts, actor, input, stamp, given) {
    const refused = needAdmin(facts, actor, input.org, stamp.at);
    if (refused) return refused;
    if (!given.org) return refuse("invalid", "There is no organisation of this number.", "/with");
    if (given.org.tree === stamp.tree)
      return refuse("invalid", "Within one tree no collaboration is needed.", "/with");
    const joined = joinWith(facts, actor, input.org, given.org, stamp, given);
    if (joined.made === null)
      return refuse(
        "conflict",
        joined.stands
          ? "You collaborate with this organisation already."
          : "This organisation has been asked already.",
        "/with",
      );
    return {
      ok: true,
      org: input.org,
      rows: joined.rows,
      events: joined.events,
      status: joined.made === "asked" ? 201 : 200,
      shows: { read: "collaboration", id: joined.id },
    };
  },
});

interface OfCollaboration {
  org: number;
  collaboration: string;
}

/** The collaboration of this id that the org is a side of, and the other side. */
function linkOf(facts: TreeFacts, given: Given, { org, collaboration }: OfCollaboration) {
  const own = facts.row("collaborations", { id: collaboration, org });
  const theirs = given.halves.find((half) => half.id === collaboration && half.withOrg === org);
  const other = own
    ? { id: own.withOrg, tree: own.withTree }
    : theirs && { id: theirs.org, tree: theirs.tree };
  if (!other) return undefined;
  return { own, other, status: collaborationStatus(own?.status, theirs?.status) };
}

const shown = (id: string) => ({ read: "collaboration", id }) as const;

/** Accepts what the other side asked for; from then on the collaboration stands [R31]. */
export const acceptCollaboration = define<OfCollaboration>({
  needs: ({ collaboration }) => ({ collaboration }),
  current: ({ collaboration }) => shown(collaboration),
  run(facts, actor, input, stamp, given) {
    const refused = needAdmin(facts, actor, input.org, stamp.at);
    if (refused) return refused;
    const link = linkOf(facts, given, input);
    if (!link) return NOT_FOUND;
    if (link.status === "ended")
      return refuse("conflict", "This collaboration has ended; a new one is needed.");
    if (link.own && link.status === "pending")
      return refuse("forbidden", "Only the organisation that was asked can accept.");
    const done = {
      ok: true,
      org: input.org,
      status: 200,
      shows: shown(input.collaboration),
    } as const;
    if (link.own) return { ...done, rows: [], events: [] };
    return { ...done, ...acceptLink(actor, input.org, input.collaboration, link.other, stamp) };
  },
});

/**
 * Withdraws, declines or ends: at either side's word, and at once. What the two shared ends with it:
 * the shares given by this side are removed, those it received declined. What the other side gave
 * and this one has not answered cannot be accepted any more [R31].
 */
export const endCollaboration = define<OfCollaboration & { reason?: string | undefined }>({
  needs: ({ collaboration }) => ({ collaboration }),
  current: ({ collaboration }) => shown(collaboration),
  run(facts, actor, input, stamp, given) {
    const { org } = input;
    const refused = needAdmin(facts, actor, org, stamp.at);
    if (refused) return refused;
    const named = linkOf(facts, given, input);
    if (!named) return NOT_FOUND;
    const { other } = named;
    // Two that were asked for at once are one to people: both end.
    const ending = linksWith(facts, given, org, other.id).filter(
      (link) =>
        link.own?.status !== "ended" &&
        (link.id === input.collaboration || named.status !== "ended") &&
        (link.id === input.collaboration || link.status !== "ended"),
    );
    const said = { by: actorName(actor), at: stamp.at };
    const halves = ending.map(({ id, own }) =>
      own
        ? replace("collaborations", own, { status: "ended", ...said })
        : newHalf(actor, org, id, { withOrg: other.id, withTree: other.tree }, "ended", stamp),
    );
    const collaboration = ending.map((link) => link.id);
    const gave = facts
      .rows("shares", { org, collaboration })
      .filter((share) => share.status !== "removed");
    const received = facts
      .rows("receipts", { org, collaboration })
      .filter((receipt) => receipt.status !== "declined");
    return {
      ok: true,
      org,
      rows: [
        ...halves,
        ...gave.map((share) => replace("shares", share, { status: "removed" })),
        ...received.map((row) => replace("receipts", row, { status: "declined", ...said })),
        ...received.flatMap(({ share }) =>
          facts.ruleRowsOn(share).map((rule) => remove("rules", rule)),
        ),
      ],
      events: [
        ...ending.map(({ id, own }) =>
          eventOf(own ? "collaboration.ended" : "collaboration.declined", org, id, other.id),
        ),
        ...gave.map((share): Event => ({
          name: "share.removed",
          org,
          data: { share: share.id, to: String(other.id), role: nameOfRole(share.role) },
          partner: other.id,
        })),
        ...received.map(({ share }): Event => ({
          name: "share.declined",
          org,
          data: { share, from: String(other.id) },
          partner: other.id,
        })),
      ],
      reason: input.reason,
      status: 204,
      shows: null,
    };
  },
});
