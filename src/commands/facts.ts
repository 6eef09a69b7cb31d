import type {
  Facts,
  Grantee,
  Holds,
  OrgSettings,
  Path,
  RoleBook,
  RoleSet,
} from "../access/index.ts";
import type { Json } from "../conditions.ts";
import type { Refusal } from "../refusals.ts";
import type { ReadInput } from "../views/materials.ts";
import type { ReadName } from "./reads.ts";
import type { Receiver } from "./receivers.ts";
import type { ReadAnswer } from "./rpc.ts";
import type {
  CollaborationRow,
  GrantRow,
  KeyRow,
  MemberRow,
  OrgRow,
  PersonRow,
  ReceiptRow,
  ResourceRow,
  RuleRow,
  ShareRow,
  TableName,
  Tables,
  TeamRow,
} from "./record.ts";

/** A tree's facts as commands read them: the model's questions, and rows by their keys. */
export interface TreeFacts extends Facts {
  readonly tree: number;
  readonly book: RoleBook;
  /** The user's own paths in this tree. */
  paths(user: string): readonly Path[];

  /** Do conditions hold of this? What they see is looked up when one is asked, and not before. */
  holds(about: About): Holds;

  /** The rows of a table whose columns are these values; a list stands for any of its values. */
  rows<T extends TableName>(table: T, where: Where<T>, limit?: number): readonly Tables[T][];
  row<T extends TableName>(table: T, where: Where<T>): Tables[T] | undefined;
  count<T extends TableName>(table: T, where?: Where<T>): number;

  /** An org that was not deleted. */
  org(id: number): OrgRow | undefined;
  /** The org and every one below it, each after its parent. */
  subtree(org: number): readonly OrgRow[];
  defaultOrgs(): readonly OrgRow[];
  /** Tombstones: orgs that were deleted, and not purged yet. */
  deletedOrgs(): readonly OrgRow[];
  person(user: string): PersonRow | undefined;
  /**
   * The user whom an e-mail, a user id or an external id names in this tree. An external id is the
   * word of the org that gave it: it stands for its person there and below (where `lineage` holds
   * that org), so no admin further down can make one mean somebody who has more access above.
   */
  userOf(alias: string, lineage: readonly number[]): string | undefined;
  member(id: string): MemberRow | undefined;
  memberIn(org: number, user: string): MemberRow | undefined;
  memberByExternalId(externalId: string): MemberRow | undefined;
  /** At most `limit` active members whom a grantee of the org stands for. */
  activeMembers(to: Grantee, org: number, limit: number): readonly MemberRow[];
  grant(id: string): GrantRow | undefined;
  /** The grants of exactly this resource, by id. */
  grantsOn(key: number, limit: number, after?: string): readonly GrantRow[];
  grantsNaming(member: string): readonly GrantRow[];
  /** The grants at scope all, without end, of an admin role in one of the orgs. */
  adminGrants(orgs: readonly number[]): readonly GrantRow[];
  share(id: string): ShareRow | undefined;
  /**
   * The grants, shares and rules that end after one instant and not after another: of each table some
   * `limit`, and all that end with the last of them. They are all that end until the instant answered.
   */
  endings(
    after: number,
    until: number,
    limit: number,
  ): { readonly found: readonly Ending[]; readonly until: number };
  /** The first end of a grant, a share or a rule after an instant, that was more than so long to come. */
  nextEnd(after: number, beforeMs: number): number | null;
  /** Among how many orgs the receivers share the one resource of these orgs, selected too by `by`, that most share. */
  mostReceivers(
    receivers: readonly Receiver[],
    by: readonly Receiver[],
    orgs: readonly number[],
  ): number;
  receiptRow(share: string): ReceiptRow | undefined;
  rule(id: string): RuleRow | undefined;
  ruleRowsOn(share: string): readonly RuleRow[];
  rulesNaming(member: string): readonly RuleRow[];
  resource(type: string, id: string): ResourceRow | undefined;
  key(id: string): KeyRow | undefined;
  team(id: string): TeamRow | undefined;
  teamRowsOf(member: string): readonly { tree: number; team: string; member: string }[];
}

