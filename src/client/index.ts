import { LatchkeyError, send, type Options } from "./http.ts";
import type { Evaluation, Explanation, Found, Searches } from "./types.ts";

export { byBinding, type LatchkeyBinding } from "./binding.ts";
export { LatchkeyError, type Options } from "./http.ts";
export * from "./types.ts";
export { verifyWebhook, WebhookError, type WebhookEvent } from "./webhooks.ts";

/** A request holds at most so many evaluations. */
const EVALUATIONS_MAX = 100;

interface Waiting {
  readonly question: Evaluation;
  readonly resolve: (decision: boolean) => void;
  readonly reject: (error: unknown) => void;
}

interface Written {
  /** Made once, however often it is sent: it is repeated by itself when its outcome is not known. */
  readonly idempotencyKey?: string;
  readonly ifMatch?: string;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/**
 * Asks Latchkey under one org. Checks of one tick go out as one request. What it wrote it reads: its
 * checks and readings are at least as new as its last write.
 */
export class Latchkey {
  readonly #options: Options;
  readonly #org: number;
  #waiting: Waiting[] = [];
  #revision: string | undefined;

  constructor(options: Options & { readonly org: number; readonly revision?: string }) {
    this.#options = options;
    this.#org = options.org;
    this.#revision = options.revision;
  }

  /** The revision of the last write, for a client elsewhere that is to see it. */
  get revision(): string | undefined {
    return this.#revision;
  }

  /** May this subject do this to that? Rejects where that is not known: that is no yes. */
  check(question: Evaluation): Promise<boolean> {
    return new Promise((resolve, reject) => {
      // What asked first in this tick sends for all that follow in it.
      if (this.#waiting.push({ question, resolve, reject }) === 1)
        queueMicrotask(() => void this.#flush());
    });
  }

  checkMany(questions: readonly Evaluation[]): Promise<boolean[]> {
    return Promise.all(questions.map((question) => this.check(question)));
  }

  /** All that a search finds, page by page as it is read. */
  async *search<F extends keyof Searches>(
    find: F,
    query: Searches[F],
    limit = 100,
  ): AsyncGenerator<Found[F]> {
    let token: string | undefined;
    do {
      const page = { limit, ...(token === undefined ? {} : { token }) };
      const path = `/orgs/${this.#org}/access/v1/search/${find}`;
      const found = await this.#ask<{ results: Found[F][]; page?: { next_token: string } }>(path, {
        ...query,
        page,
      });
      yield* found.results;
      token = found.page?.next_token;
    } while (token);
  }

  /** Why somebody may do something, or what they lack. */
  explain(question: Evaluation): Promise<Explanation> {
    return this.#ask<Explanation>(`/v1/orgs/${this.#org}/explain`, question);
  }

  /** All of a list of the org (`members`, `shares`, `resources` …), page by page as it is read. */
  async *list<T = Readonly<Record<string, unknown>>>(
    what: string,
    query: Query = {},
  ): AsyncGenerator<T> {
    let cursor: string | null = null;
    do {
      const asked = new URLSearchParams();
      for (const [name, value] of Object.entries(query))
        if (value !== undefined) asked.set(name, String(value));
      if (cursor !== null) asked.set("cursor", cursor);
      const search = asked.toString();
      const path: string = `/${what}${search === "" ? "" : `?${search}`}`;
      const page: { items: T[]; next_cursor: string | null } = await this.get(path);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** Reads what lies at a path below the org. */
  async get<T>(path: string): Promise<T> {
    const response = await this.#send("GET", `/v1/orgs/${this.#org}${path}`, undefined, true);
    return (await response.json()) as T;
  }

  /** Writes at a path below the org; later checks and readings of this client see it. */
  async write<T>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    { idempotencyKey, ifMatch }: Written = {},
  ): Promise<T> {
    const response = await this.#send(
      method,
      `/v1/orgs/${this.#org}${path}`,
      body,
      idempotencyKey !== undefined,
      {
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
        ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
      },
    );
    this.#revision = response.headers.get("access-revision") ?? this.#revision;
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  async #flush(): Promise<void> {
    const all = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < all.length; from += EVALUATIONS_MAX)
      void this.#decide(all.slice(from, from + EVALUATIONS_MAX));
  }

  async #decide(waiting: readonly Waiting[]): Promise<void> {
    const [first] = waiting;
    const at = `/orgs/${this.#org}/access/v1`;
    try {
      if (first && waiting.length === 1) {
        const { decision } = await this.#ask<{ decision: unknown }>(
          `${at}/evaluation`,
          first.question,
        );
        return first.resolve(decision === true);
      }
      const evaluations = waiting.map(({ question }) => question);
      const answer = await this.#ask<{ evaluations: readonly { decision: unknown }[] }>(
        `${at}/evaluations`,
        { evaluations },
      );
      if (answer.evaluations.length !== waiting.length)
        throw new LatchkeyError(200, "Latchkey answered fewer questions than it was asked.");
      for (const [index, { resolve }] of waiting.entries())
        resolve(answer.evaluations[index]?.decision === true);
    } catch (error) {
      // One that is malformed is its asker's own fault: the others are asked without it.
      const malformed = error instanceof LatchkeyError && [400, 422].includes(error.status);
      if (malformed && waiting.length > 1) for (const one of waiting) void this.#decide([one]);
      else for (const { reject } of waiting) reject(error);
    }
  }

  /** A question that changes nothing, asked by POST. */
  async #ask<T>(path: string, body: unknown): Promise<T> {
    const response = await this.#send("POST", path, body, true);
    return (await response.json()) as T;
  }

  #send(
    method: string,
    path: string,
    body: unknown,
    repeatable: boolean,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const revision = this.#revision === undefined ? {} : { "access-revision": this.#revision };
    return send(this.#options, method, path, {
      body,
      repeatable,
      headers: { ...revision, ...headers },
    });
  }
}
