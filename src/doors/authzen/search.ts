import type { Hono } from "hono";
import { z } from "zod";
import type { SearchRequest } from "../../commands/rpc.ts";
import { isRefusal } from "../../refusals.ts";
import { foundActions, foundEntities } from "../api/answers.ts";
import { describing } from "../api/describe.ts";
import { atLeast, READ } from "../api/index.ts";
import { LARGE_BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { whoHolds } from "../who/index.ts";
import { action, context, resource, saidOf, subject, treeAsked } from "./forms.ts";

/*
 * OpenID AuthZEN 1.0: search. What is not known there is an empty list, not an error. A page's token
 * holds for the same search at the same revision: where the access has changed, it is 400.
 */

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1_000;

const page = z
  .looseObject({
    token: z.string().max(500).optional(),
    limit: z.int().min(1).max(PAGE_MAX).optional(),
  })
  .optional();
const more = { context: context.optional(), page };
/** What is searched for is named by its type; an id that is sent along is passed over. */
const sought = z.looseObject({ type: z.string().min(1).max(500) });

const FORMS = {
  subject: z.looseObject({ subject: sought, action, resource, ...more }),
  resource: z.looseObject({ subject, action, resource: sought, ...more }),
  action: z.looseObject({ subject, resource, ...more }),
} as const;

type Read<F extends keyof typeof FORMS> = z.output<(typeof FORMS)[F]>;

const QUERIES: { [F in keyof typeof FORMS]: (read: Read<F>) => SearchRequest["query"] } = {
  subject: ({
    subject: { type },
    action: { name, properties },
    resource: on,
    context: around,
  }) => ({
    find: "subject",
    type,
    action: name,
    actionProperties: properties,
    resource: { type: on.type, id: on.id, properties: saidOf(on) },
    context: around,
  }),
  resource: ({
    subject: by,
    action: { name, properties },
    resource: { type },
    context: around,
  }) => ({
    find: "resource",
    type,
    action: name,
    actionProperties: properties,
    subject: { type: by.type, id: by.id },
    context: around,
  }),
  action: ({ subject: by, resource: on, context: around }) => ({
    find: "action",
    subject: { type: by.type, id: by.id },
    resource: { type: on.type, id: on.id, properties: saidOf(on) },
    context: around,
  }),
};

const said = (says: string, find: keyof typeof FORMS, found: z.ZodType) =>
  describing({
    says,
    body: FORMS[find],
    max: LARGE_BODY_MAX,
    answers: { 200: found },
    under: READ,
  });
const SAID = {
  subject: said("Who may do this to that?", "subject", foundEntities),
  resource: said("What may this subject do this to?", "resource", foundEntities),
  action: said("What may this subject do to that?", "action", foundActions),
};

export function searchRoutes(app: Hono, ports: Ports, base: string): void {
  for (const find of ["subject", "resource", "action"] as const)
    app.post(
      `${base}/access/v1/search/${find}`,
      SAID[find]((c: Ctx) => answer(c, ports, find)),
    );
}

async function answer(c: Ctx, ports: Ports, find: keyof typeof FORMS): Promise<Response> {
  const asked = await whoHolds(c, ports);
  if (isRefusal(asked)) return problem(c, asked);
  const body = await readJson(c, LARGE_BODY_MAX);
  if (!body.ok) return problem(c, body);
  const read = FORMS[find].safeParse(body.value);
  if (!read.success) return problem(c, formErrors(read.error));
  const where = await treeAsked(c, ports, asked);
  if (isRefusal(where)) return problem(c, where);
  const found = await ports.object(where.tree).search({
    credentials: asked.credentials,
    org: where.org,
    query: QUERIES[find](read.data as never),
    token: read.data.page?.token,
    limit: read.data.page?.limit ?? PAGE_DEFAULT,
    atLeast: atLeast(c, where.tree),
  });
  if (!found.ok) return problem(c, found);
  const { results, next } = found.value;
  return c.json(
    next === null && !read.data.page ? { results } : { results, page: { next_token: next ?? "" } },
  );
}
