import type { Credentials } from "../../commands/rpc.ts";
import { sameSecret } from "../../kit/hash.ts";
import { refuse, type Refusal } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";
import { readOrg } from "../api/edits.ts";
import type { Session } from "./accounts.ts";
import { isJwt, whoByToken } from "./issuers.ts";
import { crossOrigin, sessionOf } from "./session.ts";

/** Who asks, as far as a door can tell, and the tree whose object can tell the rest. */
export interface Who {
  readonly credentials: Credentials;
  /** A key's own tree; the platform's key has none. */
  readonly tree: number | null;
  readonly session?: Session;
}

const NOBODY = refuse("unauthenticated", "Sign in, or send an API key as a bearer token.");
const INVALID = refuse("unauthenticated", "This key is not valid.");
const NOT_FOR_OTHERS = refuse("forbidden", "This is its person's alone.");

/** Where a request made inside the house carries who makes it. Nothing that comes over HTTP can. */
const MADE_OUT = Symbol("who");

/** The environment of a request by somebody who was made out already: a page asks the API as its reader. */
export const madeOut = (by: Who): object => ({ [MADE_OUT]: by });

/** Authenticates a request by its bearer token, or else by the session of its cookie. */
export async function who(c: Ctx, ports: Ports): Promise<Who | Refusal> {
  const known = (c.env as { [MADE_OUT]?: Who } | undefined)?.[MADE_OUT];
  if (known) return known;
  if (c.req.raw.headers.has("authorization") || !c.req.raw.headers.has("cookie"))
    return whoHolds(c, ports);
  const session = await sessionOf(c, ports);
  if (!session) return NOBODY;
  const foreign = crossOrigin(c);
  if (foreign) return foreign;
  return c.req.raw.headers.has("on-behalf-of")
    ? NOT_FOR_OTHERS
    : { credentials: await inSession(ports, session), tree: null, session };
}

/** Authenticates by a bearer token (RFC 6750). Keys are verified by their tree's object. */
export async function whoHolds(c: Ctx, ports: Ports): Promise<Who | Refusal> {
  const token = /^bearer +(\S+)$/i.exec(c.req.raw.headers.get("authorization") ?? "")?.[1];
  if (token === undefined) return NOBODY;
  const onBehalfOf = c.req.raw.headers.get("on-behalf-of")?.trim() ?? null;
  const tree = /^lk_(\d{1,15})_/.exec(token)?.[1];
  if (tree !== undefined)
    return { credentials: { kind: "key", token, onBehalfOf }, tree: Number(tree) };
  if (isJwt(token)) {
    if (onBehalfOf !== null) return NOT_FOR_OTHERS;
    const org = readOrg(c.req.param("org") ?? c.req.raw.headers.get("access-org") ?? "");
    return whoByToken(ports, token, org === undefined ? undefined : await ports.treeOf(org));
  }
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
): Promise<Credentials & { kind: "platform" }> {
  const role = await ports.platformRole(person.id);
  return { kind: "platform", person, ...(role ? { role } : {}) };
}

/** The credentials of who is signed in: themself, and as strongly as the session was made. */
export async function inSession(
  ports: Ports,
  session: Session,
): Promise<Credentials & { kind: "platform" }> {
  const person = await asPerson(ports, { id: session.user, email: session.email });
  return { ...person, strong: session.strongAt !== null };
}
