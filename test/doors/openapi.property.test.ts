import { Validator } from "@cfworker/json-schema";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Schema } from "../../src/doors/api/document.ts";
import { doors } from "../../src/doors/index.ts";
import { as, call, newKey, newMember, newOrg, someone, type Reply } from "../support/http.ts";

/*
 * Requests made up from the document of the API, good and bad ones: none is a fault, and each is
 * answered as the document says. REQUESTS says how many for each operation, and
 * SEED which ones.
 */

interface Body {
  readonly schema: Schema;
}

type Content = Readonly<Record<string, Body>>;

interface Operation {
  readonly parameters: readonly { name?: string; in?: string; schema?: Schema }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const { REQUESTS = "8", SEED = "1" } = env as { REQUESTS?: string; SEED?: string };
const { checks, rest } = doors({} as never);
const document = documentOf([...checks.routes, ...rest.routes]) as Document;
const { schemas } = document.components;

/** What is deleted comes last: the others are to find what they name. */
const operations = Object.entries(document.paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ path, method: method.toUpperCase(), one })),
  )
  .toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"));

const resolved = (schema: Schema): Schema =>
  typeof schema["$ref"] === "string"
    ? resolved(schemas[schema["$ref"].split("/").at(-1) ?? ""] ?? {})
    : schema;

const LAST = new Date("2100-01-01T00:00:00Z");
const letters = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 });

/** Texts of the form: those that its pattern, format and lengths allow. */
function texts({ pattern, format, minLength, maxLength }: Schema): fc.Arbitrary<string> {
  if (format === "date-time")
    return fc
      .date({ min: new Date(0), max: LAST, noInvalidDate: true })
      .map((at) => at.toISOString());
  if (format === "email")
    return fc.stringMatching(/^[a-z]{1,8}$/).map((name) => `${name}@new.example`);
  if (typeof pattern === "string") return fc.stringMatching(new RegExp(pattern));
  const [min, max] = [Number(minLength ?? 0), Math.min(Number(maxLength ?? 20), 20)];
  return fc
    .string({ unit: "grapheme-ascii", minLength: min, maxLength: Math.max(min, max) })
    .filter((text) => min === 0 || text.trim() !== "");
}

/** Values that the schema allows; where it names examples, often those. */
function valid(schema: Schema): fc.Arbitrary<unknown> {
  const form = resolved(schema);
  const { examples } = form as { examples?: unknown[] };
  const made = madeUp(form);
  return examples ? fc.oneof(fc.constantFrom(...examples), made) : made;
}

function madeUp(form: Schema): fc.Arbitrary<unknown> {
  const {
    enum: some,
    anyOf,
    type,
    properties = {},
    required = [],
    items,
  } = form as {
    enum?: unknown[];
    anyOf?: Schema[];
    type?: string;
    properties?: Record<string, Schema>;
    required?: string[];
    items?: Schema;
  };
  if ("const" in form) return fc.constant(form["const"]);
  if (some) return fc.constantFrom(...some);
  if (anyOf) return fc.oneof(...anyOf.map(valid));
  if (type === "object") {
    if (Object.keys(properties).length === 0)
      return form["additionalProperties"] === false
        ? fc.constant({})
        : fc.dictionary(letters, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [name, valid(field)]),
    );
    return fc.record(fields, { requiredKeys: required as never[], noNullPrototype: true });
  }
  if (type === "array")
    return fc.array(items ? valid(items) : fc.jsonValue({ maxDepth: 1 }), {
      minLength: Number(form["minItems"] ?? 0),
      maxLength: Math.min(Number(form["maxItems"] ?? 4), 4),
    });
  if (type === "string") return texts(form);
  if (type === "integer" || type === "number") {
    const { minimum, maximum, exclusiveMinimum } = form as Record<string, number | undefined>;
    const min = minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 1);
    return fc.integer({ min, max: Math.min(maximum ?? 400, 2 ** 31 - 1) });
  }
  if (type === "boolean") return fc.boolean();
  return type === "null" ? fc.constant(null) : fc.jsonValue({ maxDepth: 2 });
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom(-1, 0, 1e308, 2 ** 53, "", "\u0000", "\ud800", [], {}, null, "x".repeat(3_000)),
);

/** A good body with something in it made bad. */
const spoilt = (schema: Schema): fc.Arbitrary<unknown> =>
  fc
    .record({ body: valid(schema), bad: anything, key: letters, at: fc.nat(), how: fc.nat(3) })
    .map(({ body, bad, key, at, how }) => {
      if (typeof body !== "object" || body === null || how === 0) return bad;
      const names = Object.keys(body);
      const name = names[at % Math.max(names.length, 1)] ?? key;
      if (how === 1) return { ...body, [key]: bad };
      if (how === 2) return { ...body, [name]: bad };
      return Object.fromEntries(Object.entries(body).filter(([other]) => other !== name));
    });

/** The parts of paths that name what there is. */
let real: Record<string, string>;
let member: string;
let key: string;

