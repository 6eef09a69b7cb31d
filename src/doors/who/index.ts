import type { Credentials } from "../../commands/rpc.ts";
import { sameSecret } from "../../kit/hash.ts";
import { refuse, type Refusal } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";

/** Who asks, as far as a door can tell, and the tree whose object can tell the rest. */
export interface Who {
  readonly credentials: Credentials;
  /** A key's own tree; the platform's key has none. */
  readonly tree: number | null;
}

const NOBODY = refuse("unauthenticated", "Send an API key as a bearer token.");
const INVALID = refuse("unauthenticated", "This key is not valid.");

/** Authenticates a request by its bearer token (RFC 6750). Keys are verified by their tree's object. */
export async function who(c: Ctx, ports: Ports): Promise<Who | Refusal> {
  const token = /^bearer +(\S+)$/i.exec(c.req.raw.headers.get("authorization") ?? "")?.[1];
  if (token === undefined) return NOBODY;
  const onBehalfOf = c.req.raw.headers.get("on-behalf-of")?.trim() ?? null;
  const tree = /^lk_(\d{1,15})_/.exec(token)?.[1];
  if (tree !== undefined)
    return { credentials: { kind: "key", token, onBehalfOf }, tree: Number(tree) };
  if (!sameSecret(token, ports.rootKey)) return INVALID;
  if (onBehalfOf === null) return { credentials: { kind: "platform", person: null }, tree: null };
  const person = await ports.person(onBehalfOf);
  return person
    ? { credentials: await asPerson(ports, person), tree: null }
    : refuse("forbidden", "There is no person of this id.");
}

/** The credentials of a person who was made out, with what they are to the platform now [R27]. */
export async function asPerson(
  ports: Ports,
  person: { id: string; email: string },
): Promise<Credentials> {
  const role = await ports.platformRole(person.id);
  return { kind: "platform", person, ...(role ? { role } : {}) };
}
