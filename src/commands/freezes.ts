import type { Event } from "../events.ts";
import { refuse } from "../refusals.ts";
import { define } from "./change.ts";
import type { TreeFacts } from "./facts.ts";
import { insert, remove, type FreezeRow } from "./record.ts";
import { actorName, needAdmin } from "./standing.ts";

const FREEZES_MAX = 1_000;
/** So many partners hear of a freeze by themselves; it holds for all of them. */
const PARTNERS_TOLD_MAX = 5_000;

/** The `partner` of a freeze of everything. */
export const EVERYONE = 0;

interface OfFreeze {
  org: number;
  /** Only the shares to this org; without it, all of them, those to persons too. */
  partner?: number | undefined;
  reason?: string | null | undefined;
}

const shown = (partner: number) => ({ read: "freezes", id: String(partner) }) as const;

/** One event for the org itself, and one for each partner that has a share of its. */
function eventsOf(
  facts: TreeFacts,
  what: "frozen" | "thawed",
  { org, partner = EVERYONE }: OfFreeze,
): Event[] {
  const orgs = facts.subtree(org).map((below) => below.id);
  const named = partner === EVERYONE ? {} : { toOrg: partner };
  const shares = facts.rows("shares", { org: orgs, status: ["pending", "active"], ...named });
  const partners = [...new Set(shares.flatMap((share) => share.toOrg ?? []))];
  const from = facts.org(org)?.name ?? "";
  return [
    {
      name: `org.${what}`,
      org,
      data: { name: from, partner: partner === EVERYONE ? "everyone" : String(partner) },
    },
    ...partners.slice(0, PARTNERS_TOLD_MAX).map((to): Event => ({
      name: `share.${what}`,
      org,
      data: { from, to: String(to) },
      partner: to,
    })),
  ];
}

/**
 * Suspends the org's outgoing shares and those of every org below it, or those to one partner:
 * from the next check on they give nothing [R12, R33]. The shares themselves stay as they are.
 */
export const freezeShares = define<OfFreeze>({
  needs: ({ partner }) => (partner === undefined ? {} : { org: partner }),
  run(facts, actor, input, stamp, given) {
    const { org, partner = EVERYONE } = input;
    const refused = needAdmin(facts, actor, org, stamp.at);
    if (refused) return refused;
    const done = { ok: true, org, shows: shown(partner) } as const;
    if (facts.row("freezes", { org, partner }))
      return { ...done, rows: [], events: [], status: 200 };
    if (partner !== EVERYONE) {
      if (!given.org || partner === org)
        return refuse("invalid", "There is no such partner.", "/partner");
      if (facts.count("freezes") >= FREEZES_MAX)
        return refuse("limit", `A tree holds at most ${FREEZES_MAX} freezes.`, "/partner");
    }
    const reason = input.reason ?? null;
    const by = actorName(actor);
    const row: FreezeRow = { tree: stamp.tree, org, partner, reason, by, at: stamp.at };
    return {
      ...done,
      rows: [insert("freezes", row)],
      events: eventsOf(facts, "frozen", input),
      reason: reason ?? undefined,
      status: 201,
    };
  },
});

/** Takes a freeze back: what it suspended is as it was, but for what another freeze suspends. */
export const thawShares = define<OfFreeze>({
  run(facts, actor, input, stamp) {
    const { org, partner = EVERYONE } = input;
    const refused = needAdmin(facts, actor, org, stamp.at);
    if (refused) return refused;
    const before = facts.row("freezes", { org, partner });
    return {
      ok: true,
      org,
      rows: before ? [remove("freezes", before)] : [],
      events: before ? eventsOf(facts, "thawed", input) : [],
      reason: input.reason ?? undefined,
      status: 204,
      shows: null,
    };
  },
});
