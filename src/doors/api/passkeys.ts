import type { Hono } from "hono";
import { isRefusal, NOT_FOUND, type Refusal } from "../../refusals.ts";
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
import { alone, aloneWith, bodyOf, instant } from "./account.ts";
import * as form from "./schemas.ts";

const passkeyView = (passkey: Passkey) => ({
  id: passkey.id,
  name: passkey.name,
  createdAt: instant(passkey.createdAt),
  lastUsedAt: instant(passkey.lastUsedAt),
});

export function passkeyRoutes(app: Hono, ports: Ports): void {
  const { accounts } = ports;

  app.get("/v1/me/passkeys", (c) =>
    alone(c, ports, async ({ user }) => {
      const items = (await accounts.passkeys(user)).map(passkeyView);
      return c.json({ items, next_cursor: null });
    }),
  );

  app.post("/v1/me/passkeys/options", (c) =>
    aloneWith(c, ports, form.empty, async (asked) => {
      const refused = await needPasskey(ports, asked.user, asked.session);
      if (refused) return problem(c, refused);
      return c.json(await creationOptions(c, ports, asked.person));
    }),
  );

  app.post("/v1/me/passkeys", (c) =>
    aloneWith(c, ports, form.passkey, async (asked, body) => {
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

  app.delete("/v1/me/passkeys/:passkey", (c) =>
    aloneWith(c, ports, form.empty, async (asked) => {
      const refused = await needPasskey(ports, asked.user, asked.session);
      if (refused) return problem(c, refused);
      return (await accounts.removePasskey(asked.user, c.req.param("passkey") ?? ""))
        ? c.body(null, 204)
        : problem(c, NOT_FOUND);
    }),
  );

  app.post("/sign-in/passkey/options", (c) =>
    anybody(c, ports, form.empty, async () =>
      c.json(await requestOptions(c, ports, markBrowser(c, SIGN_IN_MS))),
    ),
  );

  // To sign in, or as a second step of who is signed in already: the session that begins is strong.
  app.post("/sign-in/passkey", (c) =>
    anybody(c, ports, form.shownPasskey, async ({ response }) => {
      const person = await recognise(c, ports, browserOf(c), response);
      if (isRefusal(person)) return problem(c, person);
      await beginSession(c, ports, person.id, "passkey");
      return c.json({ user: person });
    }),
  );
}

async function anybody<S extends Parameters<typeof bodyOf>[1]>(
  c: Ctx,
  ports: Ports,
  schema: S,
  answer: (body: Exclude<Awaited<ReturnType<typeof bodyOf<S>>>, Refusal>) => Promise<Response>,
): Promise<Response> {
  const refused = crossOrigin(c) ?? (await tooOften(c, ports));
  if (refused) return problem(c, refused);
  const body = await bodyOf(c, schema);
  return isRefusal(body) ? problem(c, body) : answer(body as never);
}