beforeAll(async () => {
  const acme = await newOrg("Acme");
  const partner = await newOrg("Partner");
  const { at } = acme;
  await call("PUT", `${at}/resources/site/hq`, { name: "HQ" });
  const terms = { role: "viewer", scope: { all: true } };
  const made = await newMember(at);
  member = made.email;
  key = (await newKey(at, "manage", "check")).token;
  const share = await call("POST", `${partner.at}/shares`, { to: { org: acme.id }, ...terms });
  await call("POST", `${at}/received-shares/${share.body.id}/accept`, {});
  const rules = `${at}/received-shares/${share.body.id}/rules`;
  const idOf = async (path: string, body: unknown) => (await call("POST", path, body)).body.id;
  const webhook = await idOf(`${at}/webhooks`, { url: "http://127.0.0.1:9/hook" });
  const tried = await call("POST", `${at}/webhooks/${webhook}/test`, {});
  await call("PUT", `${at}/libraries/regions`, { values: [{ value: "North" }] });
  real = {
    org: String(acme.id),
    type: "site",
    id: "hq",
    set: "standard",
    library: "regions",
    member: made.id,
    grant: made.grant,
    team: await idOf(`${at}/teams`, { name: "Crew" }),
    share: await idOf(`${at}/shares`, { to: { email: someone("out"), name: "Out" }, ...terms }),
    received: share.body.id,
    rule: await idOf(rules, { to: "members", ...terms }),
    collaboration: await idOf(`${at}/collaborations`, { with: partner.id }),
    key: await idOf(`${at}/keys`, {}),
    link: await idOf(`${at}/resources/site/hq/links`, {}),
    webhook,
    delivery: tried.body.deliveries[0],
    issuer: await idOf(`${at}/issuers`, { issuer: "http://one.latchkey.test", audience: "x" }),
  };
});

/** Is the answer one that the document shows? */
function expectShown({ responses }: Operation, { status, headers, body }: Reply): void {
  expect(status).toBeLessThan(504);
  expect(status).not.toBe(500);
  if (status === 204 || status === 304) return;
  const type = headers.get("content-type")?.split(";")[0] ?? "";
  const refused = { content: { "application/problem+json": { schema: { $ref: PROBLEM } } } };
  const shown: { content?: Content } | undefined = status >= 400 ? refused : responses[status];
  const schema = shown?.content?.[type]?.schema;
  expect(schema, `${status} ${type}`).toBeDefined();
  if (!/json/.test(type)) return;
  const whole = { ...schema, components: document.components };
  const { valid: fits, errors } = new Validator(whole, "2020-12").validate(body);
  expect(fits, JSON.stringify({ body, errors })).toBe(true);
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const PROBLEM = "#/components/schemas/Problem";
const TIME_MS = 6_000_000;

describe("requests made up from the document", () => {
  test.each(
    operations.map(({ method, path, one }) => [`${method} ${path}`, method, path, one] as const),
  )(
    "%s",
    async (_, method, path, one) => {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
      const known = (name: string) =>
        real[name === "share" && path.includes("/received-") ? "received" : name] ?? "hq";
      const query = one.parameters.filter((part) => part.in === "query");
      const [[kind, said] = []] = Object.entries(one.requestBody?.content ?? {});
      const bodies = !said
        ? fc.constant(undefined)
        : kind === "application/json"
          ? fc.oneof(
              { arbitrary: valid(said.schema), weight: 3 },
              { arbitrary: spoilt(said.schema), weight: 2 },
            )
          : fc
              .array(anything, { maxLength: 4 })
              .map((rows) => rows.map((row) => JSON.stringify(row)).join("\n"));
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            body: bodies,
            // Most name what there is.
            parts: fc.tuple(
              ...names.map((name) =>
                fc.oneof(
                  { arbitrary: fc.constant(null), weight: 6 },
                  {
                    arbitrary: name === "org" ? fc.constantFrom("0", "x", "999999") : letters,
                    weight: 1,
                  },
                ),
              ),
            ),
            asked: fc.tuple(
              ...query.map(({ schema = {} }) =>
                fc.oneof(
                  { arbitrary: fc.constant(null), weight: 12 },
                  { arbitrary: valid(schema), weight: 4 },
                  { arbitrary: letters, weight: 1 },
                ),
              ),
            ),
            who: fc.constantFrom("root", "root", "root", "member", "key", "behalf", "nobody"),
            under: fc.constantFrom({}, {}, { "if-match": '"x"' }, { "access-revision": "1.1" }),
          }),
          async ({ body, parts, asked, who, under }) => {
            const filled = names.reduce(
              (at, name, index) =>
                at.replace(`{${name}}`, encodeURIComponent(parts[index] ?? known(name))),
              path,
            );
            const search = new URLSearchParams(
              query.flatMap(({ name = "" }, index) =>
                asked[index] == null ? [] : [[name, textOf(asked[index])]],
              ),
            );
            const sent =
              who === "member"
                ? as(member)
                : who === "key"
                  ? { authorization: `Bearer ${key}` }
                  : who === "behalf"
                    ? as(member, key)
                    : who === "nobody"
                      ? { authorization: null }
                      : {};
            const type: Record<string, string> = kind === undefined ? {} : { "content-type": kind };
            const text =
              typeof body === "string" && kind === "application/json" ? JSON.stringify(body) : body;
            const reply = await call(method, `${filled}?${search.toString()}`, text, {
              ...under,
              ...type,
              ...sent,
            });
            expectShown(one, reply);
          },
        ),
        { numRuns: Number(REQUESTS), seed: Number(SEED) },
      );
    },
    TIME_MS,
  );
});
