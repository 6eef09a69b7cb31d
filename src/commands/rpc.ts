import type { Explanation, Lack, SecondHalf } from "../access/index.ts";
import type { Json } from "../conditions.ts";
import type { Heard } from "../events.ts";
import type { Refusal, Result } from "../refusals.ts";
import type {
  AccessAtMaterial,
  EffectiveMaterial,
  EffectsMaterial,
  ExplanationMaterial,
  Materials,
  OrgNamed,
  OwnAccessMaterial,
  ReachedMaterial,
  ReadInput,
  StepMaterial,
  WayMaterial,
} from "../views/materials.ts";
import type { Offer, OrgElsewhere } from "./facts.ts";
import type { Edit } from "./index.ts";
import type { ReadName } from "./reads.ts";
import type { PlatformWide } from "./standing.ts";

/*
 * What travels between doors and objects, and between objects. Fields are only ever added: two
 * versions run side by side during a deployment.
 */

/** Who asks, as a door learned it. A key is verified by the object of its own tree. */
export type Credentials =
  | {
      readonly kind: "platform";
      readonly person: { id: string; email: string } | null;
      /** The role over all orgs that the person holds on the platform [R27]. */
      readonly role?: PlatformWide;
      /** Of a session: was a passkey shown in it? */
      readonly strong?: boolean;
    }
  | { readonly kind: "key"; readonly token: string; readonly onBehalfOf: string | null }
  /** Another Worker, bound to check in an org and below; the platform vouches for it. */
  | { readonly kind: "binding"; readonly name: string; readonly org: number }
  /** A person whom an issuer named, within the reach of the org that trusts it. */
  | { readonly kind: "token"; readonly alias: string; readonly reach: number };

export interface Asked {
  readonly credentials: Credentials;
  /** A revision that the answer must not be older than. */
  readonly atLeast?: number | undefined;
}

