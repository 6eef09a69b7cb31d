import type { Context, Env, MiddlewareHandler } from "hono";
import type { Action, Entity, Evaluation, Properties } from "./types.ts";

/** Who decides: a `Latchkey`, or anything that answers an AuthZEN evaluation. */
export interface Decider {
  check(question: Evaluation): Promise<boolean>;
}

/** What a route asks before it is entered. */
export interface Guarded<E extends Env, P extends string> {
  /** Who asks, or nothing for who is not signed in. A text is a user's id or e-mail address. */
  readonly subject: (
    c: Context<E, P>,
  ) => Entity | string | null | undefined | Promise<Entity | string | null | undefined>;
  readonly action: string | Action | ((c: Context<E, P>) => string | Action);
  readonly resource: (c: Context<E, P>) => Entity | Promise<Entity>;
  readonly context?: (c: Context<E, P>) => Properties;
}

/**
 * Lets nobody in to a route who may not do this to that: 401 to who is nobody, 403 to who may not,
 * and 503 where it cannot be told.
 */
export const guard =
  <E extends Env = Env, P extends string = string>(
    decider: Decider,
    asks: Guarded<E, P>,
  ): MiddlewareHandler<E, P> =>
  async (c, next) => {
    const subject = await asks.subject(c);
    if (!subject) return refused(401, "unauthenticated", { "www-authenticate": "Bearer" });
    const action = typeof asks.action === "function" ? asks.action(c) : asks.action;
    const question = {
      subject: typeof subject === "string" ? { type: "user", id: subject } : subject,
      action: typeof action === "string" ? { name: action } : action,
      resource: await asks.resource(c),
      ...(asks.context ? { context: asks.context(c) } : {}),
    };
    const decision = await decider.check(question).catch(() => null);
    if (decision === null) return refused(503, "unavailable", { "retry-after": "1" });
    if (!decision) return refused(403, "forbidden");
    return next();
  };

const TITLES = {
  unauthenticated: "Who asks is not known",
  forbidden: "This is not allowed",
  unavailable: "This cannot be told right now",
};

function refused(
  status: number,
  code: keyof typeof TITLES,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const type = `urn:latchkey:problem:${code}`;
  return new Response(JSON.stringify({ type, title: TITLES[code], status, code }), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}
