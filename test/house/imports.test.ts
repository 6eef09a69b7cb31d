import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../../src");

/** Who may import what, by room. A room may always import itself; `type:` allows types only. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  access: [],
  "conditions.ts": ["npm:@marcbachmann/cel-js"],
  commands: ["access", "conditions.ts", "events.ts", "refusals.ts", "type:views"],
  "events.ts": [],
  "refusals.ts": [],
  views: ["access"],
  store: [
    "access",
    "conditions.ts",
    "events.ts",
    "type:commands",
    "type:views",
    "npm:drizzle-orm",
    "npm:nanoid",
  ],
  objects: [
    "access",
    "commands",
    "store",
    "kit",
    "events.ts",
    "refusals.ts",
    "type:views",
    "npm:cloudflare:workers",
  ],
  doors: [
    "type:commands",
    "type:conditions.ts",
    "views",
    "events.ts",
    "refusals.ts",
    "text",
    "kit",
    "npm:hono",
    "npm:zod",
    "npm:nanoid",
    "npm:jose",
    "npm:@simplewebauthn/server",
    "npm:@react-email/",
    "npm:csv-parse",
    "npm:csv-stringify",
    "npm:node:crypto",
    "npm:standardwebhooks",
    "npm:ipaddr.js",
    "npm:cloudflare:workers",
  ],
  // What applications take with them: it knows the others only over HTTP, and of Hono its types.
  client: ["type:npm:hono"],
  text: ["type:refusals.ts", "type:events.ts"],
  kit: ["npm:node:crypto"],
  // Runs the whole on one machine, in Node: it knows the others only over HTTP.
  local: ["npm:miniflare", "npm:wrangler", "npm:node:"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** The imports and re-exports of a file's text. */
function importsIn(file: string, text: string): Import[] {
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?([^;"']*?from\s+)?["']([^"']+)["']/gm,
  );
  return [...statements].map(([, type, names = "", to = ""]) => ({
    from: file,
    to,
    // `import { type A, type B } from` imports no value either.
    typeOnly:
      type !== undefined ||
      (/\{/.test(names) &&
        names
          .replace(/[\s\S]*\{|\}[\s\S]*/g, "")
          .split(",")
          .filter((name) => name.trim() !== "")
          .every((name) => name.trim().startsWith("type "))),
  }));
}

/** Why an import is against the table; `null` when it is not. */
function objection({ from, to, typeOnly }: Import): string | null {
  const room = from.split("/")[0] ?? "";
  if (room === "worker.ts") return null;
  const target = to.startsWith(".") ? relative(SRC, resolve(SRC, dirname(from), to)) : `npm:${to}`;
  const entry = target.startsWith("npm:") ? target : (target.split("/")[0] ?? "");
  if (entry === room) return null;
  const allowed = (TABLE[room] ?? []).some((rule) => {
    const name = rule.replace(/^type:/, "");
    const matches = name.startsWith("npm:") ? entry.startsWith(name) : entry === name;
    return matches && (!rule.startsWith("type:") || typeOnly);
  });
  return allowed ? null : `${from} may not import ${to}`;
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
  /\.tsx?$/.test(file),
);

describe("the house", () => {
  test("every import is one that the table allows", () => {
    const all = files.flatMap((file) => importsIn(file, readFileSync(join(SRC, file), "utf8")));
    expect(all.length).toBeGreaterThan(100);
    expect(all.map(objection).filter((one) => one !== null)).toEqual([]);
  });

  test.each([
    ["access/paths.ts", `import { DurableObject } from "cloudflare:workers";`],
    ["access/paths.ts", `import { foldTag } from "../kit/ids.ts";`],
    ["commands/orgs.ts", `import { commit } from "../store/record.ts";`],
    ["doors/api/index.ts", `import { COMMANDS } from "../../commands/index.ts";`],
    ["doors/api/index.ts", `import { Slice } from "../../store/slice.ts";`],
    ["doors/who/index.ts", `import type { AccessMap } from "../../objects/access-map.ts";`],
    ["client/hono.ts", `import { Hono } from "hono";`],
    ["client/index.ts", `import { REFUSALS } from "../refusals.ts";`],
    ["store/slice.ts", `export { COMMANDS } from "../commands/index.ts";`],
  ])("the table refuses in %s: %s", (file, text) => {
    const [found] = importsIn(file, text);
    expect(found && objection(found)).toContain("may not import");
  });
});
