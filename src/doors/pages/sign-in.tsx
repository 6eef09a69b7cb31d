import { nanoid } from "nanoid";
import { malformed } from "../../refusals.ts";
import { email as emailForm } from "../api/schemas.ts";
import { tooOften, TOO_OFTEN } from "../who/limits.ts";
import { originFor, readLink, SIGN_IN_MS } from "../who/links.ts";
import { beginSession, browserOf, endSession, markBrowser } from "../who/session.ts";
import { isJson, safeNext, type Outcome, type Page, type Visit } from "./page.ts";

const FIRST_PAGE = "/your-access";

/** Where somebody asks for a link. What is answered does not depend on whether they are known. */
export const signInPage: Page = {
  open: true,
  path: "/sign-in",
  show: (visit) => ask(visit, visit.c.req.query("next")),
  async act(visit, fields) {
    const { c, ports, text } = visit;
    const email = emailForm.safeParse(fields["email"]);
    if (!email.success) {
      if (isJson(c))
        return malformed(text.pages.notAnAddress, [
          { pointer: "/email", detail: text.pages.notAnAddress },
        ]);
      return ask(visit, fields["next"], text.pages.notAnAddress);
    }
    const refused = await tooOften(c, ports, email.data);
    if (refused) return refused;
    const asked = await ports.accounts.askSignIn({
      id: `sgn_${nanoid()}`,
      email: email.data,
      browser: markBrowser(c, SIGN_IN_MS),
      next: safeNext(fields["next"]),
      expiresAt: Date.now() + SIGN_IN_MS,
      data: { origin: originFor(ports.origin, c.req.url), language: text.language },
    });
    if (!asked) return TOO_OFTEN;
    return isJson(c) ? c.json({ status: "sent" }, 202) : { next: "/sign-in/sent" };
  },
};

function ask({ text: { pages } }: Visit, next?: string, wrong?: string): Outcome {
  const kept = safeNext(next);
  return {
    title: pages.signIn,
    status: wrong === undefined ? 200 : 400,
    scripts: ["webauthn.js", "passkeys.js"],
    body: (
      <>
        <p>{pages.signInHow}</p>
        <form method="post" action="/sign-in">
          {kept && <input type="hidden" name="next" value={kept} />}
          <label for="email">{pages.email}</label>
          <input
            id="email"
            name="email"
            type="email"
            autocomplete="username webauthn"
            required
            {...(wrong === undefined
              ? {}
              : { "aria-invalid": "true", "aria-describedby": "wrong" })}
          />
          {wrong !== undefined && (
            <small id="wrong" role="alert">
              {wrong}
            </small>
          )}
          <button type="submit">{pages.mailLink}</button>
        </form>
        <button
          type="button"
          class="secondary"
          hidden
          data-passkey="sign-in"
          data-next={kept ?? FIRST_PAGE}
        >
          {pages.usePasskey}
        </button>
        <p role="alert" data-passkey-error hidden>
          {pages.passkeyFailed}
        </p>
      </>
    ),
  };
}

export const sentPage: Page = {
  open: true,
  path: "/sign-in/sent",
  show: ({ text: { pages } }) => ({
    title: pages.lookIntoMail,
    body: (
      <>
        <p>{pages.mailSent}</p>
        <p>
          <a href="/sign-in">{pages.newLink}</a>
        </p>
      </>
    ),
  }),
};

/**
 * Where a mailed link leads. Whatever looks into mails opens links, so opening one changes nothing:
 * a button does. An invitation's link may be opened anywhere, any other only where it was asked for.
 */
export const confirmPage: Page = {
  open: true,
  path: "/sign-in/:token",
  async show({ c, ports, text: { pages } }) {
    const link = await readLink(ports.rootKey, c.req.param("token") ?? "");
    if (!link || link.purpose === "address") return dead(pages.linkExpired, pages);
    return {
      title: pages.signIn,
      body: (
        <form method="post">
          {link.purpose === "invitation" && <p>{pages.confirmInvitation}</p>}
          <p>
            {pages.confirmSignIn} <strong>{link.email}</strong>
          </p>
          <button type="submit">{pages.goOn}</button>
        </form>
      ),
    };
  },
  async act({ c, ports, text: { pages } }) {
    const refused = await tooOften(c, ports);
    if (refused) return refused;
    const link = await readLink(ports.rootKey, c.req.param("token") ?? "");
    if (!link || link.purpose === "address") return dead(pages.linkExpired, pages);
    let next: string | null = null;
    if (link.purpose === "invitation") {
      if (!(await ports.accounts.takeInvitation(link))) return dead(pages.linkUsed, pages);
    } else {
      const taken = await ports.accounts.takeSignIn(link.id, browserOf(c));
      if (!taken.ok)
        return taken.because === "elsewhere"
          ? dead(pages.linkElsewhere, pages, 403)
          : dead(taken.because === "used" ? pages.linkUsed : pages.linkExpired, pages);
      ({ next } = taken);
    }
    const person = await ports.accounts.prove(link.email);
    await beginSession(c, ports, person.id, link.purpose === "invitation" ? "invitation" : "mail");
    next ??= FIRST_PAGE;
    return isJson(c) ? c.json({ user: person, next }) : { next };
  },
};

const dead = (why: string, pages: Visit["text"]["pages"], status: 403 | 410 = 410): Outcome => ({
  title: pages.signIn,
  status,
  body: (
    <>
      <p role="alert">{why}</p>
      <p>
        <a href="/sign-in">{pages.newLink}</a>
      </p>
    </>
  ),
});

export const signOutPage: Page = {
  open: true,
  path: "/sign-out",
  async act({ c, ports }) {
    await endSession(c, ports);
    return isJson(c) ? c.body(null, 204) : { next: "/sign-in" };
  },
};
