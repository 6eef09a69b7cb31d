import { html, raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { Visit, Shown } from "./page.ts";

/** Neither a script nor a style of anybody else's runs here, and nobody frames these pages. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
};

/** The pages that are linked from everywhere, by path. */
const MENU = [
  ["/your-access", "yourAccess"],
  ["/your-account", "yourAccount"],
] as const;

/** The one layout: heading, menu for who is signed in, the page, and its scripts. */
export async function page({ c, text, session }: Visit, shown: Shown): Promise<Response> {
  const { pages } = text;
  const { pathname } = new URL(c.req.url);
  for (const [name, value] of Object.entries(PAGE_HEADERS)) c.header(name, value);
  const document = (
    <html lang={text.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${shown.title} · Latchkey`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/pico.css" />
        <link rel="stylesheet" href="/assets/latchkey.css" />
        {(shown.scripts ?? []).map((name) => (
          <script src={`/assets/${name}`} defer />
        ))}
      </head>
      <body>
        <a class="skip" href="#content">
          {pages.skip}
        </a>
        <header class={shown.aside ? "container wide" : "container"}>
          <nav aria-label="Latchkey">
            <ul>
              <li>
                <strong>Latchkey</strong>
              </li>
            </ul>
            {session && (
              <ul>
                {MENU.map(([path, name]) => (
                  <li>
                    <a href={path} {...(pathname === path ? { "aria-current": "page" } : {})}>
                      {pages[name]}
                    </a>
                  </li>
                ))}
                <li>
                  <form method="post" action="/sign-out">
                    <button type="submit" class="secondary outline">
                      {pages.signOut}
                    </button>
                  </form>
                </li>
              </ul>
            )}
          </nav>
        </header>
        <div class={shown.aside ? "container wide beside" : "container"}>
          {shown.aside}
          <main id="content">
            {shown.before}
            <h1>{shown.title}</h1>
            {shown.body}
          </main>
        </div>
      </body>
    </html>
  );
  const whole = html`<!DOCTYPE html>${document}`;
  if (!shown.flow) return c.html(whole, (shown.status ?? 200) as 200);
  const [before = "", rest = ""] = String(await whole).split(MARK);
  return c.body(flowing(before, shown.flow, rest), (shown.status ?? 200) as 200, {
    "content-type": "text/html; charset=UTF-8",
  });
}

/** Where in a body the flow of a page goes. */
const MARK = "<!--here-->";
export const HERE = raw(MARK);

/** A page that goes on as its middle comes: it shows what is done without any script. */
function flowing(before: string, flow: AsyncGenerator<Child>, rest: string) {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    start: (into) => into.enqueue(encoder.encode(before)),
    async pull(into) {
      const { done, value } = await flow.next();
      into.enqueue(encoder.encode(done === true ? rest : String(await html`${value}`)));
      if (done === true) into.close();
    },
    async cancel() {
      await flow.return(undefined);
    },
  });
}
