import type { RefusalCode } from "../../src/refusals.ts";

/**
 * A scenario is data: what people do, step by step, and what may be done then. It can be run
 * against the model alone (`model.test.ts`), against the objects and over HTTP.
 *
 * - People, orgs, teams, grants, shares and rules go by names of the scenario's own. In a run with
 *   accounts the person `sarah` is `sarah@…`.
 * - `by` is the person who acts. Without it: the admin of the org concerned, or, for an answer,
 *   the invited person, or the receiving org's admin.
 * - A run against the model leaves out refusals and repeats: those are about commands.
 */
export interface Scenario {
  readonly name: string;
  /** The numbered rules of DESIGN.md that the scenario shows. */
  readonly rules: readonly string[];
  readonly steps: readonly Step[];
}

export type Scope =
  | { readonly all: true }
  | { readonly tags: readonly string[] }
  | { readonly resources: readonly string[] };

/** What is given; scope all and no end where nothing is said. */
export interface Terms {
  readonly role: string;
  readonly scope?: Scope;
  /** From the moment of the step. */
  readonly expiresInDays?: number;
}

interface Acted {
  readonly by?: string;
}

/** Whom a grant names, in its org. */
export type To = "members" | { readonly member: string } | { readonly team: string };

export interface OrgStep extends Acted {
  /** A new org, or a sub-workspace of `in`; `admin` is its first admin, active at once. */
  readonly org: string;
  readonly in?: string;
  readonly admin?: string;
}

export interface ResourceStep extends Acted {
  /** `type:id`, new in the org. */
  readonly resource: string;
  readonly in: string;
  readonly tags?: readonly string[];
  readonly owner?: string;
}

export interface RetagStep extends Acted {
  readonly retag: string;
  readonly tags: readonly string[];
}

export interface DeleteResourceStep extends Acted {
  readonly deleteResource: string;
}

export interface InviteStep extends Acted, Terms {
  /** The person becomes a pending member; role and scope are their first grant, `person@org`. */
  readonly invite: string;
  readonly to: string;
}

export interface JoinStep {
  /** The person accepts the invitation. */
  readonly join: string;
  readonly to: string;
}

export interface RemoveMemberStep extends Acted {
  readonly removeMember: string;
  readonly from: string;
}

export interface TeamStep extends Acted {
  readonly team: string;
  readonly in: string;
  readonly of: readonly string[];
}

export interface GrantStep extends Acted, Terms {
  readonly grant: string;
  readonly in: string;
  readonly to: To;
}

export interface RemoveGrantStep extends Acted {
  readonly removeGrant: string;
}

export interface ShareStep extends Acted, Terms {
  readonly share: string;
  readonly from: string;
  readonly to: { readonly user: string } | { readonly org: string };
}

export interface AcceptShareStep extends Acted {
  /** For an org, this makes the rule for its admins, at the share's role and scope all [R16]. */
  readonly acceptShare: string;
}

export interface DeclineShareStep extends Acted {
  readonly declineShare: string;
}

export interface ChangeShareStep extends Acted {
  readonly changeShare: string;
  readonly role?: string;
  readonly scope?: Scope;
}

export interface RemoveShareStep extends Acted {
  readonly removeShare: string;
}

export interface RuleStep extends Acted, Terms {
  readonly rule: string;
  readonly on: string;
  readonly to: To | "admins";
}

export interface RemoveRuleStep extends Acted {
  readonly removeRule: string;
}

/** Something that a person does. */
export type Command =
  | OrgStep
  | ResourceStep
  | RetagStep
  | DeleteResourceStep
  | InviteStep
  | JoinStep
  | RemoveMemberStep
  | TeamStep
  | GrantStep
  | RemoveGrantStep
  | ShareStep
  | AcceptShareStep
  | DeclineShareStep
  | ChangeShareStep
  | RemoveShareStep
  | RuleStep
  | RemoveRuleStep;

export interface AtStep {
  /** The clock stands at this many days after the start from now on. */
  readonly at: number;
}

export interface ExpectStep {
  /** The person may do each action of `may` on the resource, and none of `mayNot`. */
  readonly expect: string;
  readonly on: string;
  readonly may?: readonly string[];
  readonly mayNot?: readonly string[];
  /** The strongest role that they hold on it, in full; null for none. */
  readonly role?: string | null;
}

export interface ListStep {
  /** On exactly these resources of the org, and of those below it, the person may do the action. */
  readonly list: string;
  readonly of: string;
  readonly in: string;
  readonly exactly: readonly string[];
}

export interface WhoStep {
  /** Exactly these people may do the action on the resource. */
  readonly who: string;
  readonly on: string;
  readonly exactly: readonly string[];
}

export interface RefusedStep {
  /** The command is refused for this reason, and changes nothing. */
  readonly refused: RefusalCode;
  readonly step: Command;
}

export type Step = Command | AtStep | ExpectStep | ListStep | WhoStep | RefusedStep;

/** Keeps a scenario's own words checked against the format. */
export const scenario = (
  name: string,
  rules: readonly string[],
  steps: readonly Step[],
): Scenario => ({ name, rules, steps });
