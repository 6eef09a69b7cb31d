import type { Hono } from "hono";
import { isRefusal, NOT_FOUND, type Refusal, type Result } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import type { Person, Session } from "../who/accounts.ts";
import { changeAddress } from "../who/address.ts";
import * as answer from "./answers.ts";
import { on } from "./describe.ts";
import { person } from "./me.ts";
import * as form from "./schemas.ts";

/*
 * A person's account: where they are signed in. It is theirs alone, like all below /v1/me.
 */

export const instant = (at: number | null): string | null =>
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

/** A person who asks for themself. */
export type Alone = Exclude<Awaited<ReturnType<typeof person>>, Refusal> & {
  readonly person: Person;
};

export function accountRoutes(app: Hono, ports: Ports): void {
  const { accounts } = ports;

  on(app, "GET", "/v1/me", { says: "Who I am", answers: { 200: answer.me } }, (c) =>
    alone(c, ports, async ({ person, credentials: { role }, session }) =>
      c.json({
        ...person,
        ...(role ? { role } : {}),
        ...(session ? { language: session.language, session: sessionView(session, session) } : {}),
      }),
    ),
  );

  const update = {
    says: "Say in which language I read",
    body: form.updateMe,
    answers: { 200: answer.me },
  } as const;
  on(app, "PATCH", "/v1/me", update, (c, body) =>
    aloneWith(c, ports, body, async ({ person }, { language }) => {
      await accounts.setLanguage(person.id, language);
      return c.json({ ...person, language });
    }),
  );

  const list = { says: "Where I am signed in", answers: { 200: answer.listOf(answer.session) } };
  on(app, "GET", "/v1/me/sessions", list, (c) =>
    alone(c, ports, async ({ user, session }) => {
      const items = (await accounts.sessions(user)).map((one) => sessionView(one, session));
      return c.json({ items, next_cursor: null });
    }),
  );

  const gone = { body: form.empty, answers: { 204: null } } as const;
  on(app, "DELETE", "/v1/me/sessions", { says: "Sign out everywhere", ...gone }, (c, body) =>
    aloneWith(c, ports, body, async ({ user }) => {
      await accounts.endSessions(user);
      return c.body(null, 204);
    }),
  );

  on(app, "DELETE", "/v1/me/sessions/:id", { says: "End one session", ...gone }, (c, body) =>
    aloneWith(c, ports, body, async ({ user }) =>
      (await accounts.endSession(user, c.req.param("id") ?? ""))
        ? c.body(null, 204)
        : problem(c, NOT_FOUND),
    ),
  );

  // Whether the address has an account already is told to its owner alone, by mail.
  const move = {
    says: "Ask to be reached at another address",
    body: form.ownEmail,
    answers: { 202: answer.mailSent },
  } as const;
  on(app, "POST", "/v1/me/email", move, (c, body) =>
    aloneWith(c, ports, body, async ({ person, session }, { email }) => {
      const refused = await changeAddress(c, ports, person, session, email);
      return refused ? problem(c, refused) : c.json({ status: "sent", email }, 202);
    }),
  );
}

/** Answers the person who asks for themself, and nobody else. */
export async function alone(
  c: Ctx,
  ports: Ports,
  answer: (asked: Alone) => Promise<Response>,
): Promise<Response> {
  const asked = await person(c, ports);
  if (isRefusal(asked)) return problem(c, asked);
  const { credentials } = asked;
  return answer({ ...asked, person: credentials.person ?? { id: asked.user, email: "" } });
}

/** The same, with what the request says. */
export const aloneWith = <T>(
  c: Ctx,
  ports: Ports,
  body: () => Promise<Result<T>>,
  answer: (asked: Alone, body: T) => Promise<Response>,
): Promise<Response> =>
  alone(c, ports, async (asked) => {
    const read = await body();
    return read.ok ? answer(asked, read.value) : problem(c, read);
  });
