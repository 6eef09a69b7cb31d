import { malformed, type Result } from "../refusals.ts";
import type { Ctx } from "./ports.ts";
import { tooLarge, wrongType } from "./problem.ts";

export const BODY_MAX = 64 * 1024;
export const LARGE_BODY_MAX = 1024 * 1024;
export const IMPORT_MAX = 32 * 1024 * 1024;

/** A body as JSON, of bounded size and of the right media type; `undefined` when there is none. */
export async function readJson(c: Ctx, max: number): Promise<Result<unknown>> {
  const length = Number(c.req.raw.headers.get("content-length") ?? Number.NaN);
  if (length > max) return tooLarge(max);
  const text = Number.isNaN(length) ? await readLimited(c, max) : await c.req.raw.text();
  if (text === null) return tooLarge(max);
  if (text === "") return { ok: true, value: undefined };
  const type = c.req.raw.headers.get("content-type") ?? "";
  if (type !== "application/json" && !/^application\/(?:[\w.-]+\+)?json\b/i.test(type))
    return wrongType("application/json");
  return parseJson(text, "The body");
}

/** Deeper JSON is refused: whoever walks it would run out of stack. */
const DEPTH_MAX = 256;

/** Text as JSON, nested no deeper than anything that follows can walk. */
export function parseJson(text: string, what: string): Result<unknown> {
  // Nesting takes two characters a level: the short texts, which most are, cannot be too deep.
  if (text.length > 2 * DEPTH_MAX && isTooDeep(text))
    return malformed(`${what} is nested deeper than ${DEPTH_MAX} levels.`);
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return malformed(`${what} is not JSON.`);
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  // Strings are passed over as wholes: brackets in them nest nothing.
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs))
    if (part === "[" || part === "{") {
      depth += 1;
      if (depth > DEPTH_MAX) return true;
    } else if (part === "]" || part === "}") depth -= 1;
  return false;
}

/** A body that does not say how long it is, read only as far as it may go. */
async function readLimited(c: Ctx, max: number): Promise<string | null> {
  const { body } = c.req.raw;
  if (!body) return "";
  const decoder = new TextDecoder();
  let size = 0;
  let text = "";
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength;
    if (size > max) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
