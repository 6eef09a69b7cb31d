import type { TreeFacts } from "../commands/facts.ts";
import type { Credentials } from "../commands/rpc.ts";
import type { Actor } from "../commands/standing.ts";
import { sha256 } from "../kit/hash.ts";
import { refuse, type Refusal } from "../refusals.ts";

export const UNKNOWN: Refusal = refuse("unauthenticated", "This key is not valid.");

/** `lk_12_4_0_secret` is the token of the key `key_12_4_0`. */
function parseToken(token: string): { id: string; secret: string } | undefined {
  const parts = /^lk_(\d{1,15}_[0-9a-z]+_[0-9a-z]+)_([\w-]{20,64})$/.exec(token);
  return parts ? { id: `key_${parts[1]}`, secret: parts[2] ?? "" } : undefined;
}

/** Digests of secrets seen, so that a key is hashed once and not at every check. */
const digests = new Map<string, string>();
const DIGESTS_MAX = 10_000;

function digest(secret: string): string {
  const known = digests.get(secret);
  if (known !== undefined) return known;
  const made = sha256(secret);
  if (digests.size >= DIGESTS_MAX) digests.clear();
  digests.set(secret, made);
  return made;
}

/**
 * Who asks. The key is read from the record at every request, so that one that was deleted is
 * refused at once.
 */
export function identify(facts: TreeFacts, credentials: Credentials): Actor | Refusal {
  if (credentials.kind === "platform") {
    const { person, role, strong } = credentials;
    if (!person) return { kind: "platform" };
    const user = { user: person.id, email: person.email, reach: null, self: true };
    return {
      kind: "user",
      ...user,
      ...(role ? { role } : {}),
      ...(strong === undefined ? {} : { strong }),
    };
  }
  if (credentials.kind === "binding")
    return { kind: "key", id: credentials.name, org: credentials.org, holds: ["check"] };
  if (credentials.kind === "token") {
    const { alias, reach } = credentials;
    const user = facts.userOf(alias, facts.lineage(reach)) ?? "usr_unknown";
    const person = facts.person(user);
    return {
      kind: "user",
      user: person ? user : "usr_unknown",
      email: person?.email ?? "",
      reach,
      self: true,
    };
  }
  const token = parseToken(credentials.token);
  const key = token && facts.key(token.id);
  // Digests are compared: how far two of them agree tells nothing of the secret.
  if (!token || !key || key.hash !== digest(token.secret)) return UNKNOWN;
  const holds = key.holds.split(" ");
  if (credentials.onBehalfOf === null) return { kind: "key", id: key.id, org: key.org, holds };
  if (!holds.includes("manage"))
    return refuse("forbidden", "This key may not act on behalf of a person.");
  const alias = credentials.onBehalfOf.trim();
  const user = facts.userOf(alias, facts.lineage(key.org)) ?? "usr_unknown";
  const email = facts.person(user)?.email ?? "";
  return { kind: "user", user, email, reach: key.org, self: false };
}
