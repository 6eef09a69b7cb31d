import fc from "fast-check";
import { expect, it } from "vitest";
import * as engine from "../../src/access/index.ts";
import { disagreement, newTally } from "./oracle.ts";
import { worlds } from "./worlds.ts";

// Another run: SEED=… RUNS=…; a failure prints its seed and its smallest world.
const seed = Number(process.env["SEED"] ?? 20261);
const numRuns = Number(process.env["RUNS"] ?? 10_000);

it(`the model and the reference agree on every question of ${numRuns} worlds (SEED=${seed})`, () => {
  const tally = newTally();
  const agrees = fc.property(worlds, (rows) => {
    expect(disagreement(engine, rows, tally)).toBeNull();
  });
  fc.assert(agrees, { seed, numRuns });

  // Had the worlds been empty, agreement would prove nothing.
  const share = (count: number) => count / tally.questions;
  expect(share(tally.allowed)).toBeGreaterThan(0.05);
  expect(share(tally.acrossTrees)).toBeGreaterThan(0.002);
  for (const yes of Object.values(tally.by)) expect(share(yes)).toBeGreaterThan(0.002);
  for (const what of ["expired", "scope", "action", "elsewhere"] as const)
    expect(share(tally.alone[what] ?? 0), what).toBeGreaterThan(0.01);
}, 120_000);
