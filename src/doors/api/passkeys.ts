import type { Hono } from "hono";
import { isRefusal, NOT_FOUND, type Result } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import type { Passkey } from "../who/accounts.ts";
import { tooOften } from "../who/limits.ts";
import { SIGN_IN_MS } from "../who/links.ts";
import {
  creationOptions,
  needPasskey,
  recognise,
  register,
  requestOptions,
} from "../who/passkeys.ts";
import { beginSession, browserOf, crossOrigin, markBrowser } from "../who/session.ts";
import { alone, aloneWith, instant } from "./account.ts";
import * as answer from "./answers.ts";
import { on } from "./describe.ts";
import * as form from "./schemas.ts";

const passkeyView = (passkey: Passkey) => ({
  id: passkey.id,
  name: passkey.name,
  createdAt: instant(passkey.createdAt),
  lastUsedAt: instant(passkey.lastUsedAt),
});

export function passkeyRoutes(app: Hono, ports: Ports): void {
  const { accounts } = ports;

  const list = { says: "My passkeys", answers: { 200: answer.listOf(answer.passkey) } };
  on(app, "GET", "/v1/me/passkeys", list, (c) =>
    alone(c, ports, async ({ user }) => {
      const items = (await accounts.passkeys(user)).map(passkeyView);
      return c.json({ items, next_cursor: null });
    }),
  );

  const begin = {
    says: "What a browser needs to make a passkey",
    body: form.empty,
    answers: { 200: answer.webauthn },
  } as const;
  on(app, "POST", "/v1/me/passkeys/options", begin, (c, body) =>
    aloneWith(c, ports, body, async (asked) => {
      const refused = await needPasskey(ports, asked.user, asked.session);
      if (refused) return problem(c, refused);
      return c.json(await creationOptions(c, ports, asked.person));
    }),
  );

  const add = {
    says: "Keep a passkey that an authenticator made",
    body: form.passkey,
    answers: { 201: answer.passkey },
  } as const;
  on(app, "POST", "/v1/me/passkeys", add, (c, read) =>
    aloneWith(c, ports, read, async (asked, body) => {
      const refused =
        (await tooOften(c, ports)) ?? (await needPasskey(ports, asked.user, asked.session));
      if (refused) return problem(c, refused);
      const made = await register(c, ports, asked.user, body);
      if (isRefusal(made)) return problem(c, made);
      // Its making was a showing of it, too.
      if (asked.session) await accounts.strengthen(asked.session.id);
      return c.json(passkeyView(made), 201);
    }),
  );

  const remove = { says: "Forget a passkey", body: form.empty, answers: { 204: null } } as const;
  on(app, "DELETE", "/v1/me/passkeys/:passkey", remove, (c, body) =>
    aloneWith(c, ports, body, async (asked) => {
      const refused = await needPasskey(ports, asked.user, asked.session);
      if (refused) return problem(c, refused);
      return (await accounts.removePasskey(asked.user, c.req.param("passkey") ?? ""))
        ? c.body(null, 204)
        : problem(c, NOT_FOUND);
    }),
  );

  const show = {
    says: "What a browser needs to show a passkey",
    body: form.empty,
    answers: { 200: answer.webauthn },
    open: true,
  } as const;
  on(app, "POST", "/sign-in/passkey/options", show, (c, body) =>
    anybody(c, ports, body, async () =>
      c.json(await requestOptions(c, ports, markBrowser(c, SIGN_IN_MS))),
    ),
  );

  // To sign in, or as a second step of who is signed in already: the session that begins is strong.
  const signIn = {
    says: "Sign in by a passkey",
    body: form.shownPasskey,
    answers: { 200: answer.personShown },
    open: true,
  } as const;
  on(app, "POST", "/sign-in/passkey", signIn, (c, body) =>
    anybody(c, ports, body, async ({ response }) => {
      const person = await recognise(c, ports, browserOf(c), response);
      if (isRefusal(person)) return problem(c, person);
      await beginSession(c, ports, person.id, "passkey");
      return c.json({ user: person });
    }),
  );
}

async function anybody<T>(
  c: Ctx,
  ports: Ports,
  body: () => Promise<Result<T>>,
  answer: (body: T) => Promise<Response>,
): Promise<Response> {
  const refused = crossOrigin(c) ?? (await tooOften(c, ports));
  if (refused) return problem(c, refused);
  const read = await body();
  return read.ok ? answer(read.value) : problem(c, read);
}
