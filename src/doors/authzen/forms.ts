import { z } from "zod";
import type { Json } from "../../conditions.ts";
import { json } from "../api/schemas.ts";
import { malformed, NOT_FOUND, type Refusal } from "../../refusals.ts";
import { readOrg } from "../api/edits.ts";
import type { Ctx, Ports } from "../ports.ts";
import type { Who } from "../who/index.ts";

/* What evaluations and searches have in common: their parts, and the org under which they ask. */

export const TEXT_MAX = 500;
const text = z.string().min(1).max(TEXT_MAX);
const properties = z.record(z.string(), json).optional();
export const subject = z.looseObject({ type: text, id: text, properties });
export const resource = z.looseObject({ type: text, id: text, properties });
export const action = z.looseObject({ name: text, properties });
export const context = z.record(z.string(), json);

/** The properties of a resource; the drafts of AuthZEN had them beside its type and id. */
export function saidOf(said: z.output<typeof resource>): Json | undefined {
  for (const name in said)
    if (name !== "type" && name !== "id") {
      const { type: _, id: __, properties, ...beside } = said;
      return { ...beside, ...properties };
    }
  return undefined;
}

/** The org asked under, or none for a key's own, and the tree that answers. */
export async function treeAsked(
  c: Ctx,
  ports: Ports,
  asked: Who,
): Promise<{ org: number | null; tree: number } | Refusal> {
  const param = c.req.param("org");
  const org = param === undefined ? null : readOrg(param);
  if (org === undefined) return NOT_FOUND;
  if (org === null && asked.tree === null)
    return malformed("The platform's key asks under an organisation: /orgs/{org}/access/v1/….");
  const tree = asked.tree ?? (await ports.treeOf(org ?? 0));
  return tree === undefined ? NOT_FOUND : { org, tree };
}
