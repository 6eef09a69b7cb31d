import type { Hono } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import { on } from "../api/describe.ts";
import type { Schema } from "../api/document.ts";
import { PAGE_HEADERS } from "./layout.tsx";

/*
 * The document of the API to read: rendered here, without a script, and with nothing from elsewhere.
 */

interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary: string;
  readonly security?: readonly unknown[];
  readonly parameters: readonly Readonly<Record<string, unknown>>[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;

export interface Document {
  readonly info: { readonly title: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: Readonly<Record<string, { readonly post: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Shows the document at /docs. */
export function referenceRoute(app: Hono, document: () => object): void {
  let page: Promise<string> | undefined;
  const operation = {
    says: "This reference, to read",
    answers: { 200: z.string() },
    type: "text/html",
    open: true,
  } as const;
  on(app, "GET", "/docs", operation, async (c) => {
    page ??= Promise.resolve(
      html`<!DOCTYPE html>${<Reference of={document() as Document} />}`,
    ).then(String);
    return c.html(await page, 200, { ...PAGE_HEADERS, "cache-control": "max-age=300" });
  });
}

const idOf = (name: string) => name.replace(/[^\w.-]/g, "-");

const Reference = ({ of }: { of: Document }) => {
  const operations = Object.entries(of.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ path, method: method.toUpperCase(), one })),
  );
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`API reference · ${of.info.title}`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/pico.css" />
        <link rel="stylesheet" href="/assets/latchkey.css" />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <main class="container" id="content">
          <h1>API reference</h1>
          <p>{of.info.description}</p>
          <p>
            For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).
          </p>
          <nav aria-label="Contents">
            <ul>
              {[...of.tags.map(({ name }) => name), "webhooks", "schemas"].map((name) => (
                <li>
                  <a href={`#${idOf(name === "webhooks" ? "events" : name)}`}>
                    {name === "webhooks" ? "events" : name}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          {of.tags.map(({ name }) => (
            <section>
              <h2 id={idOf(name)}>{name}</h2>
              {operations
                .filter(({ one }) => one.tags?.includes(name))
                .map(({ path, method, one }) => (
                  <Shown name={`${method} ${path}`} one={one} />
                ))}
            </section>
          ))}
          <section>
            <h2 id="events">events</h2>
            <p>Delivered to the endpoints of an org, signed (Standard Webhooks).</p>
            {Object.entries(of.webhooks).map(([name, { post }]) => (
              <Shown name={name} one={post} />
            ))}
          </section>
          <section>
            <h2 id="schemas">schemas</h2>
            {Object.entries(of.components.schemas).map(([name, schema]) => (
              <details id={`schema-${name}`}>
                <summary>{name}</summary>
                <Json value={schema} />
              </details>
            ))}
          </section>
        </main>
      </body>
    </html>
  );
};

const Shown = ({ name, one }: { name: string; one: Operation }) => (
  <details id={one.operationId}>
    <summary>
      <code>{name}</code> {one.summary}
    </summary>
    {one.security && <p>Anybody may ask.</p>}
    {one.parameters.some((part) => "in" in part) && (
      <ul>
        {one.parameters
          .filter((part) => "in" in part)
          .map((part) => (
            <li>
              <code>{String(part["name"])}</code> ({String(part["in"])})
            </li>
          ))}
      </ul>
    )}
    {one.requestBody && (
      <Bodies
        title={one.requestBody.required ? "Body" : "Body, if any"}
        of={one.requestBody.content}
      />
    )}
    {Object.entries(one.responses).map(([status, { content }]) =>
      content ? <Bodies title={status} of={content} /> : <p>{status}</p>,
    )}
  </details>
);

const Bodies = ({ title, of }: { title: string; of: Content }) => (
  <>
    {Object.entries(of).map(([type, { schema, example }]) => (
      <>
        <p>
          {title}: {type}
        </p>
        <Named of={schema} />
        {example === undefined ? null : typeof example === "string" ? (
          <pre tabindex={0}>{example}</pre>
        ) : (
          <Json value={example} />
        )}
      </>
    ))}
  </>
);

/** A schema by its name, or the whole of it to unfold. */
const Named = ({ of }: { of: Schema }) => {
  const { $ref } = of;
  if (typeof $ref !== "string")
    return (
      <details>
        <summary>Schema</summary>
        <Json value={of} />
      </details>
    );
  const name = $ref.split("/").at(-1) ?? "";
  return (
    <p>
      <a href={`#schema-${name}`}>{name}</a>
    </p>
  );
};

const Json = ({ value }: { value: unknown }) => (
  <pre tabindex={0}>{JSON.stringify(value, null, 2)}</pre>
);
