import type { Page } from "./page.ts";

/** A link is opened by a button: to look at it, as programs do with what they find in mails, gives nothing. */
export const openLinkPage: Page = {
  path: "/l/:token",
  show({ text }) {
    const { openLink } = text.pages;
    return {
      title: openLink.title,
      body: (
        <>
          <p>{openLink.ask}</p>
          <form method="post">
            <button type="submit">{openLink.open}</button>
          </form>
        </>
      ),
    };
  },
  async act({ api, c, text }) {
    const { openLink } = text.pages;
    const path = `/v1/links/${encodeURIComponent(c.req.param("token") ?? "")}/open`;
    const opened = await api.send<{ name: string; type: string; id: string }>("POST", path, {});
    if (!opened.ok) return opened;
    const { name, type, id } = opened.value;
    return {
      title: openLink.opened,
      body: (
        <p role="status">
          {openLink.now} <strong>{name}</strong> <code>{`${type}:${id}`}</code>
        </p>
      ),
    };
  },
};
