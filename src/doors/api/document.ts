import type { Hono } from "hono";
import { z } from "zod";
import { EVENTS, type EventName } from "../../events.ts";
import { document as documentShown, problemShown } from "./answers.ts";
import { on, operationOf, type Operation } from "./describe.ts";
import * as form from "./schemas.ts";

/*
 * The document of the API (OpenAPI 3.1), read off the routes that there are and the forms that they
 * use. An example that nobody wrote is put together from the examples of its parts.
 */

export type Schema = Readonly<Record<string, unknown>>;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly handler: object;
}

/** `/v1/orgs/:org` as OpenAPI writes it. */
const templateOf = (path: string) => path.replace(/:(\w+)/g, "{$1}");

/** Forms as JSON Schema, those with a name once. */
class Forms {
  readonly schemas: Record<string, Schema> = {};

  of(form: z.ZodType, io: "input" | "output"): Schema {
    const { $schema: _, $defs, ...schema } = z.toJSONSchema(form, { io, unrepresentable: "any" });
    for (const [name, named] of Object.entries($defs ?? {})) {
      const { id: __, ...rest } = named as Schema;
      this.schemas[name] = here(rest);
    }
    const { id, ...rest } = schema as Schema;
    if (typeof id !== "string") return here(schema);
    this.schemas[id] = here(rest);
    return { $ref: `#/components/schemas/${id}` };
  }
}

/** References to where the document keeps what they name. */
const here = (schema: Schema): Schema =>
  JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === "$ref" && typeof value === "string"
        ? value.replace(/^#\/\$defs\//, "#/components/schemas/")
        : value,
    ),
  ) as Schema;

/** Something that has the form: the example of it, or of its parts. */
function exampleOf(schema: Schema, all: Readonly<Record<string, Schema>>): unknown {
  const {
    examples,
    enum: some,
    anyOf,
    type,
    properties,
    items,
    required,
  } = schema as {
    examples?: unknown[];
    enum?: unknown[];
    anyOf?: Schema[];
    type?: string;
    properties?: Record<string, Schema>;
    items?: Schema;
    required?: string[];
  };
  if (typeof schema["$ref"] === "string")
    return exampleOf(all[schema["$ref"].split("/").at(-1) ?? ""] ?? {}, all);
  if (examples) return examples[0];
  if ("const" in schema) return schema["const"];
  if ("default" in schema) return schema["default"];
  if (some) return some[0];
  if (anyOf) return exampleOf(anyOf[0] ?? {}, all);
  if (type === "object")
    return Object.fromEntries(
      Object.entries(properties ?? {}).flatMap(([name, one]) =>
        required?.includes(name) ? [[name, exampleOf(one, all)]] : [],
      ),
    );
  if (type === "array") return items ? [exampleOf(items, all)] : [];
  if (type === "integer" || type === "number") return schema["minimum"] ?? 1;
  if (type === "boolean") return false;
  return type === "null" ? null : "…";
}

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });

const HEADERS: Readonly<Record<string, string>> = {
  "If-Match": "The entity tag that the thing must still have; else 412.",
  "If-Preview": "The word of a preview: made only while it does what was shown; else 412.",
  "Idempotency-Key": "The same request under the same key is made once, and answered alike.",
  "Access-Revision": "The answer is at least as new as this revision, which a write answered.",
  "On-Behalf-Of":
    "An e-mail address or user id: with that person's rights, inside the key's reach.",
};

/** The parts of paths that have a form of their own. */
const PARTS: Readonly<Record<string, z.ZodType>> = {
  org: form.orgNumber.meta({ examples: [1] }),
  type: form.typeName.meta({ examples: ["site"] }),
  set: form.setName.meta({ examples: ["standard"] }),
  library: form.libraryName.meta({ examples: ["regions"] }),
};
const PART = z.string().min(1);

const CSV = { type: "string", description: "A row for each item, under a row of names." };
const STREAM = {
  type: "string",
  description: "An event `change` for each item; ids are revisions.",
};
const LINES = { type: "string", description: "An item on each line, as they come." };
const ALSO: Readonly<Record<string, object>> = {
  "text/csv": CSV,
  "text/event-stream": STREAM,
  "application/x-ndjson": LINES,
};

/** The words that routes are grouped by. */
function tagOf(path: string): string {
  const [first = "", second = "", , below] = path.split("/").slice(1);
  if (/access\/v1|authzen/.test(path)) return "checks";
  if (first !== "v1") return first === "sign-in" ? "sign-in" : "care";
  if (second === "me") return "me";
  return second === "orgs" ? (below ?? "orgs") : second;
}

const nameOf = (method: string, path: string) =>
  method.toLowerCase() +
  path
    .replace(/^\/v1\//, "/")
    .split("/")
    .filter((part) => part !== "")
    .map((part) => (part.startsWith(":") ? `By-${part.slice(1)}` : part))
    .flatMap((part) => part.split(/[^A-Za-z0-9]+/))
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");

function describe({ method, path }: Route, operation: Operation, forms: Forms): object {
  const { says, body, rows, query, answers, also, type, open, under } = operation;
  const parts = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: forms.of(PARTS[name] ?? PART, "input"),
  }));
  const { properties: asked = {} } = (query ? forms.of(query, "input") : {}) as {
    properties?: Record<string, Schema>;
  };
  const queried = Object.entries(asked).map(([name, schema]) => ({ name, in: "query", schema }));
  const headers = [...(under ?? []), ...(open ? [] : ["On-Behalf-Of"])];
  const said = body && forms.of(body, "input");
  const row = rows && forms.of(rows, "input");
  const content = said
    ? { "application/json": { schema: said, example: exampleOf(said, forms.schemas) } }
    : row && {
        "application/x-ndjson": {
          schema: { type: "string", description: "A row a line, as JSON.", "x-row": row },
          example: `${JSON.stringify(exampleOf(row, forms.schemas))}\n`,
        },
        "text/csv": { schema: { type: "string", description: "A row of names, then the rows." } },
      };
  const required = body ? !body.safeParse(undefined).success : true;
  return {
    operationId: nameOf(method, path),
    tags: [tagOf(path)],
    summary: says,
    ...(open ? { security: [] } : {}),
    parameters: [...parts, ...queried, ...headers.map((name) => ref("parameters", name))],
    ...(content ? { requestBody: { required, content } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, form]) => [
          status,
          form ? answerOf(forms, form, type, also) : { description: "Done; nothing is said." },
        ]),
      ),
      ...(under?.includes("Access-Revision") ? { 304: { description: "As the tag has it." } } : {}),
      "4XX": ref("responses", "Refused"),
      503: ref("responses", "Unavailable"),
    },
  };
}

