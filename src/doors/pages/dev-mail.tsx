import { NOT_FOUND } from "../../refusals.ts";
import type { MailShown } from "../ports.ts";
import type { Page, Visit } from "./page.ts";

/*
 * The mails of a server on one's own machine, from which none goes out. In a deployment there are no
 * such pages. Programs that ask for JSON get it.
 */

const LATEST = 200;

const wantsJson = ({ c }: Visit): boolean => (c.req.header("accept") ?? "").includes("json");

const summary = ({ id, to, kind, status, at, subject }: MailShown) => ({
  id,
  to,
  kind,
  status,
  at,
  subject,
});

export const devMailPage: Page = {
  open: true,
  path: "/dev/mail",
  async show(visit) {
    const { mailbox } = visit.ports;
    if (!mailbox) return NOT_FOUND;
    const mails = await mailbox.latest(LATEST);
    if (wantsJson(visit)) return visit.c.json({ items: mails.map(summary), next_cursor: null });
    return {
      title: "Mails",
      body: (
        <div class="scrolls">
          <table>
            <thead>
              <tr>
                {["To", "Subject", "Status", "At"].map((name) => (
                  <th scope="col">{name}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {mails.map((mail) => (
                <tr>
                  <td>{mail.to}</td>
                  <td>
                    <a href={`/dev/mail/${encodeURIComponent(mail.id)}`}>{mail.subject}</a>
                  </td>
                  <td>{mail.status}</td>
                  <td>{mail.at}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ),
    };
  },
};

/** One mail, as it was rendered for sending: its text, with links that work. */
export const oneDevMailPage: Page = {
  open: true,
  path: "/dev/mail/:id",
  async show(visit) {
    const mail = await visit.ports.mailbox?.one(visit.c.req.param("id") ?? "");
    if (!mail) return NOT_FOUND;
    if (wantsJson(visit)) return visit.c.json(mail);
    return {
      title: mail.subject,
      body: (
        <>
          <p>
            {mail.to} · {mail.kind} · {mail.status} · {mail.at}
          </p>
          <p class="said">
            {mail.text
              .split(/(https?:\/\/\S+)/)
              .map((part, n) => (n % 2 === 1 ? <a href={part}>{part}</a> : part))}
          </p>
          {mail.html !== undefined && (
            <p>
              <a href={`/dev/mail/${encodeURIComponent(mail.id)}/html`}>HTML</a>
            </p>
          )}
          <p>
            <a href="/dev/mail">All mails</a>
          </p>
        </>
      ),
    };
  },
};

export const devMailHtmlPage: Page = {
  open: true,
  path: "/dev/mail/:id/html",
  async show({ c, ports }) {
    const mail = await ports.mailbox?.one(c.req.param("id") ?? "");
    return mail?.html === undefined
      ? NOT_FOUND
      : c.html(mail.html, 200, {
          "content-security-policy":
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
          "referrer-policy": "same-origin",
          "x-content-type-options": "nosniff",
          "cache-control": "no-store",
        });
  },
};
