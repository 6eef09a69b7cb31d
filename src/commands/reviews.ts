import type { Event } from "../events.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define, type Change } from "./change.ts";
import { NOTHING_GIVEN, type Stamp, type TreeFacts } from "./facts.ts";
import { granteeText, nameOfRole, removeGrant } from "./grants.ts";
import { deleteLink } from "./links.ts";
import { removeRule } from "./received.ts";
import { insert, replace, type ReviewItemRow, type ReviewRow } from "./record.ts";
import { removeShare } from "./shares.ts";
import { actorName, needAdmin, type Actor } from "./standing.ts";
import { leaveTeam } from "./teams.ts";

/*
 * An access review: an admin walks all that people outside hold of an org and of those below it, or
 * all that a team holds, and keeps or ends each. What there was is written down when the review
 * starts, what was decided when it is decided: the review is the record of it.
 */

const ITEMS_MAX = 1_000;
const OPEN_MAX = 100;

export interface StartReview {
  org: number;
  of: "outside" | { team: string };
}

type Found = Pick<ReviewItemRow, "org" | "kind" | "item" | "to" | "role">;

/** What those outside hold: shares, and links that anybody of the tree may open. */
function outside(facts: TreeFacts, org: number): Found[] {
  const orgs = facts.subtree(org).map((below) => below.id);
  const shares = facts.rows("shares", { org: orgs, status: ["pending", "active"] }, ITEMS_MAX + 1);
  const links = facts.rows("links", { org: orgs }, ITEMS_MAX + 1);
  return [
    ...shares.map((share): Found => ({
      org: share.org,
      kind: "share",
      item: share.id,
      to: share.toUser === null ? String(share.toOrg) : (facts.person(share.toUser)?.email ?? ""),
      role: nameOfRole(share.role),
    })),
    ...links.map((link): Found => {
      const resource = facts.row("resources", { tree: link.tree, key: link.key });
      const to = resource ? `${resource.type}:${resource.id}` : "";
      return { org: link.org, kind: "link", item: link.id, to, role: null };
    }),
  ];
}

/** What a team holds, here and in the orgs below, and who is in it. */
function ofTeam(facts: TreeFacts, org: number, team: string): Found[] {
  const naming = { toKind: "team", toId: team } as const;
  const given = (kind: "grant" | "rule") =>
    facts.rows(kind === "grant" ? "grants" : "rules", naming, ITEMS_MAX + 1).map((row): Found => ({
      org: row.org,
      kind,
      item: row.id,
      to: granteeText(facts, row),
      role: nameOfRole(row.role),
    }));
  const members = facts.rows("teamMembers", { team }, ITEMS_MAX + 1).map((row): Found => {
    const member = facts.member(row.member);
    const to = (member && facts.person(member.user)?.email) ?? "";
    return { org, kind: "membership", item: row.member, to, role: null };
  });
  return [...given("grant"), ...given("rule"), ...members];
}

/** Writes down what there is to review; an access made later is the next review's. */
export const startReview = define<StartReview>({
  run(facts, actor, { org, of }, stamp) {
    const refused = needAdmin(facts, actor, org, stamp.at);
    if (refused) return refused;
    const team = of === "outside" ? null : of.team;
    if (team !== null && facts.team(team)?.org !== org)
      return refuse("invalid", "There is no such team here.", "/of/team");
    const open = facts.rows("reviews", { org, closedAt: null });
    if (open.some((row) => row.team === team))
      return refuse("conflict", "Such a review is open already.");
    if (open.length >= OPEN_MAX)
      return refuse("limit", `An organisation has at most ${OPEN_MAX} open reviews.`);
    const found = team === null ? outside(facts, org) : ofTeam(facts, org, team);
    if (found.length > ITEMS_MAX)
      return refuse(
        "limit",
        `A review holds at most ${ITEMS_MAX} accesses; review the sub-workspaces one by one.`,
      );
    const review: ReviewRow = {
      id: stamp.id("rvw"),
      tree: stamp.tree,
      org,
      team,
      startedBy: actorName(actor),
      startedAt: stamp.at,
      closedBy: null,
      closedAt: null,
    };
    const item = (one: Found): ReviewItemRow => ({
      tree: stamp.tree,
      review: review.id,
      ...one,
      decision: null,
      reason: null,
      decidedBy: null,
      decidedAt: null,
      askedAt: null,
    });
    return {
      ok: true,
      org,
      rows: [insert("reviews", review), ...found.map((one) => insert("reviewItems", item(one)))],
      events: [eventOf("review.started", review, { items: String(found.length) })],
      status: 201,
      shows: { read: "review", id: review.id },
    };
  },
});

const eventOf = (name: Event["name"], review: ReviewRow, data: Event["data"]): Event => ({
  name,
  org: review.org,
  data: { review: review.id, ...data },
});

interface OfReview {
  org: number;
  review: string;
}
interface OfItem extends OfReview {
  item: string;
}

