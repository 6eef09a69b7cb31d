import { hkdfSync } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";

/*
 * The links of mails. A link is a claim that is signed when its mail is rendered, and always the same
 * for the same mail, so no secret lies in the record.
 */

export interface LinkClaims {
  readonly purpose: "sign-in" | "invitation" | "address";
  /** What the link may be used for, once. */
  readonly id: string;
  /** The address that the mail went to: opening its link proves it. */
  readonly email: string;
  /** Instants, in milliseconds. */
  readonly at: number;
  readonly expiresAt: number;
}

const ISSUER = "latchkey";
const ALGORITHM = "HS256";

const keyOf = (rootKey: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", rootKey, "", "latchkey links 1", 32));

export const signLink = (rootKey: string, claims: LinkClaims): Promise<string> =>
  new SignJWT({ purpose: claims.purpose, email: claims.email })
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuer(ISSUER)
    .setJti(claims.id)
    .setIssuedAt(Math.floor(claims.at / 1_000))
    .setExpirationTime(Math.floor(claims.expiresAt / 1_000))
    .sign(keyOf(rootKey));

/** The claims of a link that is ours and has not expired; else `null`. */
export async function readLink(rootKey: string, token: string): Promise<LinkClaims | null> {
  try {
    const { payload } = await jwtVerify<{ purpose: LinkClaims["purpose"]; email: string }>(
      token,
      keyOf(rootKey),
      { issuer: ISSUER, algorithms: [ALGORITHM], requiredClaims: ["jti", "iat", "exp"] },
    );
    const { purpose, email, jti = "", iat = 0, exp = 0 } = payload;
    return { purpose, email, id: jti, at: iat * 1_000, expiresAt: exp * 1_000 };
  } catch {
    return null;
  }
}

export const SIGN_IN_MS = 15 * 60_000;
export const ADDRESS_MS = 86_400_000;
const INVITATION_MS = 14 * 86_400_000;

/** What invites somebody to something of their own, that they accept or decline. */
const INVITATIONS = ["member.invited", "share.offered"];

interface MailWithLink {
  readonly id: string;
  readonly user: string | null;
  readonly email: string;
  readonly kind: string;
  /** JSON. */
  readonly data: string;
  readonly at: number;
}

/** Where a mail's link leads; `null` for a mail whose link proves nothing. */
export async function linkOf(
  mail: MailWithLink,
  origin: string,
  rootKey: string,
): Promise<string | null> {
  const data = JSON.parse(mail.data) as Record<string, unknown>;
  const { email, at } = mail;
  if (mail.kind === "sign-in") {
    const id = String(data["signIn"]);
    const claims = { purpose: "sign-in", id, email, at, expiresAt: at + SIGN_IN_MS } as const;
    return `${originOf(data, origin)}/sign-in/${await signLink(rootKey, claims)}`;
  }
  if (mail.kind === "address.old" || mail.kind === "address.new") {
    const id = String(data["change"]);
    const claims = { purpose: "address", id, email, at, expiresAt: at + ADDRESS_MS } as const;
    return `${originOf(data, origin)}/change-address/${await signLink(rootKey, claims)}`;
  }
  if (INVITATIONS.includes(mail.kind) && mail.user !== null && data["toOrg"] == null) {
    const expiresAt = at + INVITATION_MS;
    const claims = { purpose: "invitation", id: mail.id, email, at, expiresAt } as const;
    return `${origin}/sign-in/${await signLink(rootKey, claims)}`;
  }
  return null;
}

/** Where the person asked, where that is known to be us. */
const originOf = (data: Record<string, unknown>, origin: string): string =>
  typeof data["origin"] === "string" ? data["origin"] : origin;

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * The origin under which a mail may send somebody back: the configured one. Only where that is this
 * machine itself, it may also be the other name by which the machine was asked.
 */
export function originFor(configured: string, url: string): string {
  const asked = new URL(url);
  const own = new URL(configured);
  return LOOPBACK.test(own.hostname) && LOOPBACK.test(asked.hostname) ? asked.origin : own.origin;
}
