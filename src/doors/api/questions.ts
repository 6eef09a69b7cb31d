import type { Hono } from "hono";
import { z } from "zod";
import { isRefusal } from "../../refusals.ts";
import { textFor } from "../../text/index.ts";
import { effectsView } from "../../views/effects.ts";
import { accessAtView, explanationView } from "../../views/explanations.ts";
import { LARGE_BODY_MAX } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import * as answer from "./answers.ts";
import { on } from "./describe.ts";
import { editOfItem, editsOfItems } from "./edits.ts";
import { atLeast, locate, READ, revisionHeader, type Located } from "./index.ts";
import { saysIn } from "./says.ts";
import * as form from "./schemas.ts";

/** Why, why not, and what was. */
export function questionRoutes(app: Hono, ports: Ports): void {
  const explain = {
    says: "Why somebody may do something, or what they lack",
    body: form.explain,

    answers: { 200: answer.explanation },
    under: READ,
  } as const;
  on(app, "POST", "/v1/orgs/:org/explain", explain, async (c, body) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const { at, ...question } = read.value;
    return explanationOf(c, ports, asked, question, at);
  });

  const history = {
    says: "Who could do what at an instant, and by whose act",
    body: form.history,

    answers: { 200: z.union([answer.explanation, answer.accessAt]) },
    under: READ,
  } as const;
  on(app, "POST", "/v1/orgs/:org/history", history, async (c, body) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const { at, question } = read.value;
    if ("subject" in question) return explanationOf(c, ports, asked, question, at);
    const { credentials, org, tree } = asked;
    const { resource } = question;
    const found = await ports.object(tree).accessAt({ credentials, org, resource, at });
    if (!found.ok) return problem(c, found);
    const { revision, material } = found.value;
    return c.json(accessAtView(material, saysFor(c)), 200, revisionHeader(tree, revision));
  });

  const preview = {
    says: "What edits would do, and the word by which they are confirmed",
    body: form.preview,
    max: LARGE_BODY_MAX,
    answers: { 200: answer.preview },
    under: READ,
  } as const;
  on(app, "POST", "/v1/orgs/:org/preview", preview, async (c, body) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const edits = "edits" in read.value ? editsOfItems(read.value.edits) : editOfItem(read.value);
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

async function explanationOf(
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
