import { createPrivateKey, createPublicKey, hkdfSync, sign, type KeyObject } from "node:crypto";
import { Webhook } from "standardwebhooks";

/*
 * Secrets of endpoints (Standard Webhooks). They are derived from the platform's key, the endpoint and
 * its generation, so they lie nowhere; another platform key makes other secrets.
 */

const SECRET_BYTES = 32;

function derived(rootKey: string, webhook: string, generation: number, kind: string): Buffer {
  const of = `latchkey webhook ${kind} ${webhook} ${generation}`;
  return Buffer.from(hkdfSync("sha256", rootKey, "", of, SECRET_BYTES));
}

/** The secret by which a receiver verifies `v1` (HMAC-SHA256). */
export const secretOf = (rootKey: string, webhook: string, generation: number): string =>
  `whsec_${derived(rootKey, webhook, generation, "v1").toString("base64")}`;

/** An Ed25519 seed as PKCS #8 (RFC 8410 §7). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

function signingKey(rootKey: string, webhook: string, generation: number): KeyObject {
  const key = Buffer.concat([PKCS8, derived(rootKey, webhook, generation, "v1a")]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

/** The public key by which a receiver verifies `v1a` (Ed25519). */
export function publicKeyOf(rootKey: string, webhook: string, generation: number): string {
  const key = createPublicKey(signingKey(rootKey, webhook, generation));
  const { x = "" } = key.export({ format: "jwk" });
  return `whpk_${Buffer.from(x, "base64url").toString("base64")}`;
}

/** What `webhook-signature` says: one signature for each secret that holds. */
export function signaturesOf(
  rootKey: string,
  endpoint: { id: string; asymmetric: boolean; generations: readonly number[] },
  id: string,
  at: Date,
  body: string,
): string {
  const signed = Buffer.from(`${id}.${Math.floor(at.getTime() / 1_000)}.${body}`);
  return endpoint.generations
    .flatMap((generation) => {
      const symmetric = new Webhook(secretOf(rootKey, endpoint.id, generation)).sign(id, at, body);
      if (!endpoint.asymmetric) return [symmetric];
      const signature = sign(null, signed, signingKey(rootKey, endpoint.id, generation));
      return [symmetric, `v1a,${signature.toString("base64")}`];
    })
    .join(" ");
}
