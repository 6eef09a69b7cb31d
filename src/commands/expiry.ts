import { DAY_MS } from "../access/index.ts";
import type { Event } from "../events.ts";
import { refuse } from "../refusals.ts";
import { define, type Change } from "./change.ts";
import type { Ending, Stamp, TreeFacts } from "./facts.ts";
import { granteeText, nameOfRole } from "./grants.ts";
import { insert, replace } from "./record.ts";
import { treeSettings } from "./settings.ts";
import { shareData } from "./shares.ts";
import { endText } from "./terms.ts";

/*
 * The passing of time, announced. Access ends by the check's own clock [R21]; this only says so. One
 * watermark stands for all that was said: what lies between it and now is said in edits of bounded
 * size, each of which moves it on, so nothing is said twice and a restart loses nothing.
 */

const AT_ONCE = 200;

/** What is said of an end: that it has come, or so many days before. */
interface Due {
  readonly at: number;
  /** Orders what is due at one instant. */
  readonly key: string;
  readonly of: Ending;
  readonly daysBefore: number;
}

const clockOf = (facts: TreeFacts) => facts.row("clocks", { tree: facts.tree, name: "expiry" });

const offsetsOf = (facts: TreeFacts): readonly number[] => {
  const [root] = facts.subtree(facts.tree);
  return root ? [0, ...treeSettings(facts, root.id).reminderDays] : [0];
};

/**
 * When a tree's admins are next reminded to review who outside has access: at the start of a part
 * of the year (UTC), after the last reminder and the last review of the whole.
 */
function nextReview(facts: TreeFacts): number | null {
  const [root] = facts.subtree(facts.tree);
  const months = root ? treeSettings(facts, root.id).reviewMonths : null;
  if (!root || months === null) return null;
  const reviews = facts.rows("reviews", { org: root.id, team: null });
  const reminded = facts.row("clocks", { tree: facts.tree, name: "review" })?.at ?? root.createdAt;
  const since = new Date(Math.max(reminded, ...reviews.map(({ startedAt }) => startedAt)));
  const part = Math.floor(since.getUTCMonth() / months) + 1;
  return Date.UTC(since.getUTCFullYear(), part * months);
}

/** When something is to be said next; `null` when nothing ends. */
export function nextDue(facts: TreeFacts): number | null {
  const clock = clockOf(facts)?.at ?? 0;
  const due = offsetsOf(facts).flatMap((days) => {
    const end = facts.nextEnd(clock + days * DAY_MS, days * DAY_MS);
    return end === null ? [] : [end - days * DAY_MS];
  });
  const review = nextReview(facts);
  if (review !== null) due.push(review);
  return due.length === 0 ? null : Math.min(...due);
}

/** Announces what has ended, and what ends soon, since it was last done. */
export const announceEnds = define<object>({
  run(facts, actor, _, stamp) {
    if (actor.kind !== "system") return refuse("forbidden", "Only Latchkey does this.");
    const before = clockOf(facts);
    const clock = before?.at ?? 0;
    const lists = offsetsOf(facts).map((daysBefore) => {
      const shift = daysBefore * DAY_MS;
      const { found, until } = facts.endings(clock + shift, stamp.at + shift, AT_ONCE + 1);
      const list = found.map((of): Due => {
        const at = of.row.expiresAt - shift;
        return { at, key: `${of.row.org} ${of.row.id} ${daysBefore}`, of, daysBefore };
      });
      return { list, until: until - shift };
    });
    // What comes after the end of a list that was cut off is another edit's.
    const until = Math.min(...lists.map((one) => one.until));
    const all = lists
      .flatMap(({ list }) => list)
      .filter(({ at }) => at <= until)
      .toSorted((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
    // Of one thing only the last is said: not that it ends soon, when it has ended.
    const last = new Map(all.map((one) => [one.of.row.id, one]));
    const due = [...last.values()].filter(
      ({ at, key, of }) => at > of.row.createdAt && (at > clock + 1 || key > (before?.past ?? "")),
    );
    // One edit is of one org: each reads its own history.
    const other = due.findIndex(({ of }) => of.row.org !== due[0]?.of.row.org);
    const said = due.slice(0, other < 0 ? AT_ONCE : Math.min(AT_ONCE, other));
    const [end, next] = [said.at(-1), due[said.length]];
    const moved =
      !end || !next
        ? { at: until, past: null }
        : next.at > end.at
          ? { at: end.at, past: null }
          : { at: end.at - 1, past: end.key };
    const events = said.flatMap(({ of, daysBefore }) => eventOf(facts, of, daysBefore) ?? []);
    const after = { tree: stamp.tree, name: "expiry", ...moved } as const;
    // The reminder to review is the root's, so it is an edit of its own.
    const review = due.length === 0 ? reviewDue(facts, stamp) : null;
    return {
      ok: true,
      org: events[0]?.org ?? stamp.tree,
      rows: [
        before ? replace("clocks", before, after) : insert("clocks", after),
        ...(review?.rows ?? []),
      ],
      events: [...events, ...(review?.events ?? [])],
      status: 200,
      shows: null,
    };
  },
});

function reviewDue(facts: TreeFacts, { tree, at }: Stamp): Pick<Change, "rows" | "events"> | null {
  const due = nextReview(facts);
  if (due === null || due > at) return null;
  const name = "review" as const;
  const before = facts.row("clocks", { tree, name });
  const after = { tree, name, at, past: null };
  return {
    rows: [before ? replace("clocks", before, after) : insert("clocks", after)],
    events: [{ name: "review.due", org: tree, data: { name: facts.org(tree)?.name ?? "" } }],
  };
}

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
