import { expect } from "vitest";
import { problemShown } from "../../src/doors/api/answers.ts";
import { operationOf } from "../../src/doors/api/describe.ts";
import { doors } from "../../src/doors/index.ts";

const { checks, rest } = doors({} as never);

/** The routes of the API; those that name fewest parts come first, as they do when asked. */
const routes = [...checks.routes, ...rest.routes]
  .flatMap(({ method, path, handler }) => {
    const operation = operationOf(handler);
    const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);
    return operation ? [{ method, path, operation, pattern }] : [];
  })
  .toSorted((a, b) => a.path.split(":").length - b.path.split(":").length);

/** An answer of the API is one of those that its document shows, to the last field. */
export function expectDocumented(
  method: string,
  path: string,
  { status, headers, body }: { status: number; headers: Headers; body: unknown },
): void {
  const [pathname = ""] = path.split("?");
  const route = routes.find((one) => one.method === method && one.pattern.test(pathname));
  const type = headers.get("content-type") ?? "";
  if (type === "application/problem+json") {
    expect(problemShown.safeParse(body).error?.issues, JSON.stringify(body)).toBeUndefined();
    return;
  }
  if (!route || status === 304 || !/^$|json/.test(type)) return;
  const { answers } = route.operation;
  expect(Object.keys(answers), `${method} ${route.path}`).toContain(String(status));
  const form = answers[status as 200];
  if (form) {
    const wrong = form.safeParse(body).error?.issues;
    expect(wrong, `${method} ${route.path}: ${JSON.stringify(body)}`).toBeUndefined();
  } else expect(body).toBeNull();
}
