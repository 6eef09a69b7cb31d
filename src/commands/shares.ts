import { DAY_MS } from "../access/index.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import { joinWith, type Joined } from "./collaborations.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { nameOfRole } from "./grants.ts";
import { newPerson } from "./members.ts";
import { insert, replace, type ShareRow } from "./record.ts";
import { tooManyReceivers } from "./receivers.ts";
import { shareDaysMax } from "./settings.ts";
import { actorName, needAdmin, notForOneself, type Actor } from "./standing.ts";
import {
  changeTerms,
  endText,
  keyOf,
  storeTerms,
  type SomeTerms,
  type TermsInput,
} from "./terms.ts";

export interface OfferShare extends TermsInput {
  org: number;
  to: { email: string; name: string } | { org: number };
}

const partnerOf = (share: ShareRow) => (share.toOrg === null ? {} : { partner: share.toOrg });
const personOf = (share: ShareRow) => (share.toUser === null ? {} : { person: share.toUser });
/** Who declined hears no more of it. */
const personWaiting = (share: ShareRow) => (share.status === "declined" ? {} : personOf(share));

/** What the events of a share say of it. */
export function shareData(facts: TreeFacts, share: ShareRow) {
  const to =
    share.toUser === null ? String(share.toOrg) : (facts.person(share.toUser)?.email ?? "");
  const { role, expiresAt } = share;
  return { share: share.id, to, role: nameOfRole(role), expiresAt: endText(expiresAt) };
}

/** When a share ends, in an org that bounds how long its shares live. */
function endOf(
  facts: TreeFacts,
  org: number,
  expiresAt: number | null,
  since: number,
): number | null | Refusal {
  const days = shareDaysMax(facts, org);
  if (days === null) return expiresAt;
  const last = since + days * DAY_MS;
  if (expiresAt === null) return last;
  return expiresAt <= last
    ? expiresAt
    : refuse("limit", `A share of this organisation lives at most ${days} days.`, "/expiresAt");
}

/** Offers access to a person or to an org; it gives nothing until it is accepted [R8, R15, R16]. */
export const offerShare = define<OfferShare>({
  needs: ({ org, to }) =>
    "email" in to ? { emails: [to.email] } : { org: to.org, between: [org, to.org] },
  run(facts, actor, input, stamp, given) {
    const refused = needAdmin(facts, actor, input.org, stamp.at);
    if (refused) return refused;
    const terms = storeTerms(facts.book, input, stamp.at, (ref) => keyOf(facts, input.org, ref));
    if ("ok" in terms) return terms;
    const ends = endOf(facts, input.org, terms.expiresAt, stamp.at);
    if (typeof ends === "object" && ends) return ends;
    const to = recipient();
    if ("ok" in to) return to;
    const joined = collaboration();
    if (joined && "ok" in joined) return joined;
    const share: ShareRow = {
      id: stamp.id("shr"),
      tree: stamp.tree,
      org: input.org,
      ...to,
      status: "pending",
      sentAt: stamp.at,
      acceptedAt: null,
      collaboration: joined?.id ?? null,
      ...terms,
      expiresAt: ends,
      createdBy: actorName(actor),
      createdAt: stamp.at,
    };
    const crowded = tooManyReceivers(facts, share, stamp.at);
    if (crowded) return crowded;
    const person =
      "email" in input.to && share.toUser !== null
        ? newPerson(facts, { user: share.toUser, email: input.to.email, name: input.to.name })
        : [];
    return {
      ok: true,
      org: input.org,
      rows: [...person, ...(joined?.rows ?? []), insert("shares", share)],
      events: [
        ...(joined?.events ?? []),
        {
          name: "share.offered",
          org: input.org,
          data: {
            ...shareData(facts, share),
            ...("email" in input.to ? { to: input.to.email } : {}),
          },
          ...partnerOf(share),
          ...personOf(share),
        },
      ],
      reason: input.reason ?? undefined,
      status: 201,
      shows: { read: "share", id: share.id },
    };

    /** What carries a share to another tree; the first one asks for it [R31]. */
    function collaboration(): Joined | Refusal | null {
      if (!("org" in input.to) || !given.org || given.org.tree === stamp.tree) return null;
      const found = joinWith(facts, actor, input.org, given.org, stamp, given);
      return found.stands || given.org.receives !== "collaborators"
        ? found
        : refuse(
            "invalid",
            "This organisation takes shares only from those with whom it collaborates; ask it to collaborate first.",
            "/to/org",
          );
    }

    function recipient(): Pick<ShareRow, "toUser" | "toOrg" | "toTree" | "toName"> | Refusal {
      if ("email" in input.to) {
        const user = given.users[input.to.email] ?? "";
        return (
          notForOneself(actor, user) ?? {
            toUser: user,
            toOrg: null,
            toTree: null,
            toName: input.to.name,
          }
        );
      }
      if (input.to.org === input.org)
        return refuse("invalid", "An organisation cannot share with itself.", "/to/org");
      return given.org
        ? { toUser: null, toOrg: given.org.id, toTree: given.org.tree, toName: null }
        : refuse("invalid", "There is no organisation of this number.", "/to/org");
    }
  },
});

