import type { Hono } from "hono";
import { sha256 } from "../../kit/hash.ts";
import { treeOfId } from "../../kit/ids.ts";
import { isRefusal, malformed, NOT_FOUND } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { locate, performOne } from "./index.ts";
import { newSecret } from "./keys.ts";
import { person } from "./me.ts";
import * as form from "./schemas.ts";

/** `ln_12_4_0_secret` is the token of the link `lnk_12_4_0`. */
const tokenOf = (id: string, secret: string) => `${id.replace(/^lnk_/, "ln_")}_${secret}`;

function readToken(token: string): { id: string; tree: number; secret: string } | undefined {
  const parts = /^ln_(\d{1,15}_[0-9a-z]+_[0-9a-z]+)_([\w-]{20,64})$/.exec(token);
  const id = `lnk_${parts?.[1] ?? ""}`;
  const tree = treeOfId(id);
  return parts && tree !== undefined ? { id, tree, secret: parts[2] ?? "" } : undefined;
}

/** Making a link, whose token is answered once, and opening it by that token [R28]. */
export function linkRoutes(app: Hono, ports: Ports): void {
  app.post("/v1/orgs/:org/resources/:type/:id/links", async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const { type, id } = c.req.param();
    if (!form.typeName.safeParse(type).success || !form.resourceId.safeParse(id).success)
      return problem(c, malformed("No type and id of a resource."));
    const read = form.createLink.safeParse(body.value ?? {});
    if (!read.success) return problem(c, formErrors(read.error));
    const secret = newSecret(c, ports, asked, `link ${type}:${id}`);
    const input = { org: asked.org, type, id, ...read.data, hash: sha256(secret) };
    return performOne(c, ports, asked, { command: "link.create", input }, (done, link) => {
      const token = tokenOf((done.material as { id?: string } | null)?.id ?? "", secret);
      return { ...link, token, url: `${new URL(c.req.url).origin}/l/${token}` };
    });
  });

  app.post("/v1/links/:token/open", async (c) => {
    const asked = await person(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.empty.safeParse(body.value);
    if (!read.success) return problem(c, formErrors(read.error));
    const token = readToken(c.req.param("token"));
    if (!token) return problem(c, NOT_FOUND);
    const { credentials } = asked;
    const input = { link: token.id, hash: sha256(token.secret) };
    return performOne(c, ports, { credentials, tree: token.tree }, { command: "link.open", input });
  });
}
