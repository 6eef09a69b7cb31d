import { hkdfSync } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";

/*
 * A link by which a person stops the mails about an org that only inform. It works without signing
 * in and for good, and can do nothing else (RFC 8058).
 */

export interface Stopped {
  readonly user: string;
  readonly org: number;
}

const ISSUER = "latchkey";
const PURPOSE = "unsubscribe";

const keyOf = (rootKey: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", rootKey, "", "latchkey unsubscribe 1", 32));

export async function unsubscribeLink(
  origin: string,
  rootKey: string,
  { user, org }: Stopped,
): Promise<string> {
  const token = await new SignJWT({ org, purpose: PURPOSE })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(ISSUER)
    .setSubject(user)
    .sign(keyOf(rootKey));
  return `${origin}/unsubscribe/${token}`;
}

/** Whom and what a link is about; `null` for one that is not ours. */
export async function readUnsubscribe(rootKey: string, token: string): Promise<Stopped | null> {
  try {
    const { payload } = await jwtVerify<{ org: number; purpose: string }>(token, keyOf(rootKey), {
      issuer: ISSUER,
      algorithms: ["HS256"],
      requiredClaims: ["sub"],
    });
    const { sub = "", org, purpose } = payload;
    return purpose === PURPOSE && Number.isInteger(org) ? { user: sub, org } : null;
  } catch {
    return null;
  }
}
