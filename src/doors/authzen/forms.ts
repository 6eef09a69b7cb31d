import { z } from "zod";
import type { Json } from "../../conditions.ts";
import { json } from "../api/schemas.ts";
import {
  accept,
  isRefusal,
  malformed,
  NOT_FOUND,
  type Refusal,
  type Result,
} from "../../refusals.ts";
import type { Credentials } from "../../commands/rpc.ts";
import { readOrg } from "../api/edits.ts";
import { atLeast } from "../api/index.ts";
import { LARGE_BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { whoHolds, type Who } from "../who/index.ts";

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

/** Who asks where, and how new the answer must be. */
export interface Place {
  readonly credentials: Credentials;
  readonly org: number | null;
  readonly tree: number;
  readonly atLeast?: number | undefined;
}

/** The org asked under, or none for a key's own, and the tree that answers. */
async function placeAsked(c: Ctx, ports: Ports, asked: Who): Promise<Place | Refusal> {
  const param = c.req.param("org");
  const org = param === undefined ? null : readOrg(param);
  if (org === undefined) return NOT_FOUND;
  if (org === null && asked.tree === null)
    return malformed("The platform's key asks under an organisation: /orgs/{org}/access/v1/….");
  const tree = asked.tree ?? (await ports.treeOf(org ?? 0));
  if (tree === undefined) return NOT_FOUND;
  return { credentials: asked.credentials, org, tree, atLeast: atLeast(c, tree) };
}

/** Who asks comes first: nobody else learns what is wrong with a body. */
export async function asked(
  c: Ctx,
  ports: Ports,
): Promise<Result<{ place: Place; body: unknown }>> {
  const who = await whoHolds(c, ports);
  if (isRefusal(who)) return who;
  const body = await readJson(c, LARGE_BODY_MAX);
  if (!body.ok) return body;
  const place = await placeAsked(c, ports, who);
  return isRefusal(place) ? place : accept({ place, body: body.value });
}
