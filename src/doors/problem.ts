import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ZodError } from "zod";
import { malformed, refuse, type Refusal } from "../refusals.ts";
import { textFor } from "../text/index.ts";

const RETRY_AFTER_S = 1;

/** A refusal as people and programs read it (RFC 9457). */
export const problemOf = (refusal: Refusal, acceptLanguage?: string) => ({
  type: `urn:latchkey:problem:${refusal.code}`,
  title: textFor(acceptLanguage).problems[refusal.code],
  status: refusal.status,
  detail: refusal.detail,
  code: refusal.code,
  ...(refusal.errors ? { errors: refusal.errors } : {}),
  ...(refusal.preview ? { preview: refusal.preview } : {}),
});

export function problem(c: Context, refusal: Refusal): Response {
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (refusal.status === 401) headers["www-authenticate"] = "Bearer";
  if (refusal.status === 503 || refusal.status === 429)
    headers["retry-after"] = String(refusal.retryAfter ?? RETRY_AFTER_S);
  const body = JSON.stringify(problemOf(refusal, c.req.header("accept-language")));
  return c.body(body, refusal.status as ContentfulStatusCode, headers);
}

type Issue = ZodError["issues"][number];

/**
 * What is wrong with the form of a request, by JSON pointer (RFC 6901). What is well-formed, and only
 * past a limit, is refused by that limit.
 */
export function formErrors(error: ZodError, prefix = ""): Refusal {
  const issues = error.issues.flatMap(pastLimits).slice(0, 20);
  const errors = issues.map(({ path, message }) => ({
    pointer:
      prefix +
      path.map((part) => `/${String(part).replace(/~/g, "~0").replace(/\//g, "~1")}`).join(""),
    detail: message,
  }));
  const beyond = issues.find(isLimit);
  if (beyond) return { ...refuse("limit", beyond.message), errors };
  return malformed("The request is malformed.", errors);
}

const isLimit = (issue: Issue): boolean =>
  (issue.code === "too_big" && issue.origin === "array") ||
  (issue.code === "custom" && issue.params?.["limit"] === true);

/** Of several forms, the one from which only a limit keeps a request is the one that was meant. */
function pastLimits(issue: Issue): readonly Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const meant = issue.errors.find((issues) => issues.length > 0 && issues.every(isLimit));
  return meant?.map((one) => ({ ...one, path: [...issue.path, ...one.path] })) ?? [issue];
}

export const tooLarge = (max: number): Refusal =>
  refuse("too_large", `A body of this request holds at most ${max} bytes.`);

export const wrongType = (wanted: string): Refusal => ({
  ...malformed(`The body must be ${wanted}.`),
  status: 415,
});
