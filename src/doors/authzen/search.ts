import type { Hono } from "hono";
import { z } from "zod";
import type { SearchAnswer, SearchRequest } from "../../commands/rpc.ts";
import { accept, malformed, type Result } from "../../refusals.ts";
import { foundActions, foundEntities } from "../api/answers.ts";
import { describing } from "../api/describe.ts";
import { READ } from "../api/index.ts";
import { LARGE_BODY_MAX } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { action, asked, context, resource, saidOf, subject, type Place } from "./forms.ts";

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

async function answer(c: Ctx, ports: Ports, find: Found): Promise<Response> {
  const read = await asked(c, ports);
  if (!read.ok) return problem(c, read);
  const found = await search(ports, read.value.place, find, read.value.body);
  return found.ok ? c.json(found.value) : problem(c, found);
}

export type Found = keyof typeof FORMS;
export type Searched = SearchAnswer["results"];

/** Answers a search, as it was sent. */
export async function search(
  ports: Ports,
  { tree, ...place }: Place,
  find: Found,
  sent: unknown,
): Promise<Result<{ results: Searched; page?: { next_token: string } }>> {
  if (!Object.hasOwn(FORMS, find)) return malformed("A search is for subject, resource or action.");
  const read = FORMS[find].safeParse(sent);
  if (!read.success) return formErrors(read.error);
  const { page } = read.data;
  const found = await ports.object(tree).search({
    ...place,
    query: QUERIES[find](read.data as never),
    token: page?.token,
    limit: page?.limit ?? PAGE_DEFAULT,
  });
  if (!found.ok) return found;
  const { results, next } = found.value;
  return accept(
    next === null && !page ? { results } : { results, page: { next_token: next ?? "" } },
  );
}
