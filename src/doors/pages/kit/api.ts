import type { Hono } from "hono";
import {
  accept,
  NOT_FOUND,
  type Refusal,
  type RefusalCode,
  type Result,
} from "../../../refusals.ts";
import { madeOut, type Who } from "../../who/index.ts";

/** What the API answered. */
export interface Answer<T> {
  readonly ok: true;
  readonly value: T;
  /** The entity tag, for `If-Match`. */
  readonly etag: string | null;
  readonly revision: string | null;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

type Headers = Readonly<Record<string, string>>;

/**
 * Our own API, asked inside the house by who looks at a page: a page may do just what the person may,
 * and every rule, limit, preview and refusal comes from there.
 */
export interface Api {
  get<T>(path: string, headers?: Headers): Promise<Answer<T> | Refusal>;
  send<T>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    headers?: Headers,
  ): Promise<Answer<T> | Refusal>;
  /** Sends a text of some type, and answers with what comes of it line by line. */
  lines<T>(path: string, type: string, text: string): Promise<Result<AsyncIterable<T>>>;
  /** The items of a list, page by page to its end. */
  pages<T>(path: string): AsyncGenerator<Result<readonly T[]>>;
  /** A whole list, or its first items: no more than `max` are asked for. */
  all<T>(path: string, max?: number): Promise<Result<readonly T[]>>;
}

const PAGE = 1_000;
const ALL_MAX = 20_000;

export function apiAs(app: Hono, by: Who, language: string): Api {
  const env = madeOut(by);

  async function ask<T>(path: string, init: RequestInit): Promise<Answer<T> | Refusal> {
    const headers = { "accept-language": language, ...(init.headers as Headers) };
    const response = await app.request(path, { ...init, headers }, env);
    const text = await response.text();
    const json = /json/.test(response.headers.get("content-type") ?? "");
    const value = (json && text !== "" ? JSON.parse(text) : null) as T;
    if (response.status >= 400) return refusalOf(value as object | null, response);
    const { headers: sent } = response;
    return { ok: true, value, etag: sent.get("etag"), revision: sent.get("access-revision") };
  }

  async function* pages<T>(path: string): AsyncGenerator<Result<readonly T[]>> {
    let cursor: string | null = null;
    do {
      const found: Answer<Listed<T>> | Refusal = await ask(
        withQuery(path, { limit: PAGE, cursor }),
        {},
      );
      if (!found.ok) {
        yield found;
        return;
      }
      yield accept(found.value.items);
      cursor = found.value.next_cursor;
    } while (cursor !== null);
  }

  return {
    get: (path, headers = {}) => ask(path, { headers }),
    send: (method, path, body, headers = {}) =>
      ask(path, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async lines<T>(path: string, type: string, body: string) {
      const headers = {
        "accept-language": language,
        "content-type": type,
        accept: "application/x-ndjson",
      };
      const response = await app.request(path, { method: "POST", headers, body }, env);
      if (response.status < 400 && response.body) return accept(linesOf<T>(response.body));
      return refusalOf(await response.json<object>().catch(() => null), response);
    },
    pages,
    async all<T>(path: string, max = ALL_MAX) {
      const items: T[] = [];
      for await (const found of pages<T>(path)) {
        if (!found.ok) return found;
        items.push(...found.value);
        if (items.length >= max) break;
      }
      return accept(items.slice(0, max));
    },
  };
}

async function* linesOf<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as T;
  }
}

/** A path with more in its query; what is null or empty is left out. */
export function withQuery(
  path: string,
  more: Readonly<Record<string, string | number | null | undefined>>,
): string {
  const [at = "", said = ""] = path.split("?");
  const query = new URLSearchParams(said);
  for (const [name, value] of Object.entries(more))
    if (value === null || value === undefined || value === "") query.delete(name);
    else query.set(name, String(value));
  return query.size === 0 ? at : `${at}?${query.toString()}`;
}

function refusalOf(problem: object | null, response: Response): Refusal {
  if (!problem || !("code" in problem)) return { ...NOT_FOUND, status: response.status };
  const { code, detail, errors, preview } = problem as Refusal & { code: RefusalCode };
  const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
  return {
    ok: false,
    code,
    status: response.status,
    detail,
    ...(errors ? { errors } : {}),
    ...(preview ? { preview } : {}),
    ...(Number.isNaN(wait) ? {} : { retryAfter: wait }),
  };
}
