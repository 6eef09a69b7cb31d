import type { Explanation } from "../../src/access/index.ts";
import { decide, explain, type Engine, type Rows, what, who, World } from "../support/world.ts";
import { everythingAllowed, triple } from "./reference.ts";
import { ACTIONS, NOW } from "./worlds.ts";

/** What a run has met, so that a run that met nothing cannot pass for a proof. */
export interface Tally {
  worlds: number;
  questions: number;
  allowed: number;
  /** Allowed only by a path of which two trees know half each. */
  acrossTrees: number;
  /** How often each obstacle alone stood between a path and a yes. */
  alone: Partial<Record<Explanation["near"][number]["missing"][number]["obstacle"], number>>;
  /** Yes, by each kind of fact. */
  by: Record<"grant" | "share" | "rule" | "owner", number>;
}

export const newTally = (): Tally => ({
  worlds: 0,
  questions: 0,
  allowed: 0,
  acrossTrees: 0,
  alone: {},
  by: { grant: 0, share: 0, rule: 0, owner: 0 },
});

/**
 * Puts every question to the engine and to the reference; the first on which they, or the engine's
 * own four answers (check, explain, list resources, list users), do not agree. `null` when none.
 */
export function disagreement(engine: Engine, rows: Rows, tally = newTally()): string | null {
  const world = new World(engine, rows);
  const reference = everythingAllowed(rows, NOW);
  tally.worlds += 1;
  for (const action of ACTIONS) {
    const listed = new Map(
      rows.users.map((user) => [user, new Set(what(world, user, action, NOW))]),
    );
    for (const { key } of rows.resources) {
      const users = new Set(who(world, action, key, NOW));
      for (const user of rows.users) {
        const asked = { user, action, resource: key, now: NOW };
        const explained = explain(world, asked);
        const answers = {
          reference: reference.has(triple(user, action, key)),
          check: decide(world, asked),
          explain: explained.allowed,
          listUsers: users.has(user),
          listResources: listed.get(user)?.has(key) ?? false,
        };
        if (explained.near.some(({ missing }) => missing.length === 0))
          return `${user} ${action} ${key}: a near path lacks nothing`;
        if (new Set(Object.values(answers)).size > 1)
          return `${user} ${action} ${key}: ${JSON.stringify(answers)}`;
        note(tally, explained, (share) => crosses(world, rows, share));
      }
    }
  }
  return null;
}

/** Do the two sides of a share to an org lie in different trees? */
function crosses(world: World, rows: Rows, id: string): boolean {
  const share = rows.shares.find((one) => one.id === id);
  if (!share || "user" in share.to) return false;
  return world.treeOf(share.org) !== world.treeOf(share.to.org);
}

function note(
  tally: Tally,
  { allowed, by, near }: ReturnType<typeof explain>,
  crossing: (share: string) => boolean,
): void {
  tally.questions += 1;
  if (allowed) tally.allowed += 1;
  const foreign = ({ steps: [first, second] }: (typeof by)[number]) =>
    second !== undefined && first !== undefined && crossing(first.from.id);
  if (allowed && by.every(foreign)) tally.acrossTrees += 1;
  const kinds = by.flatMap((path) => path.steps.at(-1)?.from.kind ?? []);
  for (const kind of new Set(kinds)) tally.by[kind] += 1;
  for (const { missing } of near) {
    const [only, ...more] = missing;
    if (only && more.length === 0)
      tally.alone[only.obstacle] = (tally.alone[only.obstacle] ?? 0) + 1;
  }
}
