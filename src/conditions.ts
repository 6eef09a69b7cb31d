import { Environment, type ASTNode, type ParseResult } from "@marcbachmann/cel-js";

/*
 * Conditions of roles, in CEL. A condition is compiled once and refused where it is written: for its
 * grammar, its names, its types or its size. At a check it only ever answers yes or no: whatever
 * goes wrong (a field that is missing, a value of another type) is a no.
 */

/** What a condition sees. Properties and context are JSON as the record or the caller has it. */
export interface Scene {
  readonly subject: {
    readonly type: string;
    readonly id: string;
    readonly email: string;
    readonly properties: Json;
  };
  readonly resource: {
    readonly type: string;
    readonly id: string;
    readonly name: string;
    readonly org: number;
    readonly tags: readonly string[];
    readonly owner: string | null;
    readonly properties: Json;
  };
  readonly action: { readonly name: string; readonly properties: Json };
  readonly context: Json;
}

export type Json = Readonly<Record<string, unknown>>;

/** Why a text is no condition, and where in it. */
export interface Flaw {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

const TEXT_MAX = 1_000;
const LIMITS = {
  maxAstNodes: 200,
  maxDepth: 20,
  maxListElements: 100,
  maxMapEntries: 100,
  maxCallArguments: 4,
};

/** How many macros that walk a list a condition may have, and how deep in each other. */
const WALKS_MAX = 2;

const WALKS = new Set(["all", "exists", "exists_one", "map", "filter"]);

/** What else may be called: nothing that makes much out of little, and no regular expressions. */
const CALLS = new Set(
  `has size type dyn string int uint double bool contains startsWith endsWith indexOf lastIndexOf
  substring lowerAscii upperAscii trim timestamp duration getDate getDayOfMonth getDayOfWeek
  getDayOfYear getFullYear getMonth getHours getMinutes getSeconds getMilliseconds`.split(/\s+/),
);

/**
 * How many values (and texts of 64 characters) a condition looks at, by how deep its walks go: what
 * it may cost stays the same. With more before it, it does not hold.
 */
const VALUES_MAX = [10_000, 2_000, 400] as const;

const MAP = "map<string, dyn>";

/** JSON has one kind of number and CEL two: they count together. */
function withNumbers(env: Environment): Environment {
  const operators: Record<string, (a: number, b: number) => number> = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
  };
  for (const [operator, count] of Object.entries(operators)) {
    const both = (a: unknown, b: unknown) => count(Number(a), Number(b));
    env.registerOperator(`double ${operator} int: double`, both);
    env.registerOperator(`int ${operator} double: double`, both);
  }
  return env;
}

const ENVIRONMENT = withNumbers(
  new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS }),
)
  .registerType("Subject", {
    fields: { type: "string", id: "string", email: "string", properties: MAP },
  })
  .registerType("Resource", {
    fields: {
      type: "string",
      id: "string",
      name: "string",
      org: "int",
      tags: "list<string>",
      owner: "dyn",
      properties: MAP,
    },
  })
  .registerType("Action", { fields: { name: "string", properties: MAP } })
  .registerVariable("subject", "Subject")
  .registerVariable("resource", "Resource")
  .registerVariable("action", "Action")
  .registerVariable("context", MAP);

interface Compiled {
  readonly run: ParseResult;
  /** How deep its walks go. */
  readonly depth: number;
}

/** Compiled conditions, by their text; the oldest go first. */
const compiled = new Map<string, Compiled | Flaw>();
const COMPILED_MAX = 2_000;

function compile(text: string): Compiled | Flaw {
  if (text.length > TEXT_MAX)
    return flawAt(text, TEXT_MAX, `A condition has at most ${TEXT_MAX} characters.`);
  const known = compiled.get(text);
  if (known) return known;
  const made = make(text);
  if (compiled.size >= COMPILED_MAX) compiled.delete(compiled.keys().next().value ?? "");
  compiled.set(text, made);
  return made;
}

