import { confirmFirst, refuse, type Refusal } from "../refusals.ts";
import type { Stamp } from "./facts.ts";

/**
 * An edit of far reach shows first what it would do, and is made once that is confirmed. The word of
 * confirmation stands for exactly what was shown: where that has changed meanwhile, it is void.
 */
export function needConfirmation(
  stamp: Stamp,
  detail: string,
  preview: Readonly<Record<string, unknown>>,
  confirm: string | undefined,
): Refusal | null {
  const token = stamp.digest(preview);
  if (confirm === token) return null;
  return confirm === undefined
    ? confirmFirst(detail, token, preview)
    : refuse("stale_revision", "What this would do has changed since you saw it.", "/confirm");
}