function opened(
  facts: TreeFacts,
  actor: Actor,
  { org, review }: OfReview,
  stamp: Stamp,
): ReviewRow | Refusal {
  const refused = needAdmin(facts, actor, org, stamp.at);
  if (refused) return refused;
  const row = facts.row("reviews", { id: review });
  if (row?.org !== org) return NOT_FOUND;
  return row.closedAt === null ? row : refuse("conflict", "This review is closed.");
}

export interface DecideReview extends OfItem {
  decision: "keep" | "end";
  reason?: string | undefined;
}

/** Keeps an access or ends it, in the edit that also writes down who decided so, and why. */
export const decideReview = define<DecideReview>({
  current: ({ review }) => ({ read: "review", id: review }),
  run(facts, actor, input, stamp) {
    const review = opened(facts, actor, input, stamp);
    if ("ok" in review) return review;
    const before = facts.row("reviewItems", { review: review.id, item: input.item });
    if (!before) return NOT_FOUND;
    if (before.decision === "end") return refuse("conflict", "This access was ended already.");
    const ended =
      input.decision === "end" ? endingOf(facts, actor, review, before, input, stamp) : null;
    // What is gone already needs no end; all else that stands in its way stands in the decision's.
    if (ended && !ended.ok && ended.code !== "not_found") return ended;
    const { to, kind } = before;
    return {
      ok: true,
      org: review.org,
      rows: [
        ...(ended?.ok ? ended.rows : []),
        replace("reviewItems", before, {
          decision: input.decision,
          reason: input.reason ?? null,
          decidedBy: actorName(actor),
          decidedAt: stamp.at,
        }),
      ],
      events: [
        ...(ended?.ok ? ended.events : []),
        eventOf(input.decision === "end" ? "review.ended" : "review.kept", review, { kind, to }),
      ],
      reason: input.reason,
      status: 200,
      shows: { read: "review", id: review.id },
    };
  },
});

/** The edit that ends an access: the very one that would end it without a review. */
function endingOf(
  facts: TreeFacts,
  actor: Actor,
  { team }: ReviewRow,
  { kind, item, org }: ReviewItemRow,
  { reason }: DecideReview,
  stamp: Stamp,
): Change | Refusal {
  switch (kind) {
    case "share":
      return removeShare.run(facts, actor, { org, share: item, reason }, stamp, NOTHING_GIVEN);
    case "grant":
      return removeGrant.run(facts, actor, { org, grant: item, reason }, stamp, NOTHING_GIVEN);
    case "rule": {
      const share = facts.rule(item)?.share ?? "";
      const rule = { org, share, rule: item, reason };
      return removeRule.run(facts, actor, rule, stamp, NOTHING_GIVEN);
    }
    case "membership": {
      const left = { org, team: team ?? "", member: item };
      return leaveTeam.run(facts, actor, left, stamp, NOTHING_GIVEN);
    }
    case "link": {
      const link = facts.row("links", { id: item });
      const row = link && facts.row("resources", { tree: link.tree, key: link.key });
      if (!row) return NOT_FOUND;
      const { type, id } = row;
      return deleteLink.run(facts, actor, { org, type, id, link: item }, stamp, NOTHING_GIVEN);
    }
  }
}

/** Asks the receiver of a share whether it still needs it. */
export const askReview = define<OfItem>({
  current: ({ review }) => ({ read: "review", id: review }),
  run(facts, actor, input, stamp) {
    const review = opened(facts, actor, input, stamp);
    if ("ok" in review) return review;
    const before = facts.row("reviewItems", { review: review.id, item: input.item });
    const share = before && facts.share(before.item);
    if (!before) return NOT_FOUND;
    if (!share || share.toOrg === null || share.status === "removed")
      return refuse("invalid", "Only an organisation that holds a share can be asked about it.");
    return {
      ok: true,
      org: review.org,
      rows: [replace("reviewItems", before, { askedAt: stamp.at })],
      events: [
        {
          name: "share.reviewAsked",
          org: share.org,
          data: { share: share.id, to: before.to, role: before.role ?? "" },
          partner: share.toOrg,
        },
      ],
      status: 200,
      shows: { read: "review", id: review.id },
    };
  },
});

/** Closes a review: what was not decided stands in it as such, and stays as it was. */
export const closeReview = define<OfReview>({
  current: ({ review }) => ({ read: "review", id: review }),
  run(facts, actor, input, stamp) {
    const review = opened(facts, actor, input, stamp);
    if ("ok" in review) return review;
    const items = facts.rows("reviewItems", { review: review.id });
    const count = (decision: ReviewItemRow["decision"]) =>
      String(items.filter((item) => item.decision === decision).length);
    return {
      ok: true,
      org: review.org,
      rows: [replace("reviews", review, { closedBy: actorName(actor), closedAt: stamp.at })],
      events: [
        eventOf("review.closed", review, {
          kept: count("keep"),
          ended: count("end"),
          left: count(null),
        }),
      ],
      status: 200,
      shows: { read: "review", id: review.id },
    };
  },
});
