import { isoBase64URL, isoCBOR } from "@simplewebauthn/server/helpers";

/*
 * A software authenticator: it makes and shows passkeys as WebAuthn says, with ES256.
 */

type Bytes = Uint8Array<ArrayBuffer>;

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

const joined = (...parts: (Uint8Array | number[])[]): Bytes =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

const base64url = (bytes: Uint8Array): string => isoBase64URL.fromBuffer(joined(bytes));

/** One half of a signature as ASN.1 has it: an integer, without needless zeros, and not negative. */
function integer(half: Uint8Array): number[] {
  const first = half.findIndex((byte) => byte !== 0);
  const digits = [...half.subarray(first)];
  const value = (digits[0] ?? 0) & 0x80 ? [0, ...digits] : digits;
  return [0x02, value.length, ...value];
}

export class Authenticator {
  readonly #id = crypto.getRandomValues(new Uint8Array(16));
  readonly #keys = crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]) as Promise<CryptoKeyPair>;
  /** May be set, as by somebody who cloned it. */
  counter = 0;
  /** Does it verify its user? */
  verifies = true;

  readonly origin: string;
  readonly rpId: string;

  constructor(origin = "http://latchkey.test", rpId = "latchkey.test") {
    this.origin = origin;
    this.rpId = rpId;
  }

  get id(): string {
    return base64url(this.#id);
  }

  async #data(flags: number, more: Uint8Array = new Uint8Array()): Promise<Bytes> {
    this.counter++;
    const verified = this.verifies ? USER_VERIFIED : 0;
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, this.counter);
    return joined(
      await sha256(joined(new TextEncoder().encode(this.rpId))),
      [USER_PRESENT | verified | flags],
      count,
      more,
    );
  }

  #client(type: string, challenge: string): Bytes {
    const said = { type, challenge, origin: this.origin, crossOrigin: false };
    return joined(new TextEncoder().encode(JSON.stringify(said)));
  }

  /** Makes a passkey, as `navigator.credentials.create` does. */
  async make({ challenge }: { challenge: string }) {
    const { publicKey } = await this.#keys;
    const { x = "", y = "" } = (await crypto.subtle.exportKey("jwk", publicKey)) as JsonWebKey;
    const cose = isoCBOR.encode(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, isoBase64URL.toBuffer(x)],
        [-3, isoBase64URL.toBuffer(y)],
      ]),
    );
    const length = [this.#id.length >> 8, this.#id.length & 0xff];
    const credential = joined(new Uint8Array(16), length, this.#id, cose);
    const authData = await this.#data(ATTESTED, credential);
    const attestation = isoCBOR.encode(
      new Map<string, unknown>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", authData],
      ]) as never,
    );
    return {
      id: this.id,
      rawId: this.id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(this.#client("webauthn.create", challenge)),
        attestationObject: base64url(attestation),
        transports: ["internal"],
      },
    };
  }

  /** Shows its passkey, as `navigator.credentials.get` does. */
  async show({ challenge }: { challenge: string }) {
    const { privateKey } = await this.#keys;
    const client = this.#client("webauthn.get", challenge);
    const authData = await this.#data(0);
    const raw = new Uint8Array(
      await crypto.subtle.sign(
        { name: "ECDSA", hash: "SHA-256" },
        privateKey,
        joined(authData, await sha256(client)),
      ),
    );
    const halves = [...integer(raw.subarray(0, 32)), ...integer(raw.subarray(32))];
    return {
      id: this.id,
      rawId: this.id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(authData),
        signature: base64url(Uint8Array.from([0x30, halves.length, ...halves])),
      },
    };
  }
}
