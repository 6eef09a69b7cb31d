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
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return malformed("The body is not JSON.");
  }
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
