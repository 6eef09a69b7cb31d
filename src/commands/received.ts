import { parseRole, RoleBook, settingsOf } from "../access/index.ts";
import type { Event } from "../events.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { acceptLink } from "./collaborations.ts";
import { define } from "./change.ts";
import type { Given, Needs, Offer, Stamp, TreeFacts } from "./facts.ts";
import {
  granteeText,
  nameOfRole,
  personReached,
  readGrantee,
  type GranteeInput,
} from "./grants.ts";
import { insert, remove, replace, type ReceiptRow, type RuleRow } from "./record.ts";
import { actorName, needAdmin, notForOneself, type Actor } from "./standing.ts";
import {
  changeTerms,
  endText,
  storeTerms,
  widens,
  type ScopeInput,
  type SomeTerms,
  type StoredTerms,
  type TermsInput,
} from "./terms.ts";

interface OfOffer {
  org: number;
  share: string;
}

/** The offer, when it is one to this org, still stands, and the actor is an admin here. */
function offered(
  facts: TreeFacts,
  actor: Actor,
  { org }: OfOffer,
  stamp: Stamp,
  given: Given,
): Offer | Refusal {
  const refused = needAdmin(facts, actor, org, stamp.at);
  if (refused) return refused;
  const { offer } = given;
  return offer?.toOrg === org && offer.status !== "removed" ? offer : NOT_FOUND;
}

const eventOf = (name: Event["name"], org: number, offer: Offer): Event => ({
  name,
  org,
  data: { share: offer.share, from: offer.orgName },
  partner: offer.org,
});

const newRule = (
  actor: Actor,
  org: number,
  share: string,
  to: Pick<RuleRow, "toKind" | "toId">,
  terms: StoredTerms,
  stamp: Stamp,
): RuleRow => ({
  id: stamp.id("rul"),
  tree: stamp.tree,
  org,
  share,
  ...to,
  ...terms,
  createdBy: actorName(actor),
  createdAt: stamp.at,
});

const receivedNeeds = ({ share }: OfOffer): Needs => ({ offer: { share, refs: [] } });
const receivedShown = (share: string) => ({ read: "receivedShare", id: share }) as const;

/** Accepts a share: lets in the receiving org's admins, and nobody else [R16]. */
export const acceptShare = define<OfOffer>({
  needs: receivedNeeds,
  current: ({ share }) => receivedShown(share),
  run(facts, actor, input, stamp, given) {
    const offer = offered(facts, actor, input, stamp, given);
    if ("ok" in offer) return offer;
    const receipt = facts.receiptRow(input.share);
    const done = {
      ok: true,
      org: input.org,
      status: 200,
      shows: receivedShown(input.share),
    } as const;
    if (receipt?.status === "accepted") return { ...done, rows: [], events: [] };
    if (receipt) return refuse("conflict", "This share was declined; a new one is needed.");
    if (offer.expiresAt !== null && offer.expiresAt <= stamp.at)
      return refuse("conflict", "This share has ended.");
    if (offer.openUntil !== undefined && offer.openUntil <= stamp.at)
      return refuse(
        "conflict",
        "This offer was open for some time only; ask for it to be sent again.",
      );
    const joined = joinOffer(facts, actor, offer, input.org, stamp);
    if (joined && "ok" in joined) return joined;
    const row: ReceiptRow = {
      tree: stamp.tree,
      share: input.share,
      org: input.org,
      ownerTree: offer.tree,
      ownerOrg: offer.org,
      collaboration: offer.collaboration,
      status: "accepted",
      by: actorName(actor),
      at: stamp.at,
      confirmedAt: null,
      confirmedBy: null,
    };
    const terms = { role: offer.role, scope: '{"all":true}', expiresAt: null, reason: null };
    const admins = { toKind: "admins", toId: null } as const;
    const rule = newRule(actor, input.org, input.share, admins, terms, stamp);
    return {
      ...done,
      rows: [...(joined?.rows ?? []), insert("receipts", row), insert("rules", rule)],
      events: [...(joined?.events ?? []), eventOf("share.accepted", input.org, offer)],
    };
  },
});

/**
 * Takes an offer by itself where the org's admins set that up: up to a role, from whom it
 * collaborates with [R16, R31]. All else waits for a person.
 */
