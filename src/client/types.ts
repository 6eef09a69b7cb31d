/* What is asked and answered: AuthZEN 1.0, and Latchkey's own. */

export type Properties = Readonly<Record<string, unknown>>;

/** A subject or a resource. */
export interface Entity {
  readonly type: string;
  readonly id: string;
  readonly properties?: Properties;
}

export interface Action {
  readonly name: string;
  readonly properties?: Properties;
}

/** May this subject do this to that? */
export interface Evaluation {
  readonly subject: Entity;
  readonly action: Action;
  readonly resource: Entity;
  readonly context?: Properties;
}

type Sought = Pick<Entity, "type">;

/** What a search asks, by what it looks for. */
export interface Searches {
  readonly subject: Omit<Evaluation, "subject"> & { readonly subject: Sought };
  readonly resource: Omit<Evaluation, "resource"> & { readonly resource: Sought };
  readonly action: Omit<Evaluation, "action">;
}

export interface Found {
  readonly subject: { readonly type: string; readonly id: string };
  readonly resource: { readonly type: string; readonly id: string };
  readonly action: { readonly name: string };
}

/** One step of a way to access: who gave what to whom, where, and until when. */
export interface Step {
  readonly kind: "grant" | "share" | "rule" | "owner";
  readonly id: string | null;
  readonly org: { readonly id: number; readonly name: string };
  readonly role: string;
  readonly scope: unknown;
  readonly to: unknown;
  readonly via: string | null;
  readonly by: string | null;
  readonly at: string | null;
  readonly reason: string | null;
  readonly expiresAt: string | null;
}

/** Why somebody may do something, or what they lack. */
export interface Explanation {
  readonly decision: boolean;
  readonly at: string | null;
  readonly paths: readonly { readonly steps: readonly Step[]; readonly says: string }[];
  readonly missing: readonly {
    readonly steps: readonly Step[];
    readonly lacks: readonly {
      readonly what: string;
      readonly step: number | null;
      readonly who: Properties | null;
      readonly roles?: readonly string[];
      readonly says: string;
    }[];
  }[];
  readonly more: number;
  readonly uncovered: readonly string[];
  readonly says: string;
}

/** A refusal (RFC 9457); `code` is what programs tell apart. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly preview?: { readonly confirm: string; readonly [what: string]: unknown };
}
