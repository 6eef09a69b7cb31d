import type { Hono } from "hono";
import type { z } from "zod";
import { treeOfId } from "../../kit/ids.ts";
import { isRefusal, NOT_FOUND, type Refusal } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { who } from "../who/index.ts";
import { listFor, performOne } from "./index.ts";
import * as form from "./schemas.ts";

/** The platform's own tree, and the org that stands for it there. */
const PLATFORM = 0;

/** The platform's roles [R27], and its own history. A key of an org finds nothing here. */
export function platformRoutes(app: Hono, ports: Ports): void {
  for (const [path, read] of [
    ["/v1/platform/roles", "platformRoles"],
    ["/v1/platform/changes", "changes"],
  ] as const)
    app.get(path, async (c) => {
      const asked = await who(c, ports);
      if (isRefusal(asked)) return problem(c, asked);
      return listFor(c, ports, { ...asked, tree: asked.tree ?? PLATFORM, org: PLATFORM }, read);
    });

  app.post("/v1/platform/roles", async (c) => {
    const asked = await who(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await formOf(c, form.grantPlatformRole);
    if (isRefusal(body)) return problem(c, body);
    // An assignment is a fact of the organisation assigned.
    const tree = asked.tree ?? (body.org === null ? PLATFORM : await ports.treeOf(body.org));
    if (tree === undefined) return problem(c, NOT_FOUND);
    const edit = { command: "platformRole.grant", input: body } as const;
    return performOne(c, ports, { ...asked, tree }, edit);
  });

  app.delete("/v1/platform/roles/:id", async (c) => {
    const asked = await who(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await formOf(c, form.empty);
    if (isRefusal(body)) return problem(c, body);
    const id = c.req.param("id");
    const tree = asked.tree ?? treeOfId(id);
    if (tree === undefined) return problem(c, NOT_FOUND);
    const edit = { command: "platformRole.remove", input: { id } } as const;
    return performOne(c, ports, { ...asked, tree }, edit);
  });
}

async function formOf<S extends z.ZodType>(c: Ctx, schema: S): Promise<z.output<S> | Refusal> {
  const body = await readJson(c, BODY_MAX);
  if (!body.ok) return body;
  const read = schema.safeParse(body.value);
  return read.success ? read.data : formErrors(read.error);
}
