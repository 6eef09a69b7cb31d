import { createHash, timingSafeEqual } from "node:crypto";

/** SHA-256, in base64url. */
export const sha256 = (text: string): string =>
  createHash("sha256").update(text).digest("base64url");

/** Equality in a time that tells nothing of where two secrets differ. */
export const sameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());

/** Does a list of entity tags name this one? `*` names any (RFC 9110 §13.1). */
export const namesTag = (list: string, etag: string, weakly: boolean): boolean =>
  list
    .split(",")
    .map((tag) => tag.trim())
    .some((tag) => tag === "*" || tag === etag || (weakly && tag === `W/${etag}`));

/**
 * A strong entity tag of anything that JSON can hold (RFC 9110 §8.8.3). When it was last used is
 * left out: a use changes nothing that an edit could overwrite.
 */
export const etagOf = (value: object): string => {
  const { lastUsed: _, ...rest } = value as { lastUsed?: unknown };
  return `"${sha256(JSON.stringify(rest)).slice(0, 22)}"`;
};
