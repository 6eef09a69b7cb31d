import { DAY_MS } from "../access/index.ts";
import type { Event } from "../events.ts";
import { refuse } from "../refusals.ts";
import { define } from "./change.ts";
import type { Ending, TreeFacts } from "./facts.ts";
import { granteeText, nameOfRole } from "./grants.ts";
import { insert, replace } from "./record.ts";
import { treeSettings } from "./settings.ts";
import { shareData } from "./shares.ts";
import { endText } from "./terms.ts";

/*
 * The passing of time, announced. Access ends by the check's own clock [R21]; this only says so. One
 * watermark stands for all that was said: what lies between it and now is said in one edit, which
 * moves it on, so nothing is said twice and a restart loses nothing.
 */

const AT_ONCE = 200;

/** What is said of an end: that it has come, or so many days before. */
interface Due {
  readonly at: number;
  readonly of: Ending;
  readonly daysBefore: number;
}

const clockOf = (facts: TreeFacts): number =>
  facts.row("clocks", { tree: facts.tree, name: "expiry" })?.at ?? 0;

const offsetsOf = (facts: TreeFacts): readonly number[] => {
  const [root] = facts.subtree(facts.tree);
  return root ? [0, ...treeSettings(facts, root.id).reminderDays] : [0];
};

/** When something is to be said next; `null` when nothing ends. */
export function nextDue(facts: TreeFacts): number | null {
  const clock = clockOf(facts);
  const due = offsetsOf(facts).flatMap((days) => {
    const end = facts.nextEnd(clock + days * DAY_MS, days * DAY_MS);
    return end === null ? [] : [end - days * DAY_MS];
  });
  return due.length === 0 ? null : Math.min(...due);
}

/** Announces what has ended, and what ends soon, since it was last done. */
export const announceEnds = define<object>({
  run(facts, actor, _, stamp) {
    if (actor.kind !== "system") return refuse("forbidden", "Only Latchkey does this.");
    const clock = clockOf(facts);
    const due = offsetsOf(facts)
      .flatMap((daysBefore) =>
        facts
          .endings(clock + daysBefore * DAY_MS, stamp.at + daysBefore * DAY_MS, AT_ONCE + 1)
          .map((of): Due => ({ at: of.row.expiresAt - daysBefore * DAY_MS, of, daysBefore })),
      )
      .toSorted((a, b) => a.at - b.at);
    // What is due at one instant is said together, so that the watermark may stand there.
    const until = due.length > AT_ONCE ? (due[AT_ONCE - 1]?.at ?? stamp.at) : stamp.at;
    const said = due.filter(({ at, of }) => at <= until && at > of.row.createdAt);
    // Of one thing only the last is said: not that it ends soon, when it has ended.
    const last = new Map(said.map((one) => [one.of.row.id, one]));
    const events = [...last.values()].flatMap(
      ({ of, daysBefore }) => eventOf(facts, of, daysBefore) ?? [],
    );
    const before = facts.row("clocks", { tree: stamp.tree, name: "expiry" });
    const after = { tree: stamp.tree, name: "expiry", at: until } as const;
    return {
      ok: true,
      org: events[0]?.org ?? stamp.tree,
      rows: [before ? replace("clocks", before, after) : insert("clocks", after)],
      events,
      status: 200,
      shows: null,
    };
  },
});

function eventOf(facts: TreeFacts, ending: Ending, daysBefore: number): Event | null {
  const { table, row } = ending;
  // Of what was deleted or given back, no end is left to be told.
  if (!facts.org(row.org)) return null;
  const soon = daysBefore > 0;
  if (table === "shares") {
    if (row.status === "removed" || row.status === "declined") return null;
    return {
      name: soon ? "share.expiring" : "share.expired",
      org: row.org,
      data: shareData(facts, row),
      ...(row.toOrg === null ? {} : { partner: row.toOrg }),
      ...(row.toUser === null ? {} : { person: row.toUser }),
    };
  }
  const member = row.toKind === "member" ? facts.member(row.toId ?? "") : undefined;
  const about = {
    to: granteeText(facts, row),
    role: nameOfRole(row.role),
    expiresAt: endText(row.expiresAt),
  };
  const person = member ? { person: member.user } : {};
  return table === "grants"
    ? {
        name: soon ? "grant.expiring" : "grant.expired",
        org: row.org,
        data: { grant: row.id, ...about },
        ...person,
      }
    : {
        name: soon ? "rule.expiring" : "rule.expired",
        org: row.org,
        data: { rule: row.id, share: row.share, ...about },
        ...person,
      };
}
