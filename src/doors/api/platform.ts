import type { Hono } from "hono";
import { treeOfId } from "../../kit/ids.ts";
import { isRefusal, NOT_FOUND } from "../../refusals.ts";
import type { Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import { who } from "../who/index.ts";
import { SHOWN } from "./shown.ts";
import { on } from "./describe.ts";
import { listFor, listing, performOne, WRITTEN } from "./index.ts";
import * as form from "./schemas.ts";

/** The platform's own tree, and the org that stands for it there. */
const PLATFORM = 0;

/** The platform's roles [R27], and its own history. A key of an org finds nothing here. */
export function platformRoutes(app: Hono, ports: Ports): void {
  for (const [path, read] of [
    ["/v1/platform/roles", "platformRoles"],
    ["/v1/platform/changes", "changes"],
  ] as const)
    on(app, "GET", path, listing(read), async (c) => {
      const asked = await who(c, ports);
      if (isRefusal(asked)) return problem(c, asked);
      return listFor(c, ports, { ...asked, tree: asked.tree ?? PLATFORM, org: PLATFORM }, read);
    });

  const grant = {
    says: "Give a person a role on the platform",
    body: form.grantPlatformRole,
    answers: { 200: SHOWN.platformRole, 201: SHOWN.platformRole },
    under: WRITTEN,
  } as const;
  on(app, "POST", "/v1/platform/roles", grant, async (c, read) => {
    const asked = await who(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const said = await read();
    if (!said.ok) return problem(c, said);
    const body = said.value;
    // An assignment is a fact of the organisation assigned.
    const tree = asked.tree ?? (body.org === null ? PLATFORM : await ports.treeOf(body.org));
    if (tree === undefined) return problem(c, NOT_FOUND);
    const edit = { command: "platformRole.grant", input: body } as const;
    return performOne(c, ports, { ...asked, tree }, edit);
  });

  const remove = {
    says: "Take a role on the platform back",
    body: form.empty,
    answers: { 204: null },
    under: WRITTEN,
  } as const;
  on(app, "DELETE", "/v1/platform/roles/:id", remove, async (c, read) => {
    const asked = await who(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const said = await read();
    if (!said.ok) return problem(c, said);
    const id = c.req.param("id");
    const tree = asked.tree ?? treeOfId(id);
    if (tree === undefined) return problem(c, NOT_FOUND);
    const edit = { command: "platformRole.remove", input: { id } } as const;
    return performOne(c, ports, { ...asked, tree }, edit);
  });
}
