import { isRefusal } from "../../refusals.ts";
import { email as emailForm } from "../api/schemas.ts";
import { changeAddress } from "../who/address.ts";
import { tooOften } from "../who/limits.ts";
import { readLink } from "../who/links.ts";
import type { OwnVisit, Outcome, Page } from "./page.ts";

/** Where a person asks for another address. */
export const changeAddressPage: Page = {
  path: "/change-address",
  show: (visit) => ask(visit),
  async act(visit, fields) {
    const { c, ports, session, text } = visit;
    const email = emailForm.safeParse(fields["email"]);
    if (!email.success) return ask(visit, text.pages.notAnAddress);
    const person = { id: session.user, email: session.email };
    const refused = await changeAddress(c, ports, person, session, email.data);
    if (isRefusal(refused)) return refused.status === 422 ? ask(visit, refused.detail) : refused;
    return { title: text.pages.lookIntoMail, body: <p>{text.pages.addressSent}</p> };
  },
};

const ask = ({ text: { pages } }: OwnVisit, wrong?: string): Outcome => ({
  title: pages.changeAddress,
  status: wrong === undefined ? 200 : 400,
  body: (
    <form method="post" action="/change-address">
      <p>{pages.addressHow}</p>
      <label for="email">{pages.newAddress}</label>
      <input id="email" name="email" type="email" autocomplete="email" required />
      {wrong !== undefined && <small role="alert">{wrong}</small>}
      <button type="submit">{pages.goOn}</button>
    </form>
  ),
});

/** Where the mails of a change lead: a button agrees for the address that the mail went to. */
export const agreePage: Page = {
  open: true,
  path: "/change-address/:token",
  async show({ c, ports, text: { pages } }) {
    const link = await readLink(ports.rootKey, c.req.param("token") ?? "");
    if (link?.purpose !== "address") return dead(pages.changeAddress, pages.linkExpired);
    return {
      title: pages.changeAddress,
      body: (
        <form method="post">
          <p>
            {pages.agreeAs} <strong>{link.email}</strong>
          </p>
          <button type="submit">{pages.agree}</button>
        </form>
      ),
    };
  },
  async act({ c, ports, text: { pages } }) {
    const refused = await tooOften(c, ports);
    if (refused) return refused;
    const link = await readLink(ports.rootKey, c.req.param("token") ?? "");
    if (link?.purpose !== "address") return dead(pages.changeAddress, pages.linkExpired);
    const title = pages.changeAddress;
    switch (await ports.accounts.agreeToAddress(link.id, link.email)) {
      case "dead":
        return dead(title, pages.linkUsed);
      case "taken":
        return { title, status: 409, body: <p role="alert">{pages.addressTaken}</p> };
      case "waits":
        return { title, body: <p>{pages.addressWaits}</p> };
      case "made":
        return { title, body: <p>{pages.addressMade}</p> };
    }
  },
};

const dead = (title: string, why: string): Outcome => ({
  title,
  status: 410,
  body: <p role="alert">{why}</p>,
});
