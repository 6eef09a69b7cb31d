import type { Facts, Grantee, Path, RoleBook } from "../access/index.ts";
import type {
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
} from "./record.ts";

/** A tree's facts as commands read them: the model's questions, and rows by their keys. */
export interface TreeFacts extends Facts {
  readonly tree: number;
  readonly book: RoleBook;
  /** The user's own paths in this tree. */
  paths(user: string): readonly Path[];

  org(id: number): OrgRow | undefined;
  defaultOrgs(): readonly OrgRow[];
  person(user: string): PersonRow | undefined;
  /** The user whom an e-mail, a user id or an external id names in this tree. */
  userOf(alias: string): string | undefined;
  member(id: string): MemberRow | undefined;
  memberIn(org: number, user: string): MemberRow | undefined;
  memberByExternalId(externalId: string): MemberRow | undefined;
  /** At most `limit` active members whom a grantee of the org stands for. */
  activeMembers(to: Grantee, org: number, limit: number): readonly MemberRow[];
  grant(id: string): GrantRow | undefined;
  grantsNaming(member: string): readonly GrantRow[];
  /** The grants at scope all, without end, of an admin role in one of the orgs. */
  adminGrants(orgs: readonly number[]): readonly GrantRow[];
  share(id: string): ShareRow | undefined;
  receiptRow(share: string): ReceiptRow | undefined;
  rule(id: string): RuleRow | undefined;
  ruleRowsOn(share: string): readonly RuleRow[];
  rulesNaming(member: string): readonly RuleRow[];
  resource(type: string, id: string): ResourceRow | undefined;
  key(id: string): KeyRow | undefined;
  team(id: string): { readonly id: string; readonly org: number } | undefined;
  teamRowsOf(member: string): readonly { tree: number; team: string; member: string }[];
  count(table: TableName): number;
}

/** When and under which names an edit happens. */
export interface Stamp {
  readonly tree: number;
  readonly at: number;
  id(kind: "mem" | "grt" | "shr" | "rul" | "key" | "tem"): string;
  /** A resource's internal key. */
  key(): number;
}

/** What a command must be told from outside its tree; gathered before the turn. */
export interface Needs {
  readonly emails?: readonly string[];
  readonly org?: number;
  readonly offer?: { readonly share: string; readonly refs: readonly string[] };
}

/** The offer of another tree, as its owner told it at the moment of the edit. */
export interface Offer {
  readonly share: string;
  readonly org: number;
  readonly tree: number;
  readonly orgName: string;
  readonly toOrg: number | null;
  readonly status: ShareRow["status"];
  readonly role: string;
  readonly scope: string;
  readonly expiresAt: number | null;
  readonly createdAt: number;
  /** `type:id` of the resources that the scope lists. */
  readonly refs: readonly string[];
  /** The keys of the resources asked about; null where the share's org holds no such resource. */
  readonly keys: Readonly<Record<string, number | null>>;
}

export interface Given {
  /** User ids by e-mail. */
  readonly users: Readonly<Record<string, string>>;
  readonly org: { readonly id: number; readonly name: string; readonly tree: number } | null;
  readonly offer: Offer | null;
}