interface OfShare {
  org: number;
  share: string;
}

function managed(
  facts: TreeFacts,
  actor: Actor,
  { org, share }: OfShare,
  stamp: Stamp,
): ShareRow | Refusal {
  const refused = needAdmin(facts, actor, org, stamp.at);
  if (refused) return refused;
  const row = facts.share(share);
  return row?.org === org && row.status !== "removed" ? row : NOT_FOUND;
}

export type ChangeShare = OfShare & SomeTerms & { to?: unknown };

/** Changes role, scope or end, with immediate effect; never the recipient [R14]. */
export const changeShare = define<ChangeShare>({
  current: (input) => ({ read: "share", id: input.share }),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    if (input.to !== undefined)
      return refuse("recipient_fixed", "The recipient of a share cannot be changed.", "/to");
    const keys = (ref: string) => keyOf(facts, input.org, ref);
    const terms = changeTerms(facts.book, before, input, stamp.at, keys);
    if ("ok" in terms) return terms;
    if (before.toUser !== null) {
      const refused = notForOneself(actor, before.toUser);
      if (refused) return refused;
    }
    const ends =
      terms.expiresAt === before.expiresAt
        ? before.expiresAt
        : endOf(facts, input.org, terms.expiresAt, before.createdAt);
    if (typeof ends === "object" && ends) return ends;
    const change = { ...terms, expiresAt: ends };
    const after = { ...before, ...change };
    const crowded = tooManyReceivers(facts, after, stamp.at);
    if (crowded) return crowded;
    return {
      ok: true,
      org: input.org,
      rows: [replace("shares", before, change)],
      events: [
        {
          name: "share.changed",
          org: input.org,
          data: shareData(facts, after),
          ...partnerOf(after),
          ...personWaiting(after),
        },
      ],
      reason: input.reason ?? undefined,
      status: 200,
      shows: { read: "share", id: before.id },
    };
  },
});

/** Tells its receiver of an offer again, while it waits for an answer. */
export const resendShare = define<OfShare>({
  needs: ({ share }) => ({ answer: share }),
  run(facts, actor, input, stamp, given) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    if (before.status !== "pending" || given.answer !== null)
      return refuse("conflict", "This share was answered already.");
    if (before.expiresAt !== null && before.expiresAt <= stamp.at)
      return refuse("conflict", "This share has ended.");
    return {
      ok: true,
      org: input.org,
      rows: [replace("shares", before, { sentAt: stamp.at })],
      events: [
        {
          name: "share.offered",
          org: input.org,
          data: shareData(facts, before),
          ...partnerOf(before),
          ...personOf(before),
        },
      ],
      status: 200,
      shows: { read: "share", id: before.id },
    };
  },
});

/** Ends a share at once and for good [R12]. */
export const removeShare = define<OfShare & { reason?: string | undefined }>({
  current: (input) => ({ read: "share", id: input.share }),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    return {
      ok: true,
      org: input.org,
      rows: [replace("shares", before, { status: "removed" })],
      events: [
        {
          name: "share.removed",
          org: input.org,
          data: shareData(facts, before),
          ...partnerOf(before),
          ...personWaiting(before),
        },
      ],
      reason: input.reason,
      status: 204,
      shows: null,
    };
  },
});
