import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { isoBase64URL, isoUint8Array } from "@simplewebauthn/server/helpers";
import { refuse, type Refusal } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";
import type { Passkey, Person, Session } from "./accounts.ts";

/*
 * Passkeys (WebAuthn): made and shown by an authenticator that verified its user. What an
 * authenticator signs is a challenge that was given to this asker, and is taken once.
 */

const MINUTE_MS = 60_000;
const CHALLENGE_MS = 5 * MINUTE_MS;
const PASSKEYS_MAX = 20;
const TRANSPORTS = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"];

const site = (c: Ctx) => {
  const { hostname, origin } = new URL(c.req.url);
  return { expectedRPID: hostname, expectedOrigin: origin, requireUserVerification: true };
};

const NOT_PROVEN = refuse("invalid", "The authenticator did not prove this.", "/response");
const NOT_KNOWN = refuse("unauthenticated", "This passkey is not known here.");

/** What a browser needs to make a passkey for a person. */
export async function creationOptions(c: Ctx, ports: Ports, { id, email }: Person) {
  const known = await ports.accounts.passkeys(id);
  const options = await generateRegistrationOptions({
    rpName: "Latchkey",
    rpID: site(c).expectedRPID,
    userID: isoUint8Array.fromUTF8String(id),
    userName: email,
    timeout: CHALLENGE_MS,
    excludeCredentials: known.map(({ id, transports }) => ({
      id,
      transports: JSON.parse(transports) as string[],
    })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
  const challenge = { id: options.challenge, purpose: "register", asker: id } as const;
  await ports.accounts.addChallenge(challenge, Date.now() + CHALLENGE_MS);
  return options;
}

/** Keeps a passkey that an authenticator made for a person. */
export async function register(
  c: Ctx,
  ports: Ports,
  user: string,
  { name, response }: { name: string; response: unknown },
): Promise<Passkey | Refusal> {
  const sent = response as RegistrationResponseJSON;
  const verified = await verifyRegistrationResponse({
    response: sent,
    expectedChallenge: (id) =>
      ports.accounts.takeChallenge({ id, purpose: "register", asker: user }),
    ...site(c),
  }).catch(() => null);
  const credential = verified?.registrationInfo?.credential;
  if (!verified?.verified || !credential) return NOT_PROVEN;
  const made = {
    id: credential.id,
    user,
    name,
    publicKey: isoBase64URL.fromBuffer(credential.publicKey),
    counter: credential.counter,
    transports: JSON.stringify(
      (credential.transports ?? []).filter((one) => TRANSPORTS.includes(one)),
    ),
  };
  if (await ports.accounts.addPasskey(made, PASSKEYS_MAX))
    return (await ports.accounts.passkey(made.id)) ?? NOT_PROVEN;
  return (await ports.accounts.passkey(made.id))
    ? refuse("conflict", "This passkey is registered already.")
    : refuse("limit", `A person has at most ${PASSKEYS_MAX} passkeys.`);
}

/** What a browser needs to show a passkey: the same for everybody, so it tells of nobody. */
export async function requestOptions(c: Ctx, ports: Ports, browser: string) {
  const options = await generateAuthenticationOptions({
    rpID: site(c).expectedRPID,
    userVerification: "required",
    timeout: CHALLENGE_MS,
  });
  const challenge = { id: options.challenge, purpose: "sign-in", asker: browser } as const;
  await ports.accounts.addChallenge(challenge, Date.now() + CHALLENGE_MS);
  return options;
}

/** Whose passkey was shown. */
export async function recognise(
  c: Ctx,
  ports: Ports,
  browser: string | null,
  response: unknown,
): Promise<Person | Refusal> {
  const sent = response as AuthenticationResponseJSON;
  const known = await ports.accounts.passkey(sent.id);
  if (!known || browser === null) return NOT_KNOWN;
  const verified = await verifyAuthenticationResponse({
    response: sent,
    expectedChallenge: (id) =>
      ports.accounts.takeChallenge({ id, purpose: "sign-in", asker: browser }),
    credential: {
      id: known.id,
      publicKey: isoBase64URL.toBuffer(known.publicKey),
      counter: known.counter,
    },
    ...site(c),
  }).catch(() => null);
  if (!verified?.verified) return NOT_KNOWN;
  const { newCounter } = verified.authenticationInfo;
  return (await ports.accounts.usePasskey(known.id, newCounter))
    ? { id: known.user, email: known.email }
    : NOT_KNOWN;
}

/**
 * Who has passkeys changes them by showing one: a session that somebody got at by mail alone does
 * not become a strong one. Who lost theirs turns to the platform.
 */
export async function needPasskey(
  ports: Ports,
  user: string,
  session: Session | undefined,
): Promise<Refusal | null> {
  if (!session || session.strongAt !== null) return null;
  const known = await ports.accounts.passkeys(user);
  return known.length === 0
    ? null
    : refuse("strong_authentication_needed", "Show one of your passkeys first.");
}
