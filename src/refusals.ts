/**
 * Every reason for which Latchkey says no. A refusal is data and travels through RPC; exceptions
 * are for faults. `status` is HTTP's; `hides` marks the answers that also stand for "there is no
 * such thing". The titles, by code, are in `text/`.
 */
export const REFUSALS = {
  invalid: { status: 422 },
  unauthenticated: { status: 401 },
  forbidden: { status: 403 },
  strong_authentication_needed: { status: 403 },
  not_found: { status: 404, hides: true },
  already_member: { status: 409 },
  last_admin: { status: 409 },
  not_accepted: { status: 409 },
  conflict: { status: 409 },
  confirmation_needed: { status: 409 },
  stale_revision: { status: 412 },
  too_large: { status: 413 },
  role_above_share: { status: 422 },
  recipient_fixed: { status: 422 },
  limit: { status: 422 },
  rate_limited: { status: 429 },
  overloaded: { status: 503 },
  unavailable: { status: 503 },
} as const satisfies Record<string, { status: number; hides?: true }>;

export type RefusalCode = keyof typeof REFUSALS;

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /** Differs from the code's own only for `invalid`: 400 when malformed, 415 for a media type. */
  readonly status: number;
  /** For the person who asked; tells nothing that they may not know. */
  readonly detail: string;
  /** Where in the request it lies: JSON pointers (RFC 6901). */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** For `rate_limited`: after how many seconds it is worth another try. */
  readonly retryAfter?: number;
  /** What the edit would do, and the word by which it is confirmed; for `confirmation_needed`. */
  readonly preview?: { readonly confirm: string; readonly [what: string]: unknown };
}

export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;

export function refuse(code: RefusalCode, detail: string, pointer?: string): Refusal {
  const refusal = { ok: false, code, status: REFUSALS[code].status, detail } as const;
  return pointer === undefined ? refusal : { ...refusal, errors: [{ pointer, detail }] };
}

/** A request that does not have the form it must have (400). */
export const malformed = (detail: string, errors?: Refusal["errors"]): Refusal => ({
  ok: false,
  code: "invalid",
  status: 400,
  detail,
  ...(errors ? { errors } : {}),
});

export const NOT_FOUND: Refusal = refuse("not_found", "There is no such thing here.");

/** An edit of far reach shows first what it would do, and is made when that is confirmed. */
export const confirmFirst = (
  detail: string,
  confirm: string,
  shows: Readonly<Record<string, unknown>>,
): Refusal => ({
  ...refuse("confirmation_needed", detail, "/confirm"),
  preview: { ...shows, confirm },
});

export const accept = <T>(value: T): Result<T> => ({ ok: true, value });

export const isRefusal = (x: unknown): x is Refusal =>
  typeof x === "object" && x !== null && (x as { ok?: unknown }).ok === false;
