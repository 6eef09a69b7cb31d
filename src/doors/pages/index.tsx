import { Hono } from "hono";
import { isRefusal, NOT_FOUND, type Refusal } from "../../refusals.ts";
import { LANGUAGES, textFor } from "../../text/index.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { problem, tooLarge } from "../problem.ts";
import { inSession } from "../who/index.ts";
import { crossOrigin, sessionOf } from "../who/session.ts";
import { agreePage, changeAddressPage } from "./address.tsx";
import { devMailHtmlPage, devMailPage, oneDevMailPage } from "./dev-mail.tsx";
import { page } from "./layout.tsx";
import { isJson, type Fields, type Outcome, type Page, type Visit } from "./page.ts";
import { confirmPage, sentPage, signInPage, signOutPage } from "./sign-in.tsx";
import { unsubscribePage } from "./unsubscribe.tsx";
import { yourAccessPage } from "./your-access.tsx";
import {
  endSessionPage,
  endSessionsPage,
  languagePage,
  removePasskeyPage,
  yourAccountPage,
} from "./your-account.tsx";

/** Every page, and every form that one sends. */
const PAGES: readonly Page[] = [
  signInPage,
  sentPage,
  confirmPage,
  signOutPage,
  unsubscribePage,
  yourAccessPage,
  yourAccountPage,
  endSessionPage,
  endSessionsPage,
  languagePage,
  changeAddressPage,
  agreePage,
  removePasskeyPage,
  devMailPage,
  oneDevMailPage,
  devMailHtmlPage,
];

export function pages(ports: Ports): Hono {
  const app = new Hono();
  for (const one of PAGES) {
    const { path } = one;
    if (one.show) app.get(path, (c) => visited(c, ports, one, null));
    if (one.act)
      app.post(path, async (c) => {
        const foreign = one.open && one.fromAnywhere ? null : crossOrigin(c);
        if (foreign) return answer(await visitOf(c, ports), foreign);
        const fields = await fieldsOf(c);
        return isRefusal(fields)
          ? answer(await visitOf(c, ports), fields)
          : visited(c, ports, one, fields);
      });
  }
  app.get("/", (c) => c.redirect("/your-access", 303));
  app.get("/assets/*", (c) => ports.asset(c.req.raw));
  return app;
}

async function visitOf(c: Ctx, ports: Ports): Promise<Visit> {
  const session = await sessionOf(c, ports);
  const chosen = session?.language;
  const text = (chosen && LANGUAGES[chosen]) || textFor(c.req.header("accept-language"));
  return { c, ports, text, session };
}

async function visited(c: Ctx, ports: Ports, one: Page, fields: Fields | null): Promise<Response> {
  const visit = await visitOf(c, ports);
  if (one.open) return answer(visit, await (fields ? one.act?.(visit, fields) : one.show?.(visit)));
  const { session } = visit;
  if (!session) {
    const { pathname, search } = new URL(c.req.url);
    const back = fields ? "/your-access" : pathname + search;
    return c.redirect(`/sign-in?next=${encodeURIComponent(back)}`, 303);
  }
  const own = { ...visit, session, credentials: await inSession(ports, session) };
  return answer(visit, await (fields ? one.act?.(own, fields) : one.show?.(own)));
}

function answer(visit: Visit, outcome: Outcome = NOT_FOUND): Response | Promise<Response> {
  const { c } = visit;
  if (outcome instanceof Response) return outcome;
  if (isRefusal(outcome)) return isJson(c) ? problem(c, outcome) : refused(visit, outcome);
  if ("next" in outcome) return c.redirect(outcome.next, 303);
  return page(visit, outcome);
}

function refused(visit: Visit, refusal: Refusal): Response | Promise<Response> {
  const { c, text } = visit;
  c.status(refusal.status as 400);
  if (refusal.retryAfter !== undefined) c.header("retry-after", String(refusal.retryAfter));
  return page(visit, {
    title: text.problems[refusal.code],
    body: <p role="alert">{refusal.detail}</p>,
    status: refusal.status as 400,
  });
}

/** What a form says, or a JSON object of texts in its place. */
async function fieldsOf(c: Ctx): Promise<Fields | Refusal> {
  if (isJson(c)) {
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return body;
    return textsOf(Object.entries(body.value ?? {}));
  }
  if (Number(c.req.raw.headers.get("content-length") ?? 0) > BODY_MAX) return tooLarge(BODY_MAX);
  const bytes = await c.req.raw.arrayBuffer();
  if (bytes.byteLength > BODY_MAX) return tooLarge(BODY_MAX);
  return textsOf([...new URLSearchParams(new TextDecoder().decode(bytes))]);
}

const textsOf = (entries: readonly (readonly [string, unknown])[]): Fields =>
  Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
