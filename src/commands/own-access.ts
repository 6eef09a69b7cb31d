import { isOpenStill } from "../access/index.ts";
import { secondHalves } from "../access/index.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define, type Change } from "./change.ts";
import type { TreeFacts } from "./facts.ts";
import { endMembership, joinDefault } from "./members.ts";
import { remove, replace, type MemberRow, type ShareRow } from "./record.ts";
import { makerOf, type Actor } from "./standing.ts";

/*
 * What a person does about access of their own: accept, decline, leave. These are the only edits by
 * which somebody gains access for themselves [R9], and nobody else can make them.
 */

interface OwnAccess {
  /** The id of the membership or of the share. */
  access: string;
}

type Own = { kind: "member"; row: MemberRow } | { kind: "share"; row: ShareRow };

function own(facts: TreeFacts, actor: Actor, { access }: OwnAccess): Own | Refusal {
  if (actor.kind !== "user") return refuse("forbidden", "Only the person concerned can do this.");
  const within = ({ org }: { org: number }) =>
    actor.reach === null || facts.lineage(org).includes(actor.reach);
  const member = facts.member(access);
  if (member?.user === actor.user && within(member)) return { kind: "member", row: member };
  const share = facts.share(access);
  if (share?.toUser === actor.user && share.status !== "removed" && within(share))
    return { kind: "share", row: share };
  return NOT_FOUND;
}

const done = (org: number) => ({ ok: true, org, status: 200, shows: null }) as const;

/** The end of a share's waiting, or its own; who offered it is told. */
function settleShare(
  facts: TreeFacts,
  share: ShareRow,
  status: "active" | "declined" | "removed",
  at: number,
): Change {
  const event = {
    active: "share.accepted",
    declined: "share.declined",
    removed: "share.left",
  } as const;
  return {
    ...done(share.org),
    rows: [
      replace("shares", share, {
        status,
        ...(status === "active" ? { acceptedAt: at } : {}),
      }),
    ],
    events: [
      {
        name: event[status],
        org: share.org,
        data: { share: share.id },
        ...makerOf(facts, share.createdBy, share.org, at),
      },
    ],
  };
}

export const acceptAccess = define<OwnAccess>({
  personal: true,
  run(facts, actor, input, stamp) {
    const found = own(facts, actor, input);
    if ("ok" in found) return found;
    if (found.row.status === "active") return { ...done(found.row.org), rows: [], events: [] };
    const inviting = facts.org(found.row.org);
    if (!inviting || !isOpenStill(inviting, found.row.sentAt, stamp.at))
      return refuse("conflict", "This was open for some time only; ask for it to be sent again.");
    if (found.kind === "share")
      return found.row.status === "pending"
        ? settleShare(facts, found.row, "active", stamp.at)
        : refuse("conflict", "This was declined; a new share is needed.");
    const { row } = found;
    const email = facts.person(row.user)?.email ?? "";
    const active = { status: "active", acceptedAt: stamp.at } as const;
    const joined = joinDefault(facts, { ...row, ...active }, email, stamp);
    return {
      ...done(row.org),
      rows: [replace("members", row, active), ...joined.rows],
      events: [
        {
          name: "member.joined",
          org: row.org,
          data: { member: row.id, email },
          ...makerOf(facts, row.invitedBy, row.org, stamp.at),
        },
        ...joined.events,
      ],
    };
  },
});

export const declineAccess = define<OwnAccess>({
  personal: true,
  run(facts, actor, input, stamp) {
    const found = own(facts, actor, input);
    if ("ok" in found) return found;
    if (found.row.status === "active")
      return refuse("conflict", "This was accepted already; it can be left.");
    if (found.kind === "member") {
      const { org, invitedBy } = found.row;
      const change = endMembership(facts, found.row, "member.declined");
      if (!change.ok) return change;
      const maker = makerOf(facts, invitedBy, org, stamp.at);
      return {
        ...change,
        events: change.events.map((event) => ({ ...event, ...maker })),
        status: 200,
      };
    }
    return found.row.status === "declined"
      ? { ...done(found.row.org), rows: [], events: [] }
      : settleShare(facts, found.row, "declined", stamp.at);
  },
});

export const leaveAccess = define<OwnAccess>({
  personal: true,
  run(facts, actor, input, stamp) {
    const found = own(facts, actor, input);
    if ("ok" in found) return found;
    const change =
      found.kind === "share"
        ? settleShare(facts, found.row, "removed", stamp.at)
        : endMembership(facts, found.row, "member.left");
    return change.ok ? { ...change, status: 204 } : change;
  },
});

/** Gives up what the rules of a received share give to a person by name. */
export const leaveReceived = define<{ share: string }>({
  personal: true,
  run(facts, actor, input, stamp) {
    if (actor.kind !== "user") return refuse("forbidden", "Only the person concerned can do this.");
    const receipt = facts.receiptRow(input.share);
    if (receipt?.status !== "accepted") return NOT_FOUND;
    const members = facts.membershipsOf(actor.user).map((member) => member.id);
    const naming = facts
      .ruleRowsOn(input.share)
      .filter((rule) => rule.toKind === "member" && members.includes(rule.toId ?? ""));
    if (naming.length === 0)
      return secondHalves(facts, actor.user, facts.paths(actor.user), [input.share], stamp.at)
        .length === 0
        ? NOT_FOUND
        : refuse("conflict", "Your organisation gives you this; only its admins can take it away.");
    return {
      ...done(receipt.org),
      rows: naming.map((rule) => remove("rules", rule)),
      events: naming.map((rule) => ({
        name: "rule.removed",
        org: receipt.org,
        data: { rule: rule.id, share: rule.share, to: actor.email, role: rule.role },
      })),
      status: 204,
    };
  },
});