export interface PerformRequest extends Asked {
  readonly edits: readonly Edit[];
  /** `all`: together or not at all; `each`: the edits that can be made, with a result for each. */
  readonly mode: "all" | "each";
  /** The org under which a batch was asked for: its edits stay in it or below. */
  readonly org?: number | undefined;
  readonly ifMatch?: string | undefined;
  /** The word of a preview: the edits are made only if they still do what it showed. */
  readonly ifPreview?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export type Done = {
  [R in ReadName]: {
    readonly ok: true;
    readonly status: 200 | 201 | 204;
    readonly read: R | null;
    readonly material: Materials[R] | null;
  };
}[ReadName];

export interface Performed {
  readonly revision: number;
  readonly results: readonly (Done | Refusal)[];
}

export interface ReadRequest extends Asked {
  readonly read: ReadName;
  readonly org: number;
  readonly input: ReadInput;
}

export interface ReadAnswer {
  readonly revision: number;
  readonly items: readonly Materials[ReadName][];
  readonly next: string | null;
  /** Of lists that may be incomplete: what this page, and those before it, do not cover. */
  readonly uncovered?: readonly Uncovered[];
}

/**
 * Why a list may miss something: a partner could not be reached, the access changed since the first
 * page, shares given above the asker's org are not theirs to know, or resources of open types have
 * access though nobody registered them.
 */
export type Uncovered = "partners" | "changed" | "above" | "unregistered";

export interface Asking {
  readonly subject: { readonly type: string; readonly id: string };
  readonly action: string;
  readonly actionProperties?: Json | undefined;
  readonly resource: {
    readonly type: string;
    readonly id: string;
    readonly properties?: Json | undefined;
  };
  readonly context?: Json | undefined;
}

export interface EvaluateRequest extends Asked {
  /** The org asked under; without one, the key's own. */
  readonly org: number | null;
  readonly questions: readonly Asking[];
}

/** Who had access to a resource at an instant? */
export interface HistoryRequest extends Asked {
  readonly org: number;
  readonly resource: { readonly type: string; readonly id: string };
  readonly at: number;
}

/** Who gained or lost what by the changes after a revision? */
export interface EffectiveRequest extends Asked {
  readonly org: number;
  readonly after: number;
  readonly limit: number;
}

export interface EffectiveAnswer {
  readonly revision: number;
  readonly items: readonly EffectiveMaterial[];
  /** Up to which revision it was looked at; null where that is all. */
  readonly next: number | null;
}

/** What would these edits do? */
export interface PreviewRequest extends Asked {
  readonly org: number;
  readonly edits: readonly Edit[];
}

export interface PreviewAnswer {
  readonly revision: number;
  readonly effects: EffectsMaterial;
  /** What holders of roles that are defined anew gain and lose. */
  readonly roles: readonly object[];
  readonly confirmations: readonly NonNullable<Refusal["preview"]>[];
  readonly token: string;
}

/** Why may somebody do this, or why not? */
export interface ExplainRequest extends Asked {
  readonly org: number;
  readonly question: Asking;
  /** The share through which the org has the resource, where it is a partner's. */
  readonly share?: string | undefined;
  /** As it was at an instant, by the change records; now, without one. */
  readonly at?: number | undefined;
}

/** What a receiver says of its side of some shares, for one user. */
export interface HalvesAnswer {
  readonly seconds: readonly SecondHalf[];
  readonly statuses: Readonly<Record<string, Answered>>;
  /** The receiving orgs by number. */
  readonly names: Readonly<Record<number, string>>;
}

export interface HalvesRequest {
  readonly user: string;
  readonly shares: readonly string[];
  /** The collaborations that carry them. */
  readonly collaborations: readonly string[];
  readonly orgs: readonly number[];
  readonly now: number;
  /** As of that instant, and not by the facts of today? */
  readonly past: boolean;
}

/** What a receiver tells the owner of a share of its side, to have a question about it explained. */
export interface ThroughRequest {
  readonly share: string;
  readonly org: number;
  readonly user: string;
  readonly question: Asking;
  readonly now: number;
  readonly seconds: readonly SecondHalf[];
  /** Second halves that do not count, each with what it lacks. */
  readonly near: readonly SecondHalf[];
  /** What keeps the share as a whole from being used. */
  readonly lack: Lack | null;
  readonly past: boolean;
}

/** The owner's answer: the model's own, with the terms of the share. */
export interface ThroughAnswer {
  readonly explanation: Explanation;
  readonly owner: OrgNamed;
  readonly step: StepMaterial;
  /** The roles that allow the action, weakest first. */
  readonly roles: readonly string[];
}

/** The people of a receiver that use a share, counted by which of its rules let them. */
export interface UsersAnswer {
  readonly revision: number;
  readonly name: string;
  readonly groups: readonly { readonly seconds: readonly SecondHalf[]; readonly people: number }[];
}

/** What do these people of a receiver reach through a share: everything, or this one resource? */
export interface ReachRequest {
  readonly share: string;
  readonly org: number;
  readonly people: readonly { readonly user: string; readonly seconds: readonly SecondHalf[] }[];
  readonly resource: { readonly type: string; readonly id: string } | null;
  readonly input: Pick<ReadInput, "type" | "tag" | "role" | "after" | "limit">;
  readonly now: number;
}

export interface ReachAnswer {
  readonly revision: number;
  /** The share as its receiver may see it. */
  readonly step: StepMaterial;
  readonly rows: readonly {
    readonly user: string;
    readonly resource: ReachedMaterial;
    /** What the ways give together. */
    readonly all: WayMaterial;
    readonly ways: readonly (WayMaterial & { readonly rule: string })[];
  }[];
  readonly next: number | null;
}

export interface RedeliverRequest extends Asked {
  readonly org: number;
  /** None is named where the delivery says it. */
  readonly webhook: string | null;
  readonly which: Redelivered | "test";
}

/** One delivery, or all of an endpoint since an instant, perhaps only those that failed. */
export type Redelivered =
  | { readonly delivery: string }
  | { readonly since: number; readonly status?: "failed" | "delivered" | undefined };

export interface Redelivery {
  readonly count: number;
  /** The ids of the first of them. */
  readonly deliveries: readonly string[];
}

/** A question of which one part is left open: everything that fills it with yes is its answer. */
type Open<F, Missing extends keyof Asking> = Omit<Asking, Missing> & { readonly find: F };

export interface SearchRequest extends Asked {
  readonly org: number | null;
  readonly query:
    | (Open<"subject", "subject"> & { readonly type: string })
    | (Open<"resource", "resource"> & { readonly type: string })
    | Open<"action", "action" | "actionProperties">;
  readonly token: string | undefined;
  readonly limit: number;
}

export interface SearchAnswer {
  readonly results: readonly ({ type: string; id: string } | { name: string })[];
  readonly next: string | null;
}

export type Answered = "accepted" | "declined" | "ended";

/** The methods of a tree's object. */
export interface AccessMapRpc {
  perform(request: PerformRequest): Promise<Result<Performed>>;
  read(request: ReadRequest): Promise<Result<ReadAnswer>>;
  evaluate(request: EvaluateRequest): Promise<Result<{ decisions: readonly boolean[] }>>;
  search(request: SearchRequest): Promise<Result<SearchAnswer>>;
  accessAt(
    request: HistoryRequest,
  ): Promise<Result<{ revision: number; material: AccessAtMaterial }>>;
  effective(request: EffectiveRequest): Promise<Result<EffectiveAnswer>>;
  preview(request: PreviewRequest): Promise<Result<PreviewAnswer>>;
  explain(
    request: ExplainRequest,
  ): Promise<Result<{ revision: number; material: ExplanationMaterial }>>;
  rebuild(request: Asked & { org: number }): Promise<Result<{ revision: number; rows: number }>>;
  /** Knows a person by another address from now on; asked again it changes nothing. */
  readdress(user: string, email: string): Promise<Result<{ revision: number }>>;
  /** Puts a mail on its way once more. */
  sendMail(
    request: Asked & { org: number; mail: string },
  ): Promise<Result<{ revision: number; material: Materials["mail"] }>>;
  /** Puts deliveries of an endpoint on their way once more, or a test event; says how many. */
  redeliver(request: RedeliverRequest): Promise<Result<Redelivery>>;
  /** Gives an endpoint up, as Latchkey itself. */
  disableWebhook(webhook: string, because: "gone" | "failing"): Promise<void>;
  /** The same for a person whom an issuer named: what lies within the reach of those who trust it. */
  ownAccessWithin(request: Asked): Promise<Result<readonly OwnAccessMaterial[]>>;
  ownAccess(user: string): Promise<Result<readonly OwnAccessMaterial[]>>;

