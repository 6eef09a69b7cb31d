import { NOT_FOUND } from "../../refusals.ts";
import { readUnsubscribe } from "../mail/unsubscribe.ts";
import type { Page, Visit } from "./page.ts";

const stopped = ({ c, ports }: Visit) => readUnsubscribe(ports.rootKey, c.req.param("token") ?? "");

/**
 * Where the mails about an org that only inform are stopped. To look changes nothing, for programs
 * open the links of mails too; a mail program's own button sends the form (RFC 8058).
 */
export const unsubscribePage: Page = {
  open: true,
  fromAnywhere: true,
  path: "/unsubscribe/:token",
  async show(visit) {
    if (!(await stopped(visit))) return NOT_FOUND;
    const { unsubscribe } = visit.text.pages;
    return {
      title: unsubscribe.title,
      body: (
        <>
          <p>{unsubscribe.ask}</p>
          <form method="post">
            <button type="submit">{unsubscribe.stop}</button>
          </form>
        </>
      ),
    };
  },
  async act(visit, fields) {
    const of = await stopped(visit);
    if (!of) return NOT_FOUND;
    const again = fields["again"] === "1";
    await visit.ports.setSubscribed(of, again);
    const { unsubscribe } = visit.text.pages;
    return {
      title: unsubscribe.title,
      body: (
        <>
          <p role="status">{again ? unsubscribe.resumed : unsubscribe.stopped}</p>
          {!again && (
            <form method="post">
              <button type="submit" name="again" value="1" class="secondary">
                {unsubscribe.resume}
              </button>
            </form>
          )}
        </>
      ),
    };
  },
};
