import { WorkerEntrypoint } from "cloudflare:workers";
import { isRefusal, NOT_FOUND, refuse, type Refusal, type Result } from "../refusals.ts";
import { revisionIn } from "./api/index.ts";
import type { Place } from "./authzen/forms.ts";
import { evaluateMany, evaluateOne, type Evaluated, type EvaluatedMany } from "./authzen/index.ts";
import { search, type Found, type Searched } from "./authzen/search.ts";
import type { Ports } from "./ports.ts";

/*
 * Other Workers ask without HTTP, by a service binding. Who asks is said by the binding's `props`, which
 * the caller cannot forge: no key is sent. Questions and answers are AuthZEN's, and refusals are data.
 */

/** What a binding says of its Worker: it checks in this org and below, as an API key of it would. */
export interface Caller {
  readonly org: number;
  /** How the Worker is called in logs. */
  readonly name?: string;
}

interface Thing {
  readonly type: string;
  readonly id: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

interface Action {
  readonly name: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** May this subject do this to that? */
export interface Evaluation {
  readonly subject: Thing;
  readonly action: Action;
  readonly resource: Thing;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Several; what the request says holds for those that leave it out. */
export interface Evaluations extends Partial<Evaluation> {
  readonly evaluations: readonly Partial<Evaluation>[];
  readonly options?: {
    readonly evaluations_semantic?: "execute_all" | "deny_on_first_deny" | "permit_on_first_permit";
  };
}

interface Page {
  readonly page?: { readonly token?: string; readonly limit?: number };
}

type Sought = Pick<Thing, "type">;

/** What a search asks, by what it looks for. */
export interface Searches {
  readonly subject: Omit<Evaluation, "subject"> & Page & { readonly subject: Sought };
  readonly resource: Omit<Evaluation, "resource"> & Page & { readonly resource: Sought };
  readonly action: Omit<Evaluation, "action"> & Page;
}

export interface Asking {
  /** An org below the binding's own, to ask under it. */
  readonly org?: number;
  /** The answer is at least as new as this `Access-Revision`. */
  readonly revision?: string;
}

const NOBODY = refuse("unauthenticated", "The props of this binding name no org.");

/** The entrypoint, over what a Worker's environment gives. */
export const entrypoint = <E>(portsOf: (env: E) => Ports) =>
  class extends WorkerEntrypoint<E, Partial<Caller> | undefined> {
    async check(question: Evaluation, asking?: Asking): Promise<Result<Evaluated>> {
      const ports = portsOf(this.env);
      const place = await placeOf(ports, this.ctx.props, asking);
      return isRefusal(place) ? place : evaluateOne(ports, place, question);
    }

    async checkMany(questions: Evaluations, asking?: Asking): Promise<Result<EvaluatedMany>> {
      const ports = portsOf(this.env);
      const place = await placeOf(ports, this.ctx.props, asking);
      return isRefusal(place) ? place : evaluateMany(ports, place, questions);
    }

    async search<F extends Found>(
      find: F,
      query: Searches[F],
      asking?: Asking,
    ): Promise<Result<{ results: Searched; page?: { next_token: string } }>> {
      const ports = portsOf(this.env);
      const place = await placeOf(ports, this.ctx.props, asking);
      return isRefusal(place) ? place : search(ports, place, find, query);
    }
  };

const isOrg = (org: unknown): org is number => Number.isSafeInteger(org) && Number(org) > 0;

async function placeOf(
  ports: Ports,
  props: Partial<Caller> | undefined,
  { org, revision }: Asking = {},
): Promise<Place | Refusal> {
  const own = props?.org;
  if (!isOrg(own)) return NOBODY;
  if (org !== undefined && !isOrg(org)) return NOT_FOUND;
  const tree = await ports.treeOf(own);
  if (tree === undefined) return NOT_FOUND;
  const credentials = { kind: "binding", name: props?.name ?? `org ${own}`, org: own } as const;
  return { credentials, org: org ?? own, tree, atLeast: revisionIn(revision, tree) };
}
