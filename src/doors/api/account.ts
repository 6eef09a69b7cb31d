import type { Hono } from "hono";
import { isRefusal, NOT_FOUND } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import type { Session } from "../who/accounts.ts";
import { person } from "./me.ts";
import * as form from "./schemas.ts";

/*
 * A person's account: where they are signed in. It is theirs alone, like all below /v1/me.
 */

const instant = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString();

const sessionView = (session: Session, current: Session | undefined) => ({
  id: session.id,
  current: session.id === current?.id,
  method: session.method,
  strong: session.strongAt !== null,
  userAgent: session.userAgent,
  createdAt: instant(session.createdAt),
  lastSeenAt: instant(session.lastSeenAt),
  expiresAt: instant(session.expiresAt),
});

export type Alone = Exclude<Awaited<ReturnType<typeof person>>, { ok: false }>;

export function accountRoutes(app: Hono, ports: Ports): void {
  const { accounts } = ports;

  app.get("/v1/me", (c) =>
    alone(c, ports, async ({ credentials, session }) =>
      c.json({
        id: credentials.person?.id,
        email: credentials.person?.email,
        ...(credentials.role ? { role: credentials.role } : {}),
        ...(session ? { session: sessionView(session, session) } : {}),
      }),
    ),
  );

  app.get("/v1/me/sessions", (c) =>
    alone(c, ports, async ({ user, session }) => {
      const items = (await accounts.sessions(user)).map((one) => sessionView(one, session));
      return c.json({ items, next_cursor: null });
    }),
  );

  app.delete("/v1/me/sessions", (c) =>
    aloneEmpty(c, ports, async ({ user }) => {
      await accounts.endSessions(user);
      return c.body(null, 204);
    }),
  );

  app.delete("/v1/me/sessions/:id", (c) =>
    aloneEmpty(c, ports, async ({ user }) =>
      (await accounts.endSession(user, c.req.param("id") ?? ""))
        ? c.body(null, 204)
        : problem(c, NOT_FOUND),
    ),
  );
}

/** Answers the person who asks for themself, and nobody else. */
export async function alone(
  c: Ctx,
  ports: Ports,
  answer: (asked: Alone) => Promise<Response>,
): Promise<Response> {
  const asked = await person(c, ports);
  return isRefusal(asked) ? problem(c, asked) : answer(asked);
}

/** The same, for a request without a body. */
const aloneEmpty = (c: Ctx, ports: Ports, answer: (asked: Alone) => Promise<Response>) =>
  alone(c, ports, async (asked) => {
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.empty.safeParse(body.value);
    return read.success ? answer(asked) : problem(c, formErrors(read.error));
  });