export const hearShare = define<OfOffer>({
  needs: receivedNeeds,
  run(facts, actor, input, stamp, given) {
    if (actor.kind !== "system") return NOT_FOUND;
    const offer = offered(facts, actor, input, stamp, given);
    if ("ok" in offer) return offer;
    return takenAlone(facts, offer, input.org)
      ? acceptShare.run(facts, actor, input, stamp, given)
      : { ok: true, org: input.org, rows: [], events: [], status: 200, shows: null };
  },
});

function takenAlone(facts: TreeFacts, offer: Offer, org: number): boolean {
  const row = facts.org(org);
  const upTo = row ? settingsOf(row).autoAccept : null;
  if (upTo === null || offer.collaboration === null) return false;
  // The owner carries no offer by a collaboration without a half of its own: with ours, it stands.
  const half = facts.row("collaborations", { id: offer.collaboration, org });
  if (!half || half.status === "ended") return false;
  const book = bookOf(offer);
  return book.atMost(parseRole(offer.role), parseRole(upTo));
}

/** Who accepts a share accepts the collaboration asked for along with it [R31]. */
function joinOffer(
  facts: TreeFacts,
  actor: Actor,
  { org: id, tree, collaboration }: Offer,
  org: number,
  stamp: Stamp,
) {
  if (collaboration === null) return null;
  const half = facts.row("collaborations", { id: collaboration, org });
  if (!half) return acceptLink(actor, org, collaboration, { id, tree }, stamp);
  return half.status === "ended"
    ? refuse("conflict", "The collaboration that carried this share has ended.")
    : null;
}

/** Declines a share, or gives an accepted one back; its rules end with it [R19]. */
export const declineShare = define<OfOffer>({
  needs: receivedNeeds,
  current: ({ share }) => receivedShown(share),
  run(facts, actor, input, stamp, given) {
    const offer = offered(facts, actor, input, stamp, given);
    if ("ok" in offer) return offer;
    const before = facts.receiptRow(input.share);
    const done = {
      ok: true,
      org: input.org,
      status: 200,
      shows: receivedShown(input.share),
    } as const;
    if (before?.status === "declined") return { ...done, rows: [], events: [] };
    const change = { status: "declined", by: actorName(actor), at: stamp.at } as const;
    const row = before
      ? replace("receipts", before, change)
      : insert("receipts", {
          tree: stamp.tree,
          share: input.share,
          org: input.org,
          ownerTree: offer.tree,
          ownerOrg: offer.org,
          collaboration: offer.collaboration,
          confirmedAt: null,
          confirmedBy: null,
          ...change,
        });
    return {
      ...done,
      rows: [row, ...facts.ruleRowsOn(input.share).map((rule) => remove("rules", rule))],
      events: [eventOf("share.declined", input.org, offer)],
    };
  },
});

/** Whom a rule may name, in a request. */
/** Says, perhaps because its owner asked, that the org still needs a share. */
export const confirmShare = define<OfOffer>({
  needs: receivedNeeds,
  run(facts, actor, input, stamp, given) {
    const offer = offered(facts, actor, input, stamp, given);
    if ("ok" in offer) return offer;
    const before = facts.receiptRow(input.share);
    if (before?.status !== "accepted")
      return refuse("not_accepted", "The share must be accepted first.");
    const confirmed = { confirmedAt: stamp.at, confirmedBy: actorName(actor) };
    return {
      ok: true,
      org: input.org,
      rows: [replace("receipts", before, confirmed)],
      events: [eventOf("share.confirmed", input.org, offer)],
      status: 200,
      shows: receivedShown(input.share),
    };
  },
});

export type RuleGranteeInput = GranteeInput | "admins";

export interface AddRule extends OfOffer, TermsInput {
  to: RuleGranteeInput;
}

const refsOf = (scope: ScopeInput | undefined): readonly string[] =>
  scope && "resources" in scope ? scope.resources : [];

/** A rule uses its share's role set, as the owner's tree defines it. */
const bookOf = ({ roleSet }: Offer): RoleBook => new RoleBook(roleSet ? [roleSet] : []);

/** A rule's role may not be above the share's [R17]. */
const aboveShare = (role: string, offer: Offer): Refusal | null =>
  bookOf(offer).atMost(parseRole(role), parseRole(offer.role))
    ? null
    : refuse(
        "role_above_share",
        `The share goes no further than ${nameOfRole(offer.role)}.`,
        "/role",
      );

