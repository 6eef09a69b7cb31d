/**
 * The rows of a tree's record, as every store keeps them: scalars only, JSON as text, so that a
 * row's image before and after a change can be replayed anywhere. A change of a row is its two
 * images; `before` is null for a new row, `after` for a deleted one.
 */

export interface OrgRow {
  id: number;
  tree: number;
  parent: number | null;
  name: string;
  description: string | null;
  color: string | null;
  isDefault: number;
  settings: string;
  createdAt: number;
}

/** A person known to the tree, with the address by which the tree knows them. */
export interface PersonRow {
  tree: number;
  user: string;
  email: string;
  name: string;
}

export interface MemberRow {
  id: string;
  tree: number;
  org: number;
  user: string;
  status: "pending" | "active";
  name: string;
  externalId: string | null;
  properties: string | null;
  invitedBy: string;
  invitedAt: number;
  sentAt: number;
  acceptedAt: number | null;
}

export interface TeamRow {
  id: string;
  tree: number;
  org: number;
  name: string;
}

export interface TeamMemberRow {
  tree: number;
  team: string;
  member: string;
}

/** Role sets and types that the tree defined for itself; `body` is their JSON. */
export interface RoleSetRow {
  tree: number;
  name: string;
  body: string;
}

export interface TypeRow {
  tree: number;
  name: string;
  body: string;
}

/** `tagKeys` holds the tags in the form in which they are compared. */
export interface ResourceRow {
  tree: number;
  key: number;
  org: number;
  type: string;
  id: string;
  name: string;
  tags: string;
  tagKeys: string;
  owner: string | null;
  properties: string | null;
  createdAt: number;
}

interface TermsRow {
  role: string;
  /** `{"all":true}`, `{"tags":[…]}` as they were written, or `{"keys":[…]}`. */
  scope: string;
  expiresAt: number | null;
  reason: string | null;
  createdBy: string;
  createdAt: number;
}

export interface GrantRow extends TermsRow {
  id: string;
  tree: number;
  org: number;
  toKind: "members" | "member" | "team";
  toId: string | null;
}

export interface ShareRow extends TermsRow {
  id: string;
  tree: number;
  org: number;
  toUser: string | null;
  toOrg: number | null;
  /** The tree of `toOrg`, which never changes. */
  toTree: number | null;
  toName: string | null;
  status: "pending" | "active" | "declined" | "removed";
  sentAt: number;
  acceptedAt: number | null;
}

/** The receiving org's answer to a share of another tree. */
export interface ReceiptRow {
  tree: number;
  share: string;
  org: number;
  ownerTree: number;
  ownerOrg: number;
  status: "accepted" | "declined";
  by: string;
  at: number;
}

export interface RuleRow extends TermsRow {
  id: string;
  tree: number;
  org: number;
  share: string;
  toKind: "members" | "admins" | "member" | "team";
  toId: string | null;
}

/** An API key. Only the hash of its secret is kept. */
export interface KeyRow {
  id: string;
  tree: number;
  org: number;
  name: string;
  holds: string;
  hash: string;
  createdBy: string;
  createdAt: number;
}

/** The tables of a tree's facts, parents before children. */
export interface Tables {
  orgs: OrgRow;
  people: PersonRow;
  roleSets: RoleSetRow;
  types: TypeRow;
  members: MemberRow;
  teams: TeamRow;
  teamMembers: TeamMemberRow;
  resources: ResourceRow;
  grants: GrantRow;
  shares: ShareRow;
  receipts: ReceiptRow;
  rules: RuleRow;
  apiKeys: KeyRow;
}

export type TableName = keyof Tables;

export type RowChange = {
  [T in TableName]: { table: T; before: Tables[T] | null; after: Tables[T] | null };
}[TableName];

/** The row changes of one edit, written tersely: `insert("members", row)`. */
export const insert = <T extends TableName>(table: T, after: Tables[T]): RowChange =>
  ({ table, before: null, after }) as RowChange;
export const remove = <T extends TableName>(table: T, before: Tables[T]): RowChange =>
  ({ table, before, after: null }) as RowChange;
export const replace = <T extends TableName>(
  table: T,
  before: Tables[T],
  change: Partial<Tables[T]>,
): RowChange => ({ table, before, after: { ...before, ...change } }) as RowChange;
