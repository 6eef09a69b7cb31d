import {
  check,
  joinHalves,
  type FirstHalf,
  type Question,
  type SecondHalf,
} from "../access/index.ts";
import type { AccessMapRpc, Asking } from "../commands/rpc.ts";
import { logFault } from "../kit/log.ts";
import { accept, refuse, type Result } from "../refusals.ts";
import type { Slice } from "../store/slice.ts";

export interface Deciding {
  readonly slice: Slice;
  readonly revision: () => number;
  object(tree: number): AccessMapRpc;
  /** Hears of each yes; searches and explanations are no uses. */
  readonly used?: (user: string, org: number, now: number) => void;
}

/** A question that only other trees can still answer with yes. */
interface Open {
  readonly index: number;
  readonly question: Question;
  readonly halves: readonly FirstHalf[];
}

const TRIES = 4;

/**
 * Decides questions under an org, all at one instant. The tree's own paths come first; only where
 * none allows, and a share to an org could, its receiver is asked. If the tree changed meanwhile
 * it starts over, so that no answer mixes two moments.
 */
export async function decide(
  around: Deciding,
  org: number,
  questions: readonly Asking[],
): Promise<Result<{ decisions: readonly boolean[] }>> {
  for (let n = 0; n < TRIES; n++) {
    const revision = around.revision();
    const now = Date.now();
    const open: Open[] = [];
    const decisions = questions.map((asked, index) =>
      decideHere(around, org, asked, now, open, index),
    );
    if (open.length === 0) return accept({ decisions });
    const complete = await askReceivers(around, open, decisions, now);
    if (around.revision() !== revision) continue;
    for (const { index, question } of open)
      if (decisions[index]) around.used?.(question.user, question.resource.org, now);
    return complete
      ? accept({ decisions })
      : refuse("unavailable", "A partner's access could not be looked up.");
  }
  return refuse("unavailable", "The access changes too fast to be decided.");
}

function decideHere(
  { slice, used }: Deciding,
  org: number,
  asked: Asking,
  now: number,
  open: Open[],
  index: number,
): boolean {
  const question = questionOf(slice, org, asked, now);
  if (typeof question === "string") return false;
  if (check(slice.book, slice.paths(question.user), question)) {
    used?.(question.user, question.resource.org, now);
    return true;
  }
  const halves = slice.halves(question.user).filter((half) => check(slice.book, [half], question));
  if (halves.length > 0) open.push({ index, question, halves });
  return false;
}

/** What is asked, in the model's words; or what of it is not known under the org. */
export function questionOf(
  slice: Slice,
  org: number,
  asked: Asking,
  now: number,
): Question | "resource" | "person" {
  const { subject, action, resource } = asked;
  const row = slice.sought(resource.type, resource.id, org);
  if (!row) return "resource";
  const lineage = slice.lineage(row.org);
  if (!lineage.includes(org)) return "resource";
  const user = slice.meansUser(subject.type) ? slice.userOf(subject.id, lineage) : undefined;
  if (user === undefined) return "person";
  return {
    user,
    action,
    resource: {
      key: row.key,
      org: row.org,
      type: resource.type,
      tags: row.tagKeys === "[]" ? [] : (JSON.parse(row.tagKeys) as string[]),
      owner: row.owner,
    },
    lineage,
    now,
    holds: slice.holds({
      user,
      action,
      resource: { org: row.org, type: resource.type, id: resource.id },
      subjectType: subject.type,
      actionProperties: asked.actionProperties,
      asserted: resource.properties,
      context: asked.context,
    }),
  };
}

/** One call for each receiver, in parallel, until nothing is open any more. */
async function askReceivers(
  around: Deciding,
  open: readonly Open[],
  decisions: boolean[],
  now: number,
): Promise<boolean> {
  const calls = new Map<number, Map<string, Set<string>>>();
  for (const { question, halves } of open)
    for (const half of halves) {
      const tree = receiverTree(around.slice, half.share);
      const people = calls.get(tree) ?? new Map<string, Set<string>>();
      const shares = people.get(question.user) ?? new Set<string>();
      shares.add(half.share);
      calls.set(tree, people.set(question.user, shares));
    }
  let unreachable = false;
  let undecided = open.length;
  await new Promise<void>((resolve) => {
    let outstanding = calls.size;
    for (const [tree, people] of calls) {
      secondHalvesFrom(around.object(tree), people, now)
        .then((found) => {
          for (const one of open)
            if (
              !decisions[one.index] &&
              people.has(one.question.user) &&
              joins(around, one, found[one.question.user] ?? [])
            ) {
              decisions[one.index] = true;
              undecided -= 1;
            }
        })
        .catch((error: unknown) => {
          unreachable = true;
          logFault("receiver", error);
        })
        .finally(() => {
          outstanding -= 1;
          if (outstanding === 0 || undecided === 0) resolve();
        });
    }
  });
  return undecided === 0 || !unreachable;
}

/** A receiver's second halves by user, in one call however many users there are. */
export async function secondHalvesFrom(
  receiver: AccessMapRpc,
  people: ReadonlyMap<string, ReadonlySet<string>>,
  now: number,
): Promise<Readonly<Record<string, readonly SecondHalf[]>>> {
  const [first, ...others] = [...people].map(([user, shares]) => ({ user, shares: [...shares] }));
  if (!first) return {};
  return others.length === 0
    ? { [first.user]: await receiver.secondHalves(first.user, first.shares, now) }
    : receiver.secondHalvesOf([first, ...others], now);
}

const joins = (
  { slice }: Deciding,
  { question, halves }: Open,
  found: readonly SecondHalf[],
): boolean =>
  found.some((second) =>
    halves.some(
      (half) =>
        half.share === second.share && check(slice.book, [joinHalves(half, second)], question),
    ),
  );

export const receiverTree = (slice: Slice, share: string): number =>
  slice.share(share)?.toTree ?? slice.tree;
