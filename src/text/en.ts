import type { RefusalCode } from "../refusals.ts";

/** What people read, in English. This is the shape of every other language. */
export const en = {
  problems: {
    invalid: "The request cannot be done as it is",
    unauthenticated: "Who asks is not known",
    forbidden: "Not allowed",
    strong_authentication_needed: "A passkey is needed",
    not_found: "Not found",
    already_member: "Already a member",
    last_admin: "The last admin stays",
    not_accepted: "Not accepted yet",
    conflict: "In conflict with what there is",
    confirmation_needed: "To be confirmed first",
    stale_revision: "Changed meanwhile",
    too_large: "Too large",
    role_above_share: "More than the share allows",
    recipient_fixed: "The recipient stays",
    limit: "Past a limit",
    rate_limited: "Too many requests",
    overloaded: "Too busy",
    unavailable: "Not available right now",
  } satisfies Record<RefusalCode, string>,
};

export type Text = typeof en;
