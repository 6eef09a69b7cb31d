import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTPayload } from "jose";
import { logFault } from "../../kit/log.ts";
import { refuse, type Refusal } from "../../refusals.ts";
import type { Ports } from "../ports.ts";
import type { Who } from "./index.ts";

/*
 * Bearer tokens of issuers that an org trusts (RFC 7519, RFC 9068). An org's word about who somebody
 * is counts inside that org and below it, and nowhere else: whoever registers an issuer could name
 * anyone.
 */

/** An issuer as an org trusts it. */
export interface TrustedIssuer {
  readonly tree: number;
  readonly org: number;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly claim: string;
  /** JSON. */
  readonly algorithms: string;
}

export const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const INVALID = refuse("unauthenticated", "This token is not valid.");
const UNREACHABLE = refuse("unavailable", "The keys of the token's issuer cannot be had.");
const AMBIGUOUS = refuse(
  "unauthenticated",
  "More than one organisation trusts this token: name the one that is meant by Access-Org.",
);
const CLOCK_SKEW_S = 60;
/** However late a token says that it ends, it counts for a day. */
const TOKEN_AGE_MAX = "1d";
const KEY_SETS_MAX = 500;

export const isJwt = (token: string): boolean => /^ey[\w-]*\.[\w-]+\.[\w-]+$/.test(token);

type KeySet = ReturnType<typeof createRemoteJWKSet>;
const keySets = new Map<string, KeySet>();

/** Addresses that did not answer lately: nobody's token waits for one again within half a minute. */
const silent = new Map<string, number>();
const SILENT_MS = 30_000;

/** An issuer's keys: fetched once, again when one is missing, at most every half minute. */
function keysOf(url: string): KeySet {
  const known = keySets.get(url);
  if (known) return known;
  const made = createRemoteJWKSet(new URL(url), {
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    timeoutDuration: 5_000,
  });
  if (keySets.size >= KEY_SETS_MAX) keySets.delete(keySets.keys().next().value ?? "");
  keySets.set(url, made);
  return made;
}

/** The person whom a token names, within the reach of the org that trusts its issuer. */
export async function whoByToken(
  ports: Ports,
  token: string,
  tree: number | undefined,
): Promise<Who | Refusal> {
  let issuer: string | undefined;
  try {
    issuer = decodeJwt(token).iss;
  } catch {
    return INVALID;
  }
  if (issuer === undefined) return INVALID;
  // The org in the path or the header says whose word is asked for; without one, one alone must vouch.
  const named = issuer;
  const heard = await Promise.all(
    (await ports.issuersOf(named, tree)).map(async (by) => ({
      by,
      alias: await aliasIn(token, named, by),
    })),
  );
  const found = heard.flatMap(({ by, alias }) =>
    typeof alias === "string" ? [{ by, alias }] : [],
  );
  const [one, ...others] = found;
  if (others.length > 0) return AMBIGUOUS;
  // Keys that one org has at a dead address do not stand in the way of another's.
  if (!one) return heard.some(({ alias }) => alias !== null) ? UNREACHABLE : INVALID;
  return {
    credentials: { kind: "token", alias: one.alias, reach: one.by.org },
    tree: one.by.tree,
  };
}

async function aliasIn(
  token: string,
  issuer: string,
  by: TrustedIssuer,
): Promise<string | null | Refusal> {
  if ((silent.get(by.jwksUrl) ?? 0) > Date.now()) return UNREACHABLE;
  try {
    const { payload } = await jwtVerify(token, keysOf(by.jwksUrl), {
      issuer,
      audience: by.audience,
      algorithms: JSON.parse(by.algorithms) as string[],
      clockTolerance: CLOCK_SKEW_S,
      requiredClaims: ["exp", "iat"],
      maxTokenAge: TOKEN_AGE_MAX,
    });
    return named(payload, by.claim);
  } catch (error) {
    // What is wrong with the token is the token's fault; all else is the issuer's.
    if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout))
      return error.code === "ERR_JOSE_GENERIC" ? unreachable(error, by) : null;
    return unreachable(error, by);
  }
}

function unreachable(error: unknown, by: TrustedIssuer): Refusal {
  if (silent.size >= KEY_SETS_MAX) silent.clear();
  silent.set(by.jwksUrl, Date.now() + SILENT_MS);
  logFault("issuer", error);
  return UNREACHABLE;
}

/** An address that the issuer has not called unproven, or an external id. */
function named(payload: JWTPayload, claim: string): string | null {
  const value = payload[claim];
  if (typeof value !== "string" || value === "" || value.length > 254) return null;
  if (claim !== "email") return value.includes("@") || value.startsWith("usr_") ? null : value;
  return payload["email_verified"] === false || !value.includes("@") ? null : value.toLowerCase();
}
