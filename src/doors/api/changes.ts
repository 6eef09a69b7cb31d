import type { Hono } from "hono";
import type { ReadAnswer } from "../../commands/rpc.ts";
import { decodeCursor, encodeCursor } from "../../kit/cursor.ts";
import { isRefusal, malformed, type Result } from "../../refusals.ts";
import { effectiveView } from "../../views/effects.ts";
import { VIEWS } from "../../views/index.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { effective, listOf } from "./answers.ts";
import { on } from "./describe.ts";
import { answerList, locate, revisionHeader, withSentences, type Located } from "./index.ts";
import * as form from "./schemas.ts";

/*
 * The history as a stream of server-sent events, and what each change did to people. A stream's ids
 * are revisions: whoever reconnects with the last one misses nothing and hears nothing twice.
 */

/** A stream lives so long; the client then reconnects. */
const LIFE_MS = 300_000;
const LOOK_MS = 1_000;
const BEAT_MS = 15_000;
/** Who listens is made out anew this often: a session may have ended, a key been deleted. */
const WHO_MS = 5_000;
const RETRY_MS = 2_000;
/** So many events wait for a slow reader, and so long until it is looked at again. */
const WAITING_MAX = 100;
const SLOW_MS = 50;
const AT_ONCE = 100;
const EFFECTIVE_MAX = 100;

export function changeRoutes(app: Hono, ports: Ports): void {
  // Asked for anything else it is a list, which is described there.
  app.get("/v1/orgs/:org/changes", async (c, next) => {
    if (!(c.req.header("accept") ?? "").includes("text/event-stream")) return next();
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const last = c.req.header("last-event-id") ?? c.req.query("after") ?? "0";
    if (!/^\d{1,15}$/.test(last)) return problem(c, malformed("A revision is a number."));
    const first = await changesAfter(ports, asked, Number(last));
    if (!first.ok) return problem(c, first);
    const body = new Changes(c, ports, asked, Number(last)).stream(first.value);
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
    return new Response(body, { headers });
  });

  const operation = {
    says: "What each change did to people",
    query: form.listQuery,
    answers: { 200: listOf(effective) },
    also: ["text/csv"],
  };
  on(app, "GET", "/v1/orgs/:org/changes/effective", operation, async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const query = form.listQuery.safeParse(c.req.query());
    if (!query.success) return problem(c, formErrors(query.error));
    const { cursor, limit } = query.data;
    const after = cursor === undefined ? (query.data.after ?? "0") : decodeCursor(cursor);
    if (after === undefined || !/^\d{1,15}$/.test(after))
      return problem(c, malformed("This cursor is none of ours."));
    const { credentials, org, tree } = asked;
    const found = await ports.object(tree).effective({
      credentials,
      org,
      after: Number(after),
      limit: Math.min(limit, EFFECTIVE_MAX),
    });
    if (!found.ok) return problem(c, found);
    const { items, next, revision } = found.value;
    const shown = items.map(effectiveView).map(withSentences(c));
    const cursorNext = next === null ? null : encodeCursor(next);
    return answerList(c, shown, cursorNext, revisionHeader(tree, revision));
  });
}

const changesAfter = (
  ports: Ports,
  { credentials, org, tree }: Located,
  after: number,
): Promise<Result<ReadAnswer>> =>
  ports
    .object(tree)
    .read({ credentials, read: "changes", org, input: { after: String(after), limit: AT_ONCE } });

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One listener's stream; it ends with the listener's access, and after its time. */
class Changes {
  readonly #c: Ctx;
  readonly #ports: Ports;
  readonly #encoder = new TextEncoder();
  #asked: Located;
  #after: number;
  #open = true;

  constructor(c: Ctx, ports: Ports, asked: Located, after: number) {
    this.#c = c;
    this.#ports = ports;
    this.#asked = asked;
    this.#after = after;
  }

  stream(first: ReadAnswer): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          void this.#run(controller, first).finally(() => {
            if (this.#open) controller.close();
            this.#open = false;
          });
        },
        cancel: () => {
          this.#open = false;
        },
      },
      { highWaterMark: WAITING_MAX },
    );
  }

  async #run(controller: ReadableStreamDefaultController<Uint8Array>, first: ReadAnswer) {
    const say = (text: string) => controller.enqueue(this.#encoder.encode(text));
    const began = Date.now();
    let [beat, seen] = [began, began];
    const said = withSentences(this.#c);
    say(`retry: ${RETRY_MS}\n\n`);
    for (let found: Result<ReadAnswer> = { ok: true, value: first }; ;) {
      if (!found.ok || !this.#open) return;
      for (const material of found.value.items) {
        // Who does not read is not read for: what waits for them stays in the record.
        while (this.#open && (controller.desiredSize ?? 0) <= 0) {
          if (Date.now() - began > LIFE_MS) return;
          await wait(SLOW_MS);
        }
        if (!this.#open) return;
        const shown = said(VIEWS.changes(material as never)) as { id: string };
        say(`id: ${shown.id}\nevent: change\ndata: ${JSON.stringify(shown)}\n\n`);
        this.#after = Number(shown.id);
        beat = Date.now();
      }
      if (found.value.next === null) {
        // What others of the tree did is passed over.
        this.#after = Math.max(this.#after, found.value.revision);
        await wait(LOOK_MS);
      }
      const now = Date.now();
      if (!this.#open || now - began > LIFE_MS) return;
      if (now - beat > BEAT_MS) {
        say(": still here\n\n");
        beat = now;
      }
      if (now - seen > WHO_MS) {
        const asked = await locate(this.#c, this.#ports);
        if (isRefusal(asked)) return;
        [this.#asked, seen] = [asked, now];
      }
      found = await changesAfter(this.#ports, this.#asked, this.#after).catch(() => ({
        ok: false as const,
        code: "unavailable" as const,
        status: 503,
        detail: "",
      }));
    }
  }
}
