import { getCookie, setCookie } from "hono/cookie";
import { nanoid } from "nanoid";
import { sha256 } from "../../kit/hash.ts";
import { refuse, type Refusal } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";
import type { Session } from "./accounts.ts";

/*
 * Sessions of browsers. The cookie holds a secret of which the record has only the hash; a session is
 * read from the record at every request, so that one that was ended is refused at once.
 */

const DAY_MS = 86_400_000;
const SESSION_MS = 30 * DAY_MS;
/** A session in use is prolonged no more often than this. */
const SLIDE_MS = 3_600_000;
const SECRET_CHARS = 43;
const AGENT_MAX = 300;

/** `__Host-` cookies: for this host alone, over TLS (or on this machine), and for no script. */
const COOKIE = {
  path: "/",
  secure: true,
  httpOnly: true,
  sameSite: "Lax",
  prefix: "host",
} as const;
const SESSION = "session";
const BROWSER = "browser";

const secretIn = (c: Ctx, name: string): string | null => {
  const secret = getCookie(c, name, "host");
  return secret !== undefined && /^[\w-]{43}$/.test(secret) ? secret : null;
};

const hashIn = (c: Ctx, name: string): string | null => {
  const secret = secretIn(c, name);
  return secret && sha256(secret);
};

const keepSession = (c: Ctx, secret: string): void =>
  setCookie(c, SESSION, secret, { ...COOKIE, maxAge: SESSION_MS / 1_000 });

/** The session that a request came in. In use it lasts 30 days from now. */
export async function sessionOf(c: Ctx, ports: Ports): Promise<Session | null> {
  const secret = secretIn(c, SESSION);
  const session = secret && (await ports.accounts.session(sha256(secret)));
  if (!secret || !session) return null;
  const now = Date.now();
  if (now - session.lastSeenAt > SLIDE_MS) {
    await ports.accounts.slide(session.id, now + SESSION_MS);
    keepSession(c, secret);
  }
  return session;
}

/** Signs a person in, in this browser; the session that it was in until now ends. */
export async function beginSession(
  c: Ctx,
  ports: Ports,
  user: string,
  method: Session["method"],
): Promise<void> {
  const secret = nanoid(SECRET_CHARS);
  await ports.accounts.openSession({
    hash: sha256(secret),
    user,
    method,
    userAgent: c.req.header("user-agent")?.slice(0, AGENT_MAX) ?? null,
    expiresAt: Date.now() + SESSION_MS,
    strong: method === "passkey",
    instead: hashIn(c, SESSION),
  });
  keepSession(c, secret);
}

export async function endSession(c: Ctx, ports: Ports): Promise<void> {
  const session = await sessionOf(c, ports);
  if (session) await ports.accounts.endSession(session.user, session.id);
  setCookie(c, SESSION, "", { ...COOKIE, maxAge: 0 });
}

/** The hash of the secret by which a browser that asks to sign in is known again. */
export const browserOf = (c: Ctx): string | null => hashIn(c, BROWSER);

/** The same; a browser that has no such secret yet is given one. */
export function markBrowser(c: Ctx, forMs: number): string {
  const secret = secretIn(c, BROWSER) ?? nanoid(SECRET_CHARS);
  setCookie(c, BROWSER, secret, { ...COOKIE, maxAge: forMs / 1_000 });
  return sha256(secret);
}

const READING = ["GET", "HEAD", "OPTIONS"];
const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i;

/**
 * Refuses a write that another origin's page made the browser send, with its cookies. A browser says
 * where a write comes from; what says nothing is none, and may send anything but a form.
 */
export function crossOrigin(c: Ctx): Refusal | null {
  if (READING.includes(c.req.method)) return null;
  const { headers } = c.req.raw;
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const foreign =
    (site !== null && site !== "same-origin" && site !== "none") ||
    (origin !== null && origin !== new URL(c.req.url).origin) ||
    (site === null && origin === null && FORM.test(headers.get("content-type") ?? ""));
  return foreign ? refuse("forbidden", "This came from another site's page.") : null;
}
