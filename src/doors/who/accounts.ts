/*
 * What the doors need of people's accounts; `worker.ts` gives it.
 */

export interface Person {
  readonly id: string;
  readonly email: string;
}

export interface Session {
  readonly id: string;
  readonly user: string;
  readonly email: string;
  readonly language: string | null;
  readonly method: "mail" | "invitation" | "passkey";
  readonly userAgent: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  /** When a passkey was shown in it. */
  readonly strongAt: number | null;
}

export type SignInTaken =
  | { readonly ok: true; readonly email: string; readonly next: string | null }
  | { readonly ok: false; readonly because: "used" | "expired" | "elsewhere" };

export interface Passkey {
  readonly id: string;
  readonly user: string;
  readonly email: string;
  readonly name: string;
  readonly publicKey: string;
  readonly counter: number;
  /** JSON. */
  readonly transports: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** What an authenticator is to sign, and who was given it. */
export interface Challenge {
  readonly id: string;
  readonly purpose: "register" | "sign-in";
  readonly asker: string;
}

export interface Accounts {
  /** Mails a link, whether or not the address is known; false when it was sent too many. */
  askSignIn(asked: {
    id: string;
    email: string;
    browser: string;
    next: string | null;
    expiresAt: number;
    data: object;
  }): Promise<boolean>;
  /** Uses a link, once, in the browser that asked for it. */
  takeSignIn(id: string, browser: string | null): Promise<SignInTaken>;
  /** Uses an invitation's link, once. */
  takeInvitation(invitation: { id: string; email: string; expiresAt: number }): Promise<boolean>;
  /** The account of an address that was proven just now. */
  prove(email: string): Promise<Person>;
  openSession(made: {
    hash: string;
    user: string;
    method: Session["method"];
    userAgent: string | null;
    expiresAt: number;
    strong: boolean;
    instead: string | null;
  }): Promise<void>;
  session(hash: string): Promise<Session | null>;
  slide(id: string, expiresAt: number): Promise<void>;
  strengthen(id: string): Promise<void>;
  sessions(user: string): Promise<readonly Session[]>;
  endSession(user: string, id: string): Promise<boolean>;
  endSessions(user: string): Promise<void>;
  setLanguage(user: string, language: string): Promise<void>;
  addChallenge(challenge: Challenge, expiresAt: number): Promise<void>;
  /** Takes a challenge, once. */
  takeChallenge(challenge: Challenge): Promise<boolean>;
  passkeys(user: string): Promise<readonly Passkey[]>;
  passkey(id: string): Promise<Passkey | null>;
  /** False when it is known already, or the person has `max` of them. */
  addPasskey(
    made: Omit<Passkey, "email" | "createdAt" | "lastUsedAt">,
    max: number,
  ): Promise<boolean>;
  usePasskey(id: string, counter: number): Promise<boolean>;
  removePasskey(user: string, id: string): Promise<boolean>;
  /** Mails both addresses of a change. */
  askAddressChange(asked: {
    id: string;
    user: string;
    from: string;
    to: string;
    session: string | null;
    expiresAt: number;
    data: object;
  }): Promise<void>;
  /** The owner of one of the addresses agrees to the change; with both, it is made. */
  agreeToAddress(id: string, email: string): Promise<"made" | "waits" | "taken" | "dead">;
  /** Is this within the limit of sign-ins by address, or by network? */
  allows(by: "address" | "network", key: string): Promise<boolean>;
}
