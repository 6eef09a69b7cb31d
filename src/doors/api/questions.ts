import type { Hono } from "hono";
import type { z } from "zod";
import { isRefusal } from "../../refusals.ts";
import { textFor } from "../../text/index.ts";
import { effectsView } from "../../views/effects.ts";
import { accessAtView, explanationView } from "../../views/explanations.ts";
import { BODY_MAX, LARGE_BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { editOfItem, editsOfItems } from "./edits.ts";
import { atLeast, locate, revisionHeader, type Located } from "./index.ts";
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
    const { at, ...question } = read.data;
    return explain(c, ports, asked, question, at);
  });

  app.post("/v1/orgs/:org/history", async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.history.safeParse(body.value);
    if (!read.success) return problem(c, formErrors(read.error));
    const { at, question } = read.data;
    if ("subject" in question) return explain(c, ports, asked, question, at);
    const { credentials, org, tree } = asked;
    const { resource } = question;
    const found = await ports.object(tree).accessAt({ credentials, org, resource, at });
    if (!found.ok) return problem(c, found);
    const { revision, material } = found.value;
    return c.json(accessAtView(material, saysFor(c)), 200, revisionHeader(tree, revision));
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

const saysFor = (c: Ctx) => saysIn(textFor(c.req.header("accept-language")));

async function explain(
  c: Ctx,
  ports: Ports,
  { credentials, org, tree }: Located,
  { subject, action, resource, context }: Omit<z.output<typeof form.explain>, "at">,
  at: number | undefined,
): Promise<Response> {
  const { share, ...named } = resource;
  const { name, properties: actionProperties } = action;
  const question = { subject, action: name, actionProperties, resource: named, context };
  const found = await ports
    .object(tree)
    .explain({ credentials, org, question, share, at, atLeast: atLeast(c, tree) });
  if (!found.ok) return problem(c, found);
  const { revision, material } = found.value;
  return c.json(explanationView(material, saysFor(c)), 200, revisionHeader(tree, revision));
}
