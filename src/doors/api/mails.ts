import type { Hono } from "hono";
import { isRefusal } from "../../refusals.ts";
import { VIEWS } from "../../views/index.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { locate, revisionHeader } from "./index.ts";
import * as form from "./schemas.ts";

/** Sends a mail again that did not go out, or of which that is not known. No edit: no fact changes. */
export function mailRoutes(app: Hono, ports: Ports): void {
  app.post("/v1/orgs/:org/mails/:mail/send", async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.empty.safeParse(body.value);
    if (!read.success) return problem(c, formErrors(read.error));
    const { credentials, org, tree } = asked;
    const mail = c.req.param("mail");
    const sent = await ports.object(tree).sendMail({ credentials, org, mail });
    if (!sent.ok) return problem(c, sent);
    const { material, revision } = sent.value;
    return c.json(VIEWS.mail(material), 202, revisionHeader(tree, revision));
  });
}
