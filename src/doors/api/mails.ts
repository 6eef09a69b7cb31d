import type { Hono } from "hono";
import { isRefusal } from "../../refusals.ts";
import { VIEWS } from "../../views/index.ts";
import type { Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import { SHOWN } from "./shown.ts";
import { on } from "./describe.ts";
import { locate, revisionHeader } from "./index.ts";
import * as form from "./schemas.ts";

/** Sends a mail again that did not go out, or of which that is not known. No edit: no fact changes. */
export function mailRoutes(app: Hono, ports: Ports): void {
  const send = {
    says: "Send a mail again",
    body: form.empty,
    answers: { 202: SHOWN.mail },
  } as const;
  on(app, "POST", "/v1/orgs/:org/mails/:mail/send", send, async (c, body) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const { credentials, org, tree } = asked;
    const mail = c.req.param("mail");
    const sent = await ports.object(tree).sendMail({ credentials, org, mail });
    if (!sent.ok) return problem(c, sent);
    const { material, revision } = sent.value;
    return c.json(VIEWS.mail(material), 202, revisionHeader(tree, revision));
  });
}
