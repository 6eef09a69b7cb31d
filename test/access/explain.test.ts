import fc from "fast-check";
import { expect, it } from "vitest";
import * as engine from "../../src/access/index.ts";
import { decide, explain, type Rows, World } from "../support/world.ts";
import { ACTIONS, NOW, worlds } from "./worlds.ts";

const seed = Number(process.env["SEED"] ?? 20261);
const numRuns = Number(process.env["RUNS"] ?? 1_500);

type Near = ReturnType<typeof explain>["near"][number];

/** The world in which the one thing that a near path lacks has been put right; null where that takes more. */
function mended(rows: Rows, user: string, { path, missing }: Near): Rows | null {
  const [{ step, obstacle } = { step: null, obstacle: "scope" }, ...more] = missing;
  if (more.length > 0 || path.steps.length > 1 || !step) return null;
  const { id } = step.from;
  switch (obstacle) {
    case "invited":
      return {
        ...rows,
        members: rows.members.map((one) =>
          one.user === user ? { ...one, status: "active" } : one,
        ),
      };
    case "unaccepted":
    case "declined":
    case "removed":
      return {
        ...rows,
        shares: rows.shares.map((one) => (one.id === id ? { ...one, status: "active" } : one)),
      };
    case "frozen":
      return { ...rows, freezes: [] };
    case "expired": {
      const endless = <T extends { id: string }>(one: T) =>
        one.id === id ? { ...one, expiresAt: null } : one;
      return { ...rows, grants: rows.grants.map(endless), shares: rows.shares.map(endless) };
    }
    default:
      return null;
  }
}

it(`what alone is missing, once put right, makes a yes (SEED=${seed})`, () => {
  const found: Record<string, number> = {};
  const property = fc.property(worlds, (rows) => {
    const world = new World(engine, rows);
    for (const action of ACTIONS)
      for (const { key } of rows.resources)
        for (const user of rows.users) {
          const asked = { user, action, resource: key, now: NOW };
          const { allowed, near } = explain(world, asked);
          expect(allowed).toBe(decide(world, asked));
          for (const one of near) {
            const after = mended(rows, user, one);
            if (!after) continue;
            const what = one.missing[0]?.obstacle ?? "";
            found[what] = (found[what] ?? 0) + 1;
            expect(decide(new World(engine, after), asked), what).toBe(true);
          }
        }
  });
  fc.assert(property, { seed, numRuns });
  for (const what of ["invited", "unaccepted", "declined", "removed", "frozen", "expired"])
    expect(found[what], what).toBeGreaterThan(5);
}, 120_000);
