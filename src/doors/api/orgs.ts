import type { Hono } from "hono";
import type { z } from "zod";
import { isRefusal, NOT_FOUND } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import { who, type Who } from "../who/index.ts";
import { performOne, requestName, WRITTEN } from "./index.ts";
import { SHOWN } from "./shown.ts";
import { on } from "./describe.ts";
import * as form from "./schemas.ts";

export function orgRoutes(app: Hono, ports: Ports): void {
  const create = {
    says: "Make an organisation, or a sub-workspace below another org",
    body: form.createOrg,
    answers: { 201: SHOWN.org },
    under: WRITTEN,
  } as const;
  on(app, "POST", "/v1/orgs", create, async (c, body) => {
    const asked = await who(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    return read.ok ? createOrg(c, ports, asked, read.value) : problem(c, read);
  });
}

/** Makes an organisation or a sub-workspace. Its number is given out first; gaps are fine. */
async function createOrg(
  c: Ctx,
  ports: Ports,
  asked: Who,
  said: z.output<typeof form.createOrg>,
): Promise<Response> {
  const { parent } = said;
  const { credentials } = asked;
  const repeated = c.req.header("idempotency-key");
  const request = (tree: number | null) =>
    repeated === undefined ? null : requestName(credentials, tree, repeated);

  if (parent === undefined) {
    // A key's own object knows whether it is one, and refuses: only people and the platform may.
    const id = asked.tree === null ? await ports.allocateOrg(null, request(null)) : 0;
    const input = { ...said, id, parent: undefined };
    return performOne(
      c,
      ports,
      { credentials, tree: asked.tree ?? id },
      { command: "org.create", input },
    );
  }
  const tree = asked.tree ?? (await ports.treeOf(parent));
  if (tree === undefined) return problem(c, NOT_FOUND);
  // No number is given out to somebody who may not make anything here.
  const input = { after: "", limit: 1 };
  const may = await ports.object(tree).read({ credentials, org: parent, read: "members", input });
  if (!may.ok) return problem(c, may);
  const id = await ports.allocateOrg(tree, request(tree));
  return performOne(
    c,
    ports,
    { credentials, tree },
    { command: "org.create", input: { ...said, id } },
  );
}