function make(text: string): Compiled | Flaw {
  try {
    const run = ENVIRONMENT.parse(text);
    const found = walksIn(run.ast);
    if ("reason" in found) return flawAt(text, found.at, found.reason);
    const { valid, type, error } = run.check();
    if (!valid) return flawOf(text, error);
    return type === "bool" || type === "dyn"
      ? { run, depth: found.depth }
      : flawAt(text, 0, `A condition answers yes or no; this is of type ${type}.`);
  } catch (error) {
    return flawOf(text, error);
  }
}

function flawOf(text: string, error: unknown): Flaw {
  const { summary, range } = error as { summary?: string; range?: { start: number } };
  return flawAt(text, range?.start ?? 0, summary ?? "This cannot be read.");
}

function flawAt(text: string, at: number, reason: string): Flaw {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, reason };
}

type Walks = { readonly depth: number } | { readonly at: number; readonly reason: string };

/** Counts the macros that walk lists, and holds every call against what may be called. */
function walksIn(ast: ASTNode): Walks {
  let walks = 0;
  let deepest = 0;
  let wrong: { at: number; reason: string } | undefined;
  visit(ast, 0);
  return wrong ?? { depth: deepest };

  function visit(node: ASTNode, depth: number): void {
    if (node.op !== "call" && node.op !== "rcall") {
      for (const child of nodesIn(node.args)) visit(child, depth);
      return;
    }
    const [name] = node.args;
    const method = node.op === "rcall";
    const isWalk = method && WALKS.has(name);
    if (!isWalk && !CALLS.has(name))
      wrong ??= { at: node.start, reason: `There is no ${name} in a condition.` };
    if (isWalk && ++walks > WALKS_MAX)
      wrong ??= { at: node.start, reason: `A condition walks at most ${WALKS_MAX} lists.` };
    if (method) visit(node.args[1], depth);
    const inner = isWalk ? depth + 1 : depth;
    deepest = Math.max(deepest, inner);
    for (const child of method ? node.args[2] : node.args[1]) visit(child, inner);
  }
}

/** The nodes among the operands of a node: by itself, in a list, or in a list of pairs. */
function nodesIn(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn);
  return typeof args === "object" && args !== null && "op" in args ? [args as ASTNode] : [];
}

/** What is wrong with a condition; `null` when it is sound. */
export function flawIn(condition: string): Flaw | null {
  const made = compile(condition);
  return "reason" in made ? made : null;
}

/** Does the condition hold? Whatever goes wrong is a no. */
export function holdsIn(condition: string, scene: Scene): boolean {
  const made = compile(condition);
  if ("reason" in made) return false;
  try {
    return made.run(seen(scene, VALUES_MAX[made.depth] ?? 0)) === true;
  } catch {
    return false;
  }
}

/** The scene in CEL's own values; throws when there is more of it than may be looked at. */
function seen({ subject, resource, action, context }: Scene, max: number) {
  let left = max;
  const spend = (cost: number) => {
    left -= cost;
    if (left < 0) throw new Error("too much to look at");
  };
  // Maps, so that no property of the record is mistaken for one of JavaScript's.
  const value = (json: unknown): unknown => {
    spend(1);
    if (typeof json === "number") return Number.isSafeInteger(json) ? BigInt(json) : json;
    if (typeof json === "string") spend(json.length / 64);
    if (Array.isArray(json)) return json.map(value);
    if (typeof json === "object" && json !== null)
      return new Map(Object.entries(json).map(([key, inner]) => [key, value(inner)]));
    return json;
  };
  return {
    subject: { ...subject, properties: value(subject.properties) },
    resource: {
      ...resource,
      org: BigInt(resource.org),
      tags: resource.tags.map(value),
      properties: value(resource.properties),
    },
    action: { ...action, properties: value(action.properties) },
    context: value(context),
  };
}