/** What a condition is asked about: who does what to what, and what the caller says with it. */
export interface About {
  readonly user: string;
  readonly action: string;
  /** A row as it would become, or the one of this type and id; an open type's needs none. */
  readonly resource: Pick<ResourceRow, "org" | "type" | "id"> & Partial<ResourceRow>;
  /** The word by which a caller means a user; `user` where nothing is said. */
  readonly subjectType?: string | undefined;
  readonly actionProperties?: Json | undefined;
  /** What the caller says of the resource: it counts where the type lets it be asserted. */
  readonly asserted?: Json | undefined;
  readonly context?: Json | undefined;
}

type Ends<T> = T & { readonly expiresAt: number };

export type Ending =
  | { readonly table: "grants"; readonly row: Ends<GrantRow> }
  | { readonly table: "shares"; readonly row: Ends<ShareRow> }
  | { readonly table: "rules"; readonly row: Ends<RuleRow> };

/** Columns and what they must be: one value, or any of several. */
export type Where<T extends TableName> = {
  readonly [C in keyof Tables[T]]?: Tables[T][C] | readonly Tables[T][C][];
};

/** When and under which names an edit happens. */
export interface Stamp {
  readonly tree: number;
  readonly at: number;
  id(
    kind:
      | "mem"
      | "grt"
      | "shr"
      | "rul"
      | "key"
      | "tem"
      | "col"
      | "lnk"
      | "prl"
      | "whk"
      | "iss"
      | "rvw",
  ): string;
  /** A resource's internal key. */
  key(): number;
  /** A short text that stands for a value of JSON, and for no other. */
  digest(value: unknown): string;
}

/** What a command must be told from outside its tree; gathered before the turn. */
export interface Needs {
  readonly emails?: readonly string[];
  readonly org?: number;
  readonly offer?: { readonly share: string; readonly refs: readonly string[] };
  /** A reading of another org, perhaps of another tree, with the rights of who asks. */
  readonly reading?: {
    readonly org: number;
    readonly read: ReadName;
    readonly input: Partial<ReadInput>;
  };
  /** The collaborations between two orgs. */
  readonly between?: readonly [org: number, other: number];
  /** The collaborations between the two sides of this one. */
  readonly collaboration?: string;
  /** The share to whose receiver's answer it comes. */
  readonly answer?: string;
}

/** The offer of another tree, as its owner told it at the moment of the edit. */
export interface Offer {
  readonly share: string;
  readonly org: number;
  readonly tree: number;
  readonly orgName: string;
  readonly toOrg: number | null;
  readonly status: ShareRow["status"];
  /** Suspended by its owner; it may be accepted, and gives nothing. */
  readonly frozen?: boolean;
  readonly role: string;
  readonly scope: string;
  readonly expiresAt: number | null;
  readonly createdAt: number;
  /** Until then a share that waits can be accepted. */
  readonly openUntil?: number;
  readonly collaboration: string | null;
  /** The role set of the share as the owner's tree defines it: a rule uses its share's. */
  readonly roleSet: RoleSet | null;
  /** `type:id` of the resources that the scope lists. */
  readonly refs: readonly string[];
  /** The keys of the resources asked about; null where the share's org holds no such resource. */
  readonly keys: Readonly<Record<string, number | null>>;
}

/** Another org, perhaps of another tree, as it says of itself. */
export interface OrgElsewhere {
  readonly id: number;
  readonly name: string;
  readonly tree: number;
  readonly receives: OrgSettings["receives"];
}

export interface Given {
  /** User ids by e-mail. */
  readonly users: Readonly<Record<string, string>>;
  readonly org: OrgElsewhere | null;
  readonly offer: Offer | null;
  readonly reading: ReadAnswer | Refusal | null;
  /** Both halves of every collaboration between the two orgs that were asked about. */
  readonly halves: readonly CollaborationRow[];
  /** What the receiving org answered to the share; `ended` where it ended what carries it. */
  readonly answer?: "accepted" | "declined" | "ended" | null;
}

export const NOTHING_GIVEN: Given = {
  users: {},
  org: null,
  offer: null,
  reading: null,
  halves: [],
  answer: null,
};