const ruleData = (facts: TreeFacts, rule: RuleRow, owner?: string) => ({
  rule: rule.id,
  share: rule.share,
  to: granteeText(facts, rule),
  role: nameOfRole(rule.role),
  expiresAt: endText(rule.expiresAt),
  ...(owner === undefined ? {} : { owner }),
});

/** Lets people of the receiving org use an accepted share [R17–R20]. */
export const addRule = define<AddRule>({
  needs: ({ share, scope }) => ({ offer: { share, refs: refsOf(scope) } }),
  run(facts, actor, input, stamp, given) {
    const offer = offered(facts, actor, input, stamp, given);
    if ("ok" in offer) return offer;
    if (facts.receiptRow(input.share)?.status !== "accepted")
      return refuse("not_accepted", "The share must be accepted first.");
    const to =
      input.to === "admins"
        ? { kind: "admins" as const }
        : readGrantee(facts, actor, input.org, input.to);
    if ("ok" in to) return to;
    const keys = (ref: string) => offer.keys[ref] ?? null;
    const terms = storeTerms(bookOf(offer), input, stamp.at, keys, parseRole(offer.role).set);
    if ("ok" in terms) return terms;
    const refused = aboveShare(terms.role, offer);
    if (refused) return refused;
    const named = { toKind: to.kind, toId: "id" in to ? to.id : null };
    const rule = newRule(actor, input.org, input.share, named, terms, stamp);
    return {
      ok: true,
      org: input.org,
      rows: [insert("rules", rule)],
      events: [
        {
          name: "rule.added",
          org: input.org,
          data: ruleData(facts, rule, offer.orgName),
          partner: offer.org,
          ...personReached(facts, rule),
        },
      ],
      reason: input.reason ?? undefined,
      status: 201,
      shows: { read: "rule", id: rule.id },
    };
  },
});

interface OfRule extends OfOffer {
  rule: string;
}

function managedRule(
  facts: TreeFacts,
  actor: Actor,
  input: OfRule,
  stamp: Stamp,
): RuleRow | Refusal {
  const refused = needAdmin(facts, actor, input.org, stamp.at);
  if (refused) return refused;
  const row = facts.rule(input.rule);
  return row?.org === input.org && row.share === input.share ? row : NOT_FOUND;
}

export type ChangeRule = OfRule & SomeTerms;

export const changeRule = define<ChangeRule>({
  needs: ({ share, scope }) => ({ offer: { share, refs: refsOf(scope) } }),
  current: (input) => ({ read: "rule", id: input.rule }),
  run(facts, actor, input, stamp, given) {
    const before = managedRule(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const offer = offered(facts, actor, input, stamp, given);
    if ("ok" in offer) return offer;
    const keys = (ref: string) => offer.keys[ref] ?? null;
    const terms = changeTerms(bookOf(offer), before, input, stamp.at, keys);
    if ("ok" in terms) return terms;
    const member = before.toKind === "member" ? facts.member(before.toId ?? "") : undefined;
    const refused =
      (input.role === undefined ? null : aboveShare(terms.role, offer)) ??
      (member && widens(bookOf(offer), before, terms) ? notForOneself(actor, member.user) : null);
    if (refused) return refused;
    const data = ruleData(facts, { ...before, ...terms }, offer.orgName);
    return {
      ok: true,
      org: input.org,
      rows: [replace("rules", before, terms)],
      events: [
        {
          name: "rule.changed",
          org: input.org,
          data,
          partner: offer.org,
          ...personReached(facts, before),
        },
      ],
      reason: input.reason ?? undefined,
      status: 200,
      shows: { read: "rule", id: before.id },
    };
  },
});

export const removeRule = define<OfRule & { reason?: string | undefined }>({
  current: (input) => ({ read: "rule", id: input.rule }),
  run(facts, actor, input, stamp) {
    const before = managedRule(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const receipt = facts.receiptRow(before.share);
    return {
      ok: true,
      org: input.org,
      rows: [remove("rules", before)],
      events: [
        {
          name: "rule.removed",
          org: input.org,
          data: ruleData(facts, before),
          ...(receipt ? { partner: receipt.ownerOrg } : {}),
          ...personReached(facts, before),
        },
      ],
      reason: input.reason,
      status: 204,
      shows: null,
    };
  },
});
