import { malformed, NOT_FOUND } from "../../refusals.ts";
import { needPasskey } from "../who/passkeys.ts";
import { LANGUAGES } from "../../text/index.ts";
import type { Page } from "./page.ts";

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");

/** What a person settles for themself: sessions and language. */
export const yourAccountPage: Page = {
  path: "/your-account",
  async show({ ports, session, text }) {
    const { pages } = text;
    const sessions = await ports.accounts.sessions(session.user);
    const passkeys = await ports.accounts.passkeys(session.user);
    return {
      scripts: ["webauthn.js", "passkeys.js"],
      title: pages.yourAccount,
      body: (
        <>
          <p>
            {pages.signedInAs} <strong>{session.email}</strong>{" "}
            <a href="/change-address">{pages.changeAddress}</a>
          </p>
          <section>
            <h2>{pages.sessions}</h2>
            <div class="scrolls">
              <table>
                <tbody>
                  {sessions.map((one) => (
                    <tr>
                      <th scope="row">
                        {one.userAgent ?? pages.unknownBrowser}
                        {one.strongAt !== null && ` (${pages.strong})`}
                        {one.id === session.id && <strong>{` (${pages.thisSession})`}</strong>}
                      </th>
                      <td>
                        {pages.lastSeen}: {day(one.lastSeenAt)} UTC
                      </td>
                      <td>
                        <form method="post" action="/your-account/sessions">
                          <input type="hidden" name="session" value={one.id} />
                          <button type="submit" class="secondary">
                            {pages.end}
                          </button>
                        </form>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <form method="post" action="/your-account/sessions/end">
              <button type="submit" class="secondary">
                {pages.endAll}
              </button>
            </form>
          </section>
          <section>
            <h2>{pages.passkeys}</h2>
            <p>{pages.passkeysHow}</p>
            <ul>
              {passkeys.map(({ id, name }) => (
                <li>
                  {name}{" "}
                  <form method="post" action="/your-account/passkeys/remove">
                    <input type="hidden" name="passkey" value={id} />
                    <button type="submit" class="secondary" aria-label={`${pages.remove}: ${name}`}>
                      {pages.remove}
                    </button>
                  </form>
                </li>
              ))}
            </ul>
            {passkeys.length > 0 && session.strongAt === null ? (
              <button type="button" hidden data-passkey="sign-in" data-next="/your-account">
                {pages.showPasskey}
              </button>
            ) : (
              <div hidden data-passkey-field>
                <label for="passkey-name">{pages.passkeyName}</label>
                <input id="passkey-name" maxlength={200} />
                <button type="button" hidden data-passkey="register" data-next="/your-account">
                  {pages.addPasskey}
                </button>
              </div>
            )}
            <p role="alert" data-passkey-error hidden>
              {pages.passkeyFailed}
            </p>
          </section>
          <section>
            <h2>{pages.languageLabel}</h2>
            <form method="post" action="/your-account/language">
              <label for="language">{pages.languageLabel}</label>
              <select id="language" name="language">
                {Object.entries(LANGUAGES).map(([tag, { languageName }]) => (
                  <option value={tag} lang={tag} selected={tag === text.language}>
                    {languageName}
                  </option>
                ))}
              </select>
              <button type="submit">{pages.save}</button>
            </form>
          </section>
        </>
      ),
    };
  },
};

export const endSessionPage: Page = {
  path: "/your-account/sessions",
  async act({ ports, session }, { session: id = "" }) {
    return (await ports.accounts.endSession(session.user, id))
      ? { next: "/your-account" }
      : NOT_FOUND;
  },
};

export const endSessionsPage: Page = {
  path: "/your-account/sessions/end",
  async act({ ports, session }) {
    await ports.accounts.endSessions(session.user);
    return { next: "/sign-in" };
  },
};

export const languagePage: Page = {
  path: "/your-account/language",
  async act({ ports, session }, { language = "" }) {
    if (!Object.hasOwn(LANGUAGES, language)) return malformed("There is no such language.");
    await ports.accounts.setLanguage(session.user, language);
    return { next: "/your-account" };
  },
};

export const removePasskeyPage: Page = {
  path: "/your-account/passkeys/remove",
  async act({ ports, session }, { passkey = "" }) {
    const refused = await needPasskey(ports, session.user, session);
    if (refused) return refused;
    return (await ports.accounts.removePasskey(session.user, passkey))
      ? { next: "/your-account" }
      : NOT_FOUND;
  },
};
