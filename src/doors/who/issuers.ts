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
const CLOCK_SKEW_S = 60;
const KEY_SETS_MAX = 500;

export const isJwt = (token: string): boolean => /^ey[\w-]*\.[\w-]+\.[\w-]+$/.test(token);

type KeySet = ReturnType<typeof createRemoteJWKSet>;
const keySets = new Map<string, KeySet>();

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
  const trusted = await ports.issuersOf(issuer);
  // The org in the path says whose word is asked for; without one, one org alone must trust the token.
  const here = tree === undefined ? trusted : trusted.filter((one) => one.tree === tree);
  const found: { by: TrustedIssuer; alias: string }[] = [];
  for (const by of here) {
    const alias = await aliasIn(token, issuer, by);
    if (alias !== null && typeof alias !== "string") return alias;
    if (alias !== null) found.push({ by, alias });
  }
  const [one, ...others] = found;
  if (!one || others.length > 0) return INVALID;
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
  try {
    const { payload } = await jwtVerify(token, keysOf(by.jwksUrl), {
      issuer,
      audience: by.audience,
      algorithms: JSON.parse(by.algorithms) as string[],
      clockTolerance: CLOCK_SKEW_S,
      requiredClaims: ["exp"],
    });
    return named(payload, by.claim);
  } catch (error) {
    // What is wrong with the token is the token's fault; all else is the issuer's.
    if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout))
      return error.code === "ERR_JOSE_GENERIC" ? unreachable(error) : null;
    return unreachable(error);
  }
}

function unreachable(error: unknown): Refusal {
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
