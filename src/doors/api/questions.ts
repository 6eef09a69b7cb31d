import type { Hono } from "hono";
import { isRefusal } from "../../refusals.ts";
import { textFor } from "../../text/index.ts";
import { effectsView } from "../../views/effects.ts";
import { explanationView } from "../../views/explanations.ts";
import { BODY_MAX, LARGE_BODY_MAX, readJson } from "../body.ts";
import type { Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { editOfItem, editsOfItems } from "./edits.ts";
import { atLeast, locate, revisionHeader } from "./index.ts";
import { saysIn } from "./says.ts";
import * as form from "./schemas.ts";

/** Why, why not, and what was. */
export function questionRoutes(app: Hono, ports: Ports): void {
  app.post("/v1/orgs/:org/explain", async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.explain.safeParse(body.value);
    if (!read.success) return problem(c, formErrors(read.error));
    const { subject, action, resource, context, at } = read.data;
    const { share, ...named } = resource;
    const question = {
      subject,
      action: action.name,
      actionProperties: action.properties,
      resource: named,
      context,
    };
    const { credentials, org, tree } = asked;
    const found = await ports
      .object(tree)
      .explain({ credentials, org, question, share, at, atLeast: atLeast(c, tree) });
    if (!found.ok) return problem(c, found);
    const says = saysIn(textFor(c.req.header("accept-language")));
    const { revision, material } = found.value;
    return c.json(explanationView(material, says), 200, revisionHeader(tree, revision));
  });

  app.post("/v1/orgs/:org/preview", async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, LARGE_BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.preview.safeParse(body.value);
    if (!read.success) return problem(c, formErrors(read.error));
    const edits = "edits" in read.data ? editsOfItems(read.data.edits) : editOfItem(read.data);
    if (isRefusal(edits)) return problem(c, edits);
    const { credentials, org, tree } = asked;
    const found = await ports.object(tree).preview({
      credentials,
      org,
      edits: Array.isArray(edits) ? edits : [edits],
      atLeast: atLeast(c, tree),
    });
    if (!found.ok) return problem(c, found);
    const { effects, roles, confirmations, token, revision } = found.value;
    const shown = { ...effectsView(effects), roles, confirmations, confirm: token };
    return c.json(shown, 200, revisionHeader(tree, revision));
  });
}
