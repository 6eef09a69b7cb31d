import { expect, test } from "vitest";
import { operationOf } from "../../src/doors/api/describe.ts";
import { EDIT_ROUTES } from "../../src/doors/api/routes/index.ts";
import { doors } from "../../src/doors/index.ts";
import { pages } from "../../src/doors/pages/index.tsx";
import { EVENTS } from "../../src/events.ts";
import { call } from "../support/http.ts";

interface Documented {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
  readonly webhooks: Record<string, unknown>;
}

interface Sent {
  readonly content: { readonly "application/json": { readonly example: unknown } };
}

const open = { authorization: null };
const { checks, rest } = doors({} as never);
const routes = [...checks.routes, ...rest.routes];
const shown = pages({} as never).routes.map(({ method, path }) => `${method} ${path}`);

async function document(): Promise<Documented> {
  const reply = await call("GET", "/openapi.json", undefined, open);
  expect(reply.status).toBe(200);
  return reply.body as Documented;
}

const listed = ({ paths }: Documented): string[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(
      (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`,
    ),
  );

test("every route that there is stands in the document, and no other", async () => {
  // Streams come from the route of the list, which says so; pages are none of the API.
  const made = routes.map(({ method, path }) => `${method} ${path}`);
  const own = new Set(made.filter((one) => !shown.includes(one)));
  expect(listed(await document()).toSorted()).toEqual([...own].toSorted());
  expect(own.size).toBeGreaterThan(EDIT_ROUTES.length + 60);
});

test("every route is described but for pages, and for what a list answers as a stream", () => {
  const silent = routes
    .filter(({ handler }) => !operationOf(handler))
    .map(({ method, path }) => `${method} ${path}`)
    .filter((one) => !shown.includes(one));
  expect(silent).toEqual(["GET /v1/orgs/:org/changes"]);
});

test("every event is one of its webhooks", async () => {
  const { webhooks } = await document();
  expect(Object.keys(webhooks)).toEqual(Object.keys(EVENTS));
});

test("operations are named once, and every reference leads somewhere", async () => {
  const said = await document();
  const text = JSON.stringify(said);
  const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const refs = new Set([...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, ref]) => ref ?? ""));
  for (const ref of refs) {
    const found = ref
      .split("/")
      .reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], said);
    expect(found, ref).toBeDefined();
  }
});

test("every example has the form that it shows", async () => {
  const { paths } = await document();
  for (const { method, path, handler } of routes) {
    const body = operationOf(handler)?.body;
    if (!body) continue;
    const operation = paths[path.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
    const said = operation?.["requestBody"] as Sent | undefined;
    const example = said?.content["application/json"].example;
    const read = body.safeParse(example);
    expect(read.error?.issues, `${method} ${path}: ${JSON.stringify(example)}`).toBeUndefined();
  }
});

test("the reference shows every operation, and nothing from elsewhere", async () => {
  const reply = await call("GET", "/docs", undefined, open);
  expect(reply.headers.get("content-security-policy")).toContain("default-src 'none'");
  for (const one of listed(await document()))
    expect(reply.body).toContain(`<code>${one.replace(/:(\w+)/g, "{$1}")}</code>`);
  expect(reply.body).not.toMatch(/<script|<style|style=|(src|href)="https?:/);
});
