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
  /** JSON of `OrgSettings`. */
  settings: string;
  createdAt: number;
  /** A tombstone: from then on the org and what lies in it are no more; a purge follows [R24]. */
  deletedAt: number | null;
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

/** An access review: of what those outside hold, or of one team. */
export interface ReviewRow {
  id: string;
  tree: number;
  org: number;
  team: string | null;
  startedBy: string;
  startedAt: number;
  closedBy: string | null;
  closedAt: number | null;
}

/** One access as it stood when its review started, and what was decided of it. */
export interface ReviewItemRow {
  tree: number;
  review: string;
  /** The id of the share, link, grant or rule; of the member, where it is a place in the team. */
  item: string;
  kind: "share" | "link" | "grant" | "rule" | "membership";
  /** Where it was given. */
  org: number;
  to: string;
  role: string | null;
  decision: "keep" | "end" | null;
  reason: string | null;
  decidedBy: string | null;
  decidedAt: number | null;
  /** When its receiver was asked about it. */
  askedAt: number | null;
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
  /**
   * Null for an admin's grant. Else it gives access to one resource, and may name anyone of the
   * tree: `recipients` when somebody passed it on [R30], `elevation` when an admin took it [R7], or
   * the id of the link that gave it [R28].
   */
  via: string | null;
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
  /** The collaboration that carries a share to an org of another tree [R31]. */
  collaboration: string | null;
}

/** The receiving org's answer to a share of another tree. */
export interface ReceiptRow {
  tree: number;
  share: string;
  org: number;
  ownerTree: number;
  ownerOrg: number;
  status: "accepted" | "declined";
  /** The collaboration that carries the share [R31]. */
  collaboration: string | null;
  by: string;
  at: number;
  /** When it was last confirmed that the share is still needed, and by whom. */
  confirmedAt: number | null;
  confirmedBy: string | null;
}

export interface RuleRow extends TermsRow {
  id: string;
  tree: number;
  org: number;
  share: string;
  toKind: "members" | "admins" | "member" | "team";
  toId: string | null;
}

/**
 * One side's half of a collaboration, in that side's tree; both halves have the id that the asking
 * side gave it [R31]. It stands while one half is `asked`, the other `accepted`.
 */
export interface CollaborationRow {
  tree: number;
  id: string;
  org: number;
  withOrg: number;
  withTree: number;
  status: "asked" | "accepted" | "ended";
  by: string;
  at: number;
}

/** All of an org's outgoing shares are suspended, or those to one partner (0: all). */
export interface FreezeRow {
  tree: number;
  org: number;
  partner: number;
  reason: string | null;
  by: string;
  at: number;
}

/** A link to a resource [R28]. Only the hash of its secret is kept. */
export interface LinkRow {
  id: string;
  tree: number;
  org: number;
  /** The resource's internal key. */
  key: number;
  hash: string;
  expiresAt: number | null;
  createdBy: string;
  createdAt: number;
}

/** A named list of values of one org [R25]; `body` is their JSON. */
export interface LibraryRow {
  tree: number;
  org: number;
  name: string;
  body: string;
}

/** A role on the platform: in tree 0, or, for an account manager, in the tree of their org [R27]. */
export interface PlatformRoleRow {
  id: string;
  tree: number;
  org: number | null;
  user: string;
  email: string;
  role: "super_admin" | "sys_admin" | "account_manager";
  createdBy: string;
  createdAt: number;
}

/** An endpoint that hears of the events of an org and of those below it. */
export interface WebhookRow {
  id: string;
  tree: number;
  org: number;
  name: string;
  url: string;
  /** JSON: the names of events, or `["*"]`. */
  events: string;
  /** Secrets are derived from the id and this number, and kept nowhere; a rotation raises it. */
  generation: number;
  /** Until then the generation before signs too. */
  overlapUntil: number | null;
  /** Are deliveries also signed by Ed25519 (`v1a`)? */
  asymmetric: number;
  status: "enabled" | "disabled";
  /** Why Latchkey disabled it by itself. */
  disabledBecause: string | null;
  createdBy: string;
  createdAt: number;
}

/** An issuer of bearer tokens whose users an org takes for those of its e-mails or external ids. */
export interface IssuerRow {
  id: string;
  tree: number;
  org: number;
  issuer: string;
  jwksUrl: string;
  audience: string;
  /** The claim that names the user. */
  claim: string;
  /** JSON: the algorithms of JOSE that are taken. */
  algorithms: string;
  createdBy: string;
  createdAt: number;
}

/** Up to when the passing of time has been announced: expiries, and reminders of them. */
export interface ClockRow {
  tree: number;
  name: "expiry" | "review";
  at: number;
  /** Of what is due in the millisecond after `at`, the last that was said. */
  past: string | null;
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
  collaborations: CollaborationRow;
  freezes: FreezeRow;
  links: LinkRow;
  libraries: LibraryRow;
  platformRoles: PlatformRoleRow;
  apiKeys: KeyRow;
  webhooks: WebhookRow;
  issuers: IssuerRow;
  reviews: ReviewRow;
  reviewItems: ReviewItemRow;
  clocks: ClockRow;
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
