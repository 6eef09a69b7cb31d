import { isRefusal, NOT_FOUND } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { who } from "../who/index.ts";
import { performOne, requestName } from "./index.ts";
import * as form from "./schemas.ts";

/** Makes an organisation or a sub-workspace. Its number is given out first; gaps are fine. */
export async function createOrgRoute(c: Ctx, ports: Ports): Promise<Response> {
  const asked = await who(c, ports);
  if (isRefusal(asked)) return problem(c, asked);
  const body = await readJson(c, BODY_MAX);
  if (!body.ok) return problem(c, body);
  const read = form.createOrg.safeParse(body.value);
  if (!read.success) return problem(c, formErrors(read.error));
  const { parent } = read.data;
  const { credentials } = asked;
  const repeated = c.req.header("idempotency-key");
  const request = (tree: number | null) =>
    repeated === undefined ? null : requestName(credentials, tree, repeated);

  if (parent === undefined) {
    // A key's own object knows whether it is one, and refuses: only people and the platform may.
    const id = asked.tree === null ? await ports.allocateOrg(null, request(null)) : 0;
    const input = { ...read.data, id, parent: undefined };
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
    { command: "org.create", input: { ...read.data, id } },
  );
}
