import { Hono } from "hono";
import { isRefusal, malformed, NOT_FOUND, type Refusal } from "../../refusals.ts";
import { LANGUAGES, textFor } from "../../text/index.ts";
import { BODY_MAX, readJson } from "../body.ts";
import { api } from "../api/index.ts";
import type { Ctx, Ports } from "../ports.ts";
import { problem, tooLarge } from "../problem.ts";
import { inSession } from "../who/index.ts";
import { crossOrigin, sessionOf } from "../who/session.ts";
import { agreePage, changeAddressPage } from "./address.tsx";
import { devMailHtmlPage, devMailPage, oneDevMailPage } from "./dev-mail.tsx";
import { settingsFront, settingsPage } from "./kit/settings.tsx";
import { page } from "./layout.tsx";
import { openLinkPage } from "./open-link.tsx";
import { apiAs } from "./kit/api.ts";
import { isJson, type Every, type Fields, type Outcome, type Page, type Visit } from "./page.ts";
import { SETTINGS } from "./settings/index.ts";
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
  openLinkPage,
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
  settingsFront,
  ...SETTINGS.map((one) => settingsPage(one, SETTINGS)),
];

export function pages(ports: Ports): Hono {
  const app = new Hono();
  const inside = api(ports);
  // A fault in there is one of the page.
  inside.onError((error) => {
    throw error;
  });
  for (const one of PAGES) {
    const { path } = one;
    if (one.show) app.get(path, (c) => visited(c, ports, inside, one, null));
    if (one.act)
      app.post(path, async (c) => {
        const foreign = one.open && one.fromAnywhere ? null : crossOrigin(c);
        if (foreign) return answer(await visitOf(c, ports), foreign);
        const fields = await fieldsOf(c, one.max);
        return isRefusal(fields)
          ? answer(await visitOf(c, ports), fields)
          : visited(c, ports, inside, one, fields);
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

async function visited(
  c: Ctx,
  ports: Ports,
  inside: Hono,
  one: Page,
  sent: Sent | null,
): Promise<Response> {
  const visit = await visitOf(c, ports);
  if (one.open) return answer(visit, await (sent ? one.act?.(visit, ...sent) : one.show?.(visit)));
  const { session } = visit;
  if (!session) {
    const { pathname, search } = new URL(c.req.url);
    const back = sent ? "/your-access" : pathname + search;
    return c.redirect(`/sign-in?next=${encodeURIComponent(back)}`, 303);
  }
  const credentials = await inSession(ports, session);
  const asked = apiAs(inside, { credentials, tree: null, session }, visit.text.language);
  const own = { ...visit, session, credentials, api: asked };
  return answer(visit, await (sent ? one.act?.(own, ...sent) : one.show?.(own)));
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
  if (refusal.retryAfter !== undefined) c.header("retry-after", String(refusal.retryAfter));
  return page(visit, {
    title: text.problems[refusal.code],
    body: <p role="alert">{refusal.detail}</p>,
    status: refusal.status,
  });
}

type Sent = readonly [fields: Fields, every: Every];

/** What a form says, or a JSON object of texts in its place. */
async function fieldsOf(c: Ctx, max = BODY_MAX): Promise<Sent | Refusal> {
  if (isJson(c)) {
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return body;
    return textsOf(Object.entries(body.value ?? {}));
  }
  const length = Number(c.req.raw.headers.get("content-length") ?? 0);
  if (length > max) return tooLarge(max);
  const type = c.req.raw.headers.get("content-type") ?? "";
  const bytes = await c.req.raw.arrayBuffer();
  if (bytes.byteLength > max) return tooLarge(max);
  if (!/^multipart\/form-data\b/i.test(type))
    return textsOf([...new URLSearchParams(new TextDecoder().decode(bytes))]);
  const form = await new Response(bytes, { headers: { "content-type": type } })
    .formData()
    .catch(() => null);
  if (form === null) return malformed("This is no form.");
  const fields = [...form].map(async ([name, value]) => [name, await textOf(value)] as const);
  return textsOf(await Promise.all(fields));
}

/** A field, or the text of a file: in UTF-8, or where it is none, as older spreadsheets write it. */
async function textOf(value: string | File): Promise<string> {
  if (typeof value === "string") return value;
  const bytes = await value.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function textsOf(entries: readonly (readonly [string, unknown])[]): Sent {
  const texts = entries.flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, value]] : [],
  );
  const every: Every = (name) => texts.flatMap(([one, value]) => (one === name ? [value] : []));
  return [Object.fromEntries(texts), every];
}
