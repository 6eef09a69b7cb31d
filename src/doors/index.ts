import { Hono } from "hono";
import { logFault } from "../kit/log.ts";
import { NOT_FOUND, refuse } from "../refusals.ts";
import { health } from "./api/answers.ts";
import { on } from "./api/describe.ts";
import { documentRoute } from "./api/document.ts";
import { api } from "./api/index.ts";
import { authzen } from "./authzen/index.ts";
import { pages } from "./pages/index.tsx";
import { referenceRoute } from "./pages/reference.tsx";
import type { Ports } from "./ports.ts";
import { problem } from "./problem.ts";

/** The door of checks stands apart from the others: it is the busiest, and its few routes match fast. */
export interface Doors {
  readonly checks: Hono;
  readonly rest: Hono;
}

/** Every door that opens to HTTP. */
export function doors(ports: Ports): Doors {
  const checks = authzen(ports);
  const rest = new Hono();
  const care = { says: "Does the record answer?", answers: { 200: health }, open: true } as const;
  on(rest, "GET", "/healthz", care, async (c) => {
    const healthy = await ports.healthy().catch(() => false);
    return healthy
      ? c.json({ status: "ok" })
      : problem(c, refuse("unavailable", "The record does not answer."));
  });
  referenceRoute(rest, documentRoute(rest, [checks, rest]));
  rest.route("/", api(ports));
  rest.route("/", pages(ports));
  return { checks: finish(checks), rest: finish(rest) };
}

function finish(app: Hono): Hono {
  app.notFound((c) => problem(c, NOT_FOUND));
  app.onError((error, c) => {
    logFault(`${c.req.method} ${new URL(c.req.url).pathname}`, error);
    // An object that was reset or is overloaded: nothing is wrong with the request or the code.
    const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
    if (retryable || overloaded)
      return problem(c, refuse("unavailable", "This cannot be answered right now; ask again."));
    return problem(c, {
      ok: false,
      code: "unavailable",
      status: 500,
      detail: "Something failed here; it has been noted.",
    });
  });
  return app;
}
