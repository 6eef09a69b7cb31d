import { LatchkeyError } from "./http.ts";
import type { Evaluation, Found, Problem, Searches } from "./types.ts";

/* Latchkey by a service binding (its entrypoint `Latchkey`): no HTTP, no key. */

type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false } & Pick<Problem, "status" | "detail"> & { readonly code: string });

interface Under {
  /** An org below the binding's own. */
  readonly org?: number;
  /** The answer is at least as new as this `Access-Revision`. */
  readonly revision?: string;
}

interface Decision {
  readonly decision: boolean;
}

interface Page {
  readonly page?: { readonly token?: string; readonly limit?: number };
}

/** What the binding's methods are. */
export interface LatchkeyBinding {
  check(question: Evaluation, under?: Under): Promise<Answer<Decision>>;
  checkMany(
    questions: Partial<Evaluation> & { readonly evaluations: readonly Partial<Evaluation>[] },
    under?: Under,
  ): Promise<Answer<Decision | { readonly evaluations: readonly Decision[] }>>;
  search<F extends keyof Searches>(
    find: F,
    query: Searches[F] & Page,
    under?: Under,
  ): Promise<
    Answer<{
      readonly results: readonly (Found["subject"] | Found["action"])[];
      readonly page?: { readonly next_token: string };
    }>
  >;
}

/** Decides by a binding, as a client does over HTTP: what cannot be told is an error. */
export const byBinding = (binding: Pick<LatchkeyBinding, "check">, under: Under = {}) => ({
  async check(question: Evaluation): Promise<boolean> {
    const answer = await binding.check(question, under);
    if (answer.ok) return answer.value.decision;
    throw new LatchkeyError(answer.status, answer.detail);
  },
});
