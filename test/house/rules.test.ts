import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const RULES = Array.from({ length: 34 }, (_, n) => `R${n + 1}`);

/** The rules that the names of tests quote: `[R7]`, `[R7, R22]`; a scenario's are a list of their own. */
function quotedIn(text: string): string[] {
  const names = [...text.matchAll(/\[(R\d+(?:, R\d+)*)\]/g)].map(([, list = ""]) => list);
  const lists = [...text.matchAll(/\[((?:"R\d+"(?:,\s*)?)+)\]/g)].map(([, list = ""]) => list);
  return [...names, ...lists].flatMap((list) => list.match(/R\d+/g) ?? []);
}

const tests = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" }).filter(
  (file) => /\.test\.ts$|^scenarios\//.test(file) && !file.startsWith("house"),
);

test("each numbered rule is quoted by a test, and by the README with the file that holds it", () => {
  const quoted = new Set(
    tests.flatMap((file) => quotedIn(readFileSync(join(ROOT, "test", file), "utf8"))),
  );
  expect(RULES.filter((rule) => !quoted.has(rule))).toEqual([]);
  expect([...quoted].filter((rule) => !RULES.includes(rule))).toEqual([]);
  const rows = readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/^\| (R\d+) \|.*`.+\.ts`/gm);
  expect([...rows].map(([, rule]) => rule)).toEqual(RULES);
});

test("a rule that no test quotes would be found", () => {
  const text =
    'test("[R7, R22] an admin", …); scenario("x", ["R4", "R12"], …); // R9 is only mentioned';
  expect(quotedIn(text)).toEqual(["R7", "R22", "R4", "R12"]);
});
