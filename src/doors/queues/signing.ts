import { hkdfSync } from "node:crypto";
import { Webhook } from "standardwebhooks";

/*
 * Secrets of endpoints (Standard Webhooks). They are derived from the platform's key, the endpoint and
 * its generation, so they lie nowhere; another platform key makes other secrets.
 */

const SECRET_BYTES = 32;

const derived = (rootKey: string, webhook: string, generation: number, kind: string): Buffer =>
  Buffer.from(
    hkdfSync(
      "sha256",
      rootKey,
      "",
      `latchkey webhook ${kind} ${webhook} ${generation}`,
      SECRET_BYTES,
    ),
  );

/** The secret by which a receiver verifies `v1` (HMAC-SHA256). */
export const secretOf = (rootKey: string, webhook: string, generation: number): string =>
  `whsec_${derived(rootKey, webhook, generation, "v1").toString("base64")}`;

/** An Ed25519 seed as PKCS #8 (RFC 8410 §7). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

async function signingKey(rootKey: string, webhook: string, generation: number) {
  const seed = derived(rootKey, webhook, generation, "v1a");
  return crypto.subtle.importKey("pkcs8", Buffer.concat([PKCS8, seed]), "Ed25519", true, ["sign"]);
}

/** The public key by which a receiver verifies `v1a` (Ed25519). */
export async function publicKeyOf(
  rootKey: string,
  webhook: string,
  generation: number,
): Promise<string> {
  const key = await signingKey(rootKey, webhook, generation);
  const { x = "" } = (await crypto.subtle.exportKey("jwk", key)) as JsonWebKey;
  return `whpk_${Buffer.from(x, "base64url").toString("base64")}`;
}

/** What `webhook-signature` says: one signature for each secret that holds. */
export async function signaturesOf(
  rootKey: string,
  endpoint: { id: string; asymmetric: boolean; generations: readonly number[] },
  id: string,
  at: Date,
  body: string,
): Promise<string> {
  const signatures: string[] = [];
  for (const generation of endpoint.generations) {
    signatures.push(new Webhook(secretOf(rootKey, endpoint.id, generation)).sign(id, at, body));
    if (!endpoint.asymmetric) continue;
    const key = await signingKey(rootKey, endpoint.id, generation);
    const signed = `${id}.${Math.floor(at.getTime() / 1_000)}.${body}`;
    const signature = await crypto.subtle.sign("Ed25519", key, Buffer.from(signed));
    signatures.push(`v1a,${Buffer.from(signature).toString("base64")}`);
  }
  return signatures.join(" ");
}
