/* Verifies what Latchkey delivers (Standard Webhooks): by the secret, or by the public key. */

export interface WebhookEvent {
  readonly type: string;
  readonly timestamp: string;
  /** Counts without a gap for each endpoint. */
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The delivery is none of ours, or too old. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

const TOLERANCE_S = 300;

interface Bounds {
  /** How far the clocks of both sides, and the delivery's age, may differ. */
  readonly toleranceS?: number;
  readonly now?: number;
}

/**
 * The event of a delivery, if its signature is by one of these: `whsec_…` (`v1`, HMAC-SHA256) or
 * `whpk_…` (`v1a`, Ed25519). While a secret is being changed, give both.
 */
export async function verifyWebhook(
  keys: string | readonly string[],
  headers: Headers | Readonly<Record<string, string | undefined>>,
  body: string,
  { toleranceS = TOLERANCE_S, now = Date.now() }: Bounds = {},
): Promise<WebhookEvent> {
  const header = (name: string): string => {
    const value = headers instanceof Headers ? headers.get(name) : headers[name];
    if (!value) throw new WebhookError(`The header ${name} is missing.`);
    return value;
  };
  const id = header("webhook-id");
  const timestamp = header("webhook-timestamp");
  const signatures = header("webhook-signature").split(" ");
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookError("The timestamp is none.");
  if (Math.abs(now / 1_000 - Number(timestamp)) > toleranceS)
    throw new WebhookError("The delivery is too old, or too new.");
  const signed = new Uint8Array(new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  for (const key of typeof keys === "string" ? [keys] : keys) {
    const verifier = await verifierOf(key);
    for (const signature of signatures)
      if (await verifier(signature, signed)) return JSON.parse(body) as WebhookEvent;
  }
  throw new WebhookError("No signature is by these keys.");
}

type Bytes = Uint8Array<ArrayBuffer>;
type Verifier = (signature: string, signed: Bytes) => Promise<boolean>;

async function verifierOf(text: string): Promise<Verifier> {
  const [, kind, encoded = ""] = /^(?:(whsec|whpk)_)?(.+)$/.exec(text) ?? [];
  const bytes = bytesOf(encoded);
  if (!bytes) throw new WebhookError("The key is none.");
  const [version, algorithm] =
    kind === "whpk"
      ? (["v1a", { name: "Ed25519" }] as const)
      : (["v1", { name: "HMAC", hash: "SHA-256" }] as const);
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
  return async (signature, signed) => {
    const [said, encoded = ""] = signature.split(",");
    const given = said === version ? bytesOf(encoded) : undefined;
    return given !== undefined && crypto.subtle.verify(algorithm.name, key, given, signed);
  };
}

function bytesOf(base64: string): Bytes | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
