import type { Hono } from "hono";
import type { z } from "zod";
import { isRefusal, NOT_FOUND, type Refusal } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import type { Person, Session } from "../who/accounts.ts";
import { changeAddress } from "../who/address.ts";
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

  app.get("/v1/me", (c) =>
    alone(c, ports, async ({ person, credentials: { role }, session }) =>
      c.json({
        ...person,
        ...(role ? { role } : {}),
        ...(session ? { language: session.language, session: sessionView(session, session) } : {}),
      }),
    ),
  );

  app.patch("/v1/me", (c) =>
    aloneWith(c, ports, form.updateMe, async ({ person }, { language }) => {
      await accounts.setLanguage(person.id, language);
      return c.json({ ...person, language });
    }),
  );

  app.get("/v1/me/sessions", (c) =>
    alone(c, ports, async ({ user, session }) => {
      const items = (await accounts.sessions(user)).map((one) => sessionView(one, session));
      return c.json({ items, next_cursor: null });
    }),
  );

  app.delete("/v1/me/sessions", (c) =>
    aloneWith(c, ports, form.empty, async ({ user }) => {
      await accounts.endSessions(user);
      return c.body(null, 204);
    }),
  );

  app.delete("/v1/me/sessions/:id", (c) =>
    aloneWith(c, ports, form.empty, async ({ user }) =>
      (await accounts.endSession(user, c.req.param("id") ?? ""))
        ? c.body(null, 204)
        : problem(c, NOT_FOUND),
    ),
  );

  // Whether the address has an account already is told to its owner alone, by mail.
  app.post("/v1/me/email", (c) =>
    aloneWith(c, ports, form.ownEmail, async ({ person, session }, { email }) => {
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
export const aloneWith = <S extends z.ZodType>(
  c: Ctx,
  ports: Ports,
  schema: S,
  answer: (asked: Alone, body: z.output<S>) => Promise<Response>,
): Promise<Response> =>
  alone(c, ports, async (asked) => {
    const body = await bodyOf(c, schema);
    return isRefusal(body) ? problem(c, body) : answer(asked, body);
  });

/** What a request says, in the form that it must have. */
export async function bodyOf<S extends z.ZodType>(
  c: Ctx,
  schema: S,
): Promise<z.output<S> | Refusal> {
  const body = await readJson(c, BODY_MAX);
  if (!body.ok) return body;
  const read = schema.safeParse(body.value);
  return read.success ? read.data : formErrors(read.error);
}