function answerOf(
  forms: Forms,
  form: z.ZodType,
  type = "application/json",
  also: readonly string[] = [],
): object {
  const schema = forms.of(form, "output");
  return {
    description: "Done.",
    headers: { "Access-Revision": ref("headers", "Access-Revision") },
    content: {
      [type]: { schema, example: exampleOf(schema, forms.schemas) },
      ...Object.fromEntries(also.map((type) => [type, { schema: ALSO[type] }])),
    },
  };
}

/** The fields that the sentence of an event names. */
const fieldsOf = (name: EventName) =>
  [...EVENTS[name].says.matchAll(/\{(\w+)\}/g)].map(([, field = ""]) => field);

const named = z.strictObject({ id: z.int(), name: z.string() });
const actor = z.looseObject({ id: z.string(), email: z.string().nullish() });

/** What is delivered to endpoints (Standard Webhooks), by the name of the event. */
function webhooks(forms: Forms): object {
  const value = z.union([z.string(), z.number(), z.null()]);
  return Object.fromEntries(
    (Object.keys(EVENTS) as EventName[]).map((name) => {
      const fields = Object.fromEntries(fieldsOf(name).map((field) => [field, value.optional()]));
      const delivered = z.looseObject({
        type: z.literal(name),
        timestamp: z.iso.datetime(),
        sequence: z.int().positive(),
        data: z.looseObject({ ...fields, org: named, toOrg: z.int().nullish(), actor }),
      });
      const example = {
        type: name,
        timestamp: "2026-03-03T09:00:00.000Z",
        sequence: 7,
        data: {
          ...Object.fromEntries(fieldsOf(name).map((field) => [field, "…"])),
          org: { id: 1, name: "Acme" },
          actor: { id: "usr_V1StGXR8_Z5jdHi6B", email: "lea@acme.example" },
        },
      };
      const content = { "application/json": { schema: forms.of(delivered, "output"), example } };
      const summary = EVENTS[name].says;
      const parameters = ["id", "timestamp", "signature", "sequence"].map((part) => ({
        name: `webhook-${part}`,
        in: "header",
        required: true,
        schema: { type: "string" },
      }));
      const responses = { "2XX": { description: "Taken." }, 410: { description: "Send no more." } };
      const requestBody = { required: true, content };
      const operationId = `hear${name.replace(/(^|\.)(\w)/g, (_, __, one: string) => one.toUpperCase())}`;
      return [name, { post: { operationId, summary, parameters, requestBody, responses } }];
    }),
  );
}

/** The document of these routes. */
export function documentOf(routes: readonly Route[]): object {
  const forms = new Forms();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const operation = operationOf(route.handler);
    if (!operation) continue;
    const at = (paths[templateOf(route.path)] ??= {});
    at[route.method.toLowerCase()] = describe(route, operation, forms);
  }
  const refused = (description: string) => ({
    description,
    content: { "application/problem+json": { schema: forms.of(problemShown, "output") } },
  });
  return {
    openapi: "3.1.1",
    info: {
      title: "Latchkey",
      version: "1",
      summary: "May this person do this to that?",
      description:
        "Access decisions (OpenID AuthZEN 1.0) and access sharing between organisations. To someone without access in an org its things do not exist: 404. Refusals are problems (RFC 9457) with a stable `code`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { session: [] }],
    tags: [
      ...new Set(routes.filter((one) => operationOf(one.handler)).map(({ path }) => tagOf(path))),
    ].map((name) => ({ name })),
    paths,
    webhooks: webhooks(forms),
    components: {
      schemas: forms.schemas,
      responses: {
        Refused: refused("Refused."),
        Unavailable: refused("Cannot be answered right now; ask again after `Retry-After`."),
      },
      parameters: Object.fromEntries(
        Object.entries(HEADERS).map(([name, description]) => [
          name,
          { name, in: "header", description, schema: { type: "string" } },
        ]),
      ),
      headers: {
        "Access-Revision": {
          description: "Opaque. A read that sends it is answered at least as new.",
          schema: { type: "string" },
        },
      },
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "An API key, or a token of an issuer.",
        },
        session: { type: "apiKey", in: "cookie", name: "__Host-session" },
      },
    },
  };
}

/** Serves the document of these apps, its own route included; answers what makes it. */
export function documentRoute(app: Hono, apps: readonly Hono[]): () => object {
  let made: object | undefined;
  const document = () => (made ??= documentOf(apps.flatMap((one) => one.routes)));
  const operation = { says: "This document", answers: { 200: documentShown }, open: true } as const;
  on(app, "GET", "/openapi.json", operation, (c) =>
    c.json(document(), 200, { "cache-control": "max-age=300" }),
  );
  return document;
}
