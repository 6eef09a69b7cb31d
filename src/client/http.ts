import type { Problem } from "./types.ts";

/* Requests: which are repeated, when, and what a refusal is. */

export interface Options {
  /** Where Latchkey is reached. */
  readonly url: string;
  /** An API key; without one, cookies say who asks. */
  readonly key?: string;
  /** Sends requests in place of the platform's `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** How long an answer is awaited. */
  readonly timeoutMs?: number;
  /** How often what is safe to repeat is tried again. */
  readonly retries?: number;
  /** No longer than this is waited before another try. */
  readonly waitMaxMs?: number;
}

export interface Asking {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** It changes nothing, or is made once however often it is sent. */
  readonly repeatable: boolean;
}

/** Latchkey refused, or could not be reached: then `status` is 0. */
export class LatchkeyError extends Error {
  override readonly name = "LatchkeyError";
  readonly status: number;
  readonly code: string;
  readonly problem: Problem | undefined;
  /** After how many milliseconds it is worth another try. */
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    message: string,
    more: {
      problem?: Problem | undefined;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.status = status;
    this.code = more.problem?.code ?? (status === 0 ? "unreachable" : "unknown");
    this.problem = more.problem;
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** Answers that may be others a moment later. */
const PASSING = [0, 429, 502, 503, 504];
const FIRST_WAIT_MS = 100;

/** Sends a request, and again while that is safe and promises something. */
export async function send(
  options: Options,
  method: string,
  path: string,
  asking: Asking,
): Promise<Response> {
  const { retries = 2, waitMaxMs = 10_000 } = options;
  for (let tries = 0; ; tries++) {
    try {
      return await sendOnce(options, method, path, asking);
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error;
      const last = tries >= retries || !asking.repeatable || !PASSING.includes(error.status);
      const wait = error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** tries * (0.5 + Math.random());
      // Whoever is told to wait longer than they would decides for themself.
      if (last || wait > waitMaxMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

async function sendOnce(
  { url, key, fetch: given, timeoutMs = 10_000 }: Options,
  method: string,
  path: string,
  { body, headers }: Asking,
): Promise<Response> {
  const request = new Request(url.replace(/\/$/, "") + path, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await (given ?? fetch)(request).catch((cause: unknown) => {
    throw new LatchkeyError(0, "Latchkey could not be reached.", { cause });
  });
  if (response.ok) return response;
  throw await refusalOf(response);
}

async function refusalOf(response: Response): Promise<LatchkeyError> {
  const { status, headers } = response;
  const text = await response.text().catch(() => "");
  const problem = problemIn(text);
  const retryAfterMs = waitOf(headers.get("retry-after"), Date.now());
  return new LatchkeyError(status, problem?.detail ?? `Latchkey answered ${status}.`, {
    problem,
    retryAfterMs,
  });
}

function problemIn(text: string): Problem | undefined {
  try {
    const read = JSON.parse(text) as Partial<Problem> | null;
    return typeof read?.code === "string" ? (read as Problem) : undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), in milliseconds. */
export function waitOf(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const wait = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.max(wait, 0) : undefined;
}