  // Between objects:
  describeOrg(org: number): Promise<Omit<OrgElsewhere, "tree"> | null>;
  offer(share: string, refs: readonly string[]): Promise<Offer | null>;
  secondHalves(
    user: string,
    shares: readonly string[],
    now: number,
  ): Promise<readonly SecondHalf[]>;
  /** How many people use each share here. */
  usersOf(shares: readonly string[], now: number): Promise<Readonly<Record<string, number>>>;
  /** Who uses shares here, without names. */
  usersBy(shares: readonly string[], now: number): Promise<Readonly<Record<string, UsersAnswer>>>;
  /** What people of a receiver reach through a share of this tree. */
  reachedBy(request: ReachRequest): Promise<ReachAnswer | null>;
  /** The receiver's side of shares, for an explanation. */
  halves(request: HalvesRequest): Promise<HalvesAnswer>;
  /** Explains a question about a resource of this tree to the receiver of a share. */
  through(request: ThroughRequest): Promise<ThroughAnswer | null>;
  /** The same of many users at once, by user. */
  secondHalvesOf(
    people: readonly { user: string; shares: readonly string[] }[],
    now: number,
  ): Promise<Readonly<Record<string, readonly SecondHalf[]>>>;
  /** Tells an owner whom it may be asked about, on shares of its. */
  mayAsk(people: readonly { share: string; user: string; email: string }[]): Promise<void>;
  /** Everyone who may be asked about on the shares, for an owner that lost what it was told. */
  askable(
    shares: readonly string[],
  ): Promise<readonly { share: string; user: string; email: string }[]>;
  /** Tells a receiver what it was offered: it may take it by itself. Has it been heard? */
  hearOffer(share: string, org: number): Promise<boolean>;
  /** What a receiver said to shares, and which collaborations it ended. */
  statuses(ids: readonly string[]): Promise<Readonly<Record<string, Answered>>>;
  /** When shares were last confirmed by whom they were offered to. */
  confirmations(shares: readonly string[]): Promise<Readonly<Record<string, number>>>;
  /** The resources of a share: all of them, or what these second halves let through. */
  sharedResources(
    share: string,
    org: number,
    input: ReadInput,
    seconds: readonly SecondHalf[] | null,
  ): Promise<ReadAnswer | null>;
  /** Keeps what another tree's object tells, for this tree's endpoints and admins; once, however often told. */
  hear(notices: readonly Heard[]): Promise<void>;
  /** Announces what has ended by now, and what ends soon. */
  keepTime(): Promise<void>;
  /** Tells what waits to be told. */
  drain(): Promise<void>;
  /** What second halves make of a share of this tree. */
  reachThrough(user: string, halves: readonly SecondHalf[]): Promise<OwnAccessMaterial | null>;
}
