import { malformed, NOT_FOUND } from "../../refusals.ts";
import { LANGUAGES } from "../../text/index.ts";
import type { Page } from "./page.ts";

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");

/** What a person settles for themself: sessions and language. */
export const yourAccountPage: Page = {
  path: "/your-account",
  async show({ ports, session, text }) {
    const { pages } = text;
    const sessions = await ports.accounts.sessions(session.user);
    return {
      title: pages.yourAccount,
      body: (
        <>
          <p>
            {pages.signedInAs} <strong>{session.email}</strong>
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
