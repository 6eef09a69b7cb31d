import type { Hono } from "hono";
import { sha256 } from "../../kit/hash.ts";
import { treeOfId } from "../../kit/ids.ts";
import { isRefusal, malformed, NOT_FOUND } from "../../refusals.ts";
import type { Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import { linkMade } from "./answers.ts";
import { SHOWN } from "./shown.ts";
import { on } from "./describe.ts";
import { locate, performOne, WRITTEN } from "./index.ts";
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
  const create = {
    says: "Make a link to a resource; its token is answered once",
    body: form.createLink,
    answers: { 201: linkMade },
    under: WRITTEN,
  } as const;
  on(app, "POST", "/v1/orgs/:org/resources/:type/:id/links", create, async (c, body) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const { type, id } = c.req.param();
    if (!form.typeName.safeParse(type).success || !form.resourceId.safeParse(id).success)
      return problem(c, malformed("No type and id of a resource."));
    const secret = newSecret(c, ports, asked, `link ${type}:${id}`);
    const input = { org: asked.org, type, id, ...read.value, hash: sha256(secret) };
    return performOne(c, ports, asked, { command: "link.create", input }, (done, link) => {
      const token = tokenOf((done.material as { id?: string } | null)?.id ?? "", secret);
      return { ...link, token, url: `${new URL(c.req.url).origin}/l/${token}` };
    });
  });

  const open = {
    says: "Open a link, as oneself",
    body: form.empty,
    answers: { 200: SHOWN.resource },
    under: WRITTEN,
  } as const;
  on(app, "POST", "/v1/links/:token/open", open, async (c, body) => {
    const asked = await person(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const token = readToken(c.req.param("token"));
    if (!token) return problem(c, NOT_FOUND);
    const { credentials } = asked;
    const input = { link: token.id, hash: sha256(token.secret) };
    return performOne(c, ports, { credentials, tree: token.tree }, { command: "link.open", input });
  });
}
