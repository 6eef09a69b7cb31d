import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Engine } from "../support/world.ts";
import { MUTATIONS, type Mutation } from "./mutations.ts";
import { disagreement } from "./oracle.ts";
import { worlds } from "./worlds.ts";

const SOURCE = join(import.meta.dirname, "../../src/access");
const temporary = mkdtempSync(join(tmpdir(), "latchkey-mutants-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** A copy of the model with one replacement, which must match exactly once. */
async function mutant(index: number, mutation: Mutation | null): Promise<Engine> {
  const folder = join(temporary, String(index));
  cpSync(SOURCE, folder, { recursive: true });
  if (mutation) {
    const file = join(folder, mutation.file);
    const pieces = readFileSync(file, "utf8").split(mutation.from);
    expect(pieces, `"${mutation.from}" occurs once in ${mutation.file}`).toHaveLength(2);
    writeFileSync(file, pieces.join(mutation.to));
  }
  return import(/* @vite-ignore */ pathToFileURL(join(folder, "index.ts")).href);
}

const sample = fc.sample(worlds, { seed: 7, numRuns: 1_500 });

/** The oracle's verdict on an engine: does a world tell it apart from the reference? */
const isFound = (engine: Engine): boolean =>
  sample.some((rows) => disagreement(engine, rows) !== null);

describe("the oracle tells a broken model from a sound one", () => {
  it("a copy without a mutation agrees", async () => {
    expect(isFound(await mutant(-1, null))).toBe(false);
  });

  MUTATIONS.forEach((mutation, index) => {
    it(`finds ${mutation.name}`, async () => {
      expect(isFound(await mutant(index, mutation))).toBe(true);
    });
  });
});
