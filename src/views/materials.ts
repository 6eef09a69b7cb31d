import type { HalfStatus, Missing, ResourceType, RoleSet, StoredScope } from "../access/index.ts";

/*
 * What the store hands to the views: rows as they are, with what belongs to them. Instants are
 * milliseconds; the views turn them into what people read.
 */

export interface TermsMaterial {
  role: string;
  scope: StoredScope;
  /** `type:id` of the resources that the scope lists and that there still are. */
  refs: readonly string[];
  expiresAt: number | null;
  reason: string | null;
  createdBy: string;
  createdAt: number;
}

export interface OrgMaterial {
  id: number;
  parent: number | null;
  name: string;
  description: string | null;
  color: string | null;
  isDefault: number;
  settings: string;
  createdAt: number;
}

export interface RoleSetMaterial extends RoleSet {
  /** Is it built in, or the tree's own? */
  builtIn: boolean;
}

export interface TypeMaterial extends ResourceType {
  /** Does the tree say something of it? */
  defined: boolean;
}

export interface ResourceMaterial {
  /** The share through which the org that asks has it, where it is not its own. */
  share?: string;
  org: number;
  orgName: string;
  type: string;
  id: string;
  name: string;
  tags: string;
  owner: string | null;
  properties: string | null;
  createdAt: number;
}

/** A tag as somebody wrote it, by the form in which tags compare, and how many resources carry it. */
export interface TagMaterial {
  tag: string;
  name: string;
  resources: number;
}

export interface GrantMaterial extends TermsMaterial {
  id: string;
  org: number;
  toKind: string;
  toId: string | null;
  via: string | null;
}

/** Somebody who holds access to one resource directly. */
export interface RecipientMaterial {
  id: string;
  resource: string;
  toKind: string;
  toId: string | null;
  name: string | null;
  email: string | null;
  role: string;
  status: "active" | "pending" | "expired";
  via: string | null;
  expiresAt: number | null;
  reason: string | null;
  createdBy: string;
  createdByEmail: string | null;
  createdAt: number;
}

/** What a request added to each resource. */
export interface PassedOnMaterial {
  items: readonly { resource: string; added: readonly RecipientMaterial[] }[];
}

export interface LinkMaterial {
  id: string;
  resource: string;
  status: "active" | "expired";
  expiresAt: number | null;
  createdBy: string;
  createdAt: number;
}

export interface MemberMaterial {
  id: string;
  org: number;
  user: string;
  email: string;
  name: string;
  status: string;
  externalId: string | null;
  properties: string | null;
  invitedAt: number;
  acceptedAt: number | null;
  /** The day on which they last used something of the org or of those below it. */
  lastUsed?: string | null;
  /** No mail goes to the address any more. */
  mail?: "suppressed";
  /** The strongest of the roles that are in force, or would be on acceptance. */
  role: string | null;
  grants: readonly GrantMaterial[];
  teams: readonly { id: string; name: string }[];
}

export interface TeamMaterial {
  id: string;
  org: number;
  name: string;
  members: number;
  grants: readonly GrantMaterial[];
}

export interface ShareMaterial extends TermsMaterial {
  id: string;
  org: number;
  toUser: string | null;
  email: string | null;
  name: string | null;
  toOrg: number | null;
  /** What carries a share to another tree. */
  collaboration: string | null;
  status: string;
  /** Suspended: it gives nothing until it is thawed. */
  frozen: boolean;
  acceptedAt: number | null;
}

export interface FreezeMaterial {
  org: number;
  /** 0 where all shares are suspended. */
  partner: number;
  reason: string | null;
  by: string;
  at: number;
}

export interface ReceivedShareMaterial {
  id: string;
  org: number;
  owner: { id: number; name: string };
  collaboration: string | null;
  status: string;
  frozen: boolean;
  role: string;
  scope: StoredScope;
  refs: readonly string[];
  expiresAt: number | null;
  createdAt: number;
  /** When the org last said that it still needs the share. */
  confirmedAt: number | null;
}

export interface RuleMaterial extends TermsMaterial {
  id: string;
  org: number;
  share: string;
  toKind: string;
  toId: string | null;
}

/** What is shared one way in a collaboration: so many shares named, all of them counted. */
export interface SharedMaterial {
  id: string;
  role: string;
  status: string;
  expiresAt: number | null;
}

export interface CollaborationMaterial {
  id: string;
  org: number;
  with: { id: number; name: string | null };
  own: HalfStatus | null;
  theirs: HalfStatus | null;
  /** 1 when the org asked for it, 0 when the other side did. */
  outgoing: number;
  changedAt: number;
  shared: { given: number; received: number };
  shares: { given: readonly SharedMaterial[]; received: readonly SharedMaterial[] } | null;
}

/** A library without its values. */
export interface LibrarySummary {
  org: number;
  name: string;
  count: number;
}

export interface LibraryMaterial extends LibrarySummary {
  values: readonly {
    value: string;
    label?: string;
    color?: string;
    properties?: Record<string, unknown>;
  }[];
}

export interface KeyMaterial {
  id: string;
  org: number;
  name: string;
  holds: string;
  createdBy: string;
  createdAt: number;
}

export interface ChangeMaterial {
  revision: number;
  org: number;
  at: number;
  actor: string;
  actorEmail: string | null;
  what: string;
  events: string;
  reason: string | null;
}

/** A mail, without what it says: its link may sign its receiver in. */
export interface WebhookMaterial {
  id: string;
  org: number;
  name: string;
  url: string;
  events: string;
  generation: number;
  overlapUntil: number | null;
  asymmetric: number;
  status: string;
  disabledBecause: string | null;
  createdBy: string;
  createdAt: number;
}

export interface IssuerMaterial {
  id: string;
  org: number;
  issuer: string;
  jwksUrl: string;
  audience: string;
  claim: string;
  algorithms: string;
  createdBy: string;
  createdAt: number;
}

export interface DeliveryMaterial {
  id: string;
  webhook: string;
  sequence: number;
  event: string;
  at: number;
  attempts: number;
  status: string;
  nextAt: number | null;
  /** JSON: what came of each try. */
  tries: string;
}

export interface MailMaterial {
  id: string;
  org: number;
  email: string;
  kind: string;
  status: string;
  attempts: number;
  at: number;
  settledAt: number | null;
  nextAt: number | null;
  error: string | null;
  againBy: string | null;
  againAt: number | null;
}

export interface PlatformRoleMaterial {
  id: string;
  org: number | null;
  orgName: string | null;
  user: string;
  email: string;
  role: string;
  createdBy: string;
  createdAt: number;
}

/** A review, and what it found; a list of reviews names no items. */
export interface ReviewMaterial {
  id: string;
  org: number;
  team: string | null;
  teamName: string | null;
  startedBy: string;
  startedAt: number;
  closedBy: string | null;
  closedAt: number | null;
  counts: { kept: number; ended: number; open: number };
  items: readonly ReviewItemMaterial[] | null;
}

export interface ReviewItemMaterial {
  item: string;
  kind: "share" | "link" | "grant" | "rule" | "membership";
  org: OrgNamed;
  to: string;
  /** The org that received a share. */
  partner: OrgNamed | null;
  role: string | null;
  decision: "keep" | "end" | null;
  reason: string | null;
  decidedBy: string | null;
  decidedAt: number | null;
  askedAt: number | null;
  /** When the receiver of a share last said that it needs it. */
  confirmedAt: number | null;
}

export interface OwnAccessMaterial {
  id: string;
  org: { id: number; name: string };
  kind: "member" | "user_share" | "org_share";
  via: { id: number; name: string } | null;
  role: string | null;
  scope: StoredScope | null;
  refs: readonly string[];
  status: string;
  /** Suspended by its owner. */
  frozen?: true;
  resources: number;
  expiresAt: number | null;
}

/** An org as an answer names it. */
export interface OrgNamed {
  readonly id: number;
  readonly name: string;
}

/** One step of a path, and the fact that it stands for. What the reader may not know is null. */
export interface StepMaterial {
  readonly kind: "grant" | "share" | "rule" | "owner";
  readonly id: string | null;
  /** Where it was given. */
  readonly org: OrgNamed;
  readonly role: string;
  readonly scope: StoredScope | null;
  readonly refs: readonly string[];
  readonly to: { readonly kind: string; readonly id: string | null; readonly name: string } | null;
  readonly via: string | null;
  readonly by: string | null;
  readonly at: number | null;
  readonly reason: string | null;
  readonly expiresAt: number | null;
}

/** What is missing, and who can put it right. */
export interface LackMaterial {
  readonly what:
    | Missing["obstacle"]
    | "condition"
    | "offer_ended"
    | "nothing"
    | "unknown_person"
    | "unknown_resource"
    | "unknown_action"
    | "org_deleted";
  /** The step of the path that it is about. */
  readonly step: number | null;
  readonly who:
    | { readonly kind: "admins" | "partner"; readonly org: OrgNamed }
    | { readonly kind: "person"; readonly email: string }
    | null;
  /** The roles that would do, weakest first. */
  readonly roles?: readonly string[];
}

export interface NearMaterial {
  readonly steps: readonly StepMaterial[];
  readonly lacks: readonly LackMaterial[];
}

/** Why somebody may do something, or what they lack. */
export interface ExplanationMaterial {
  readonly decision: boolean;
  readonly subject: string;
  readonly action: string;
  readonly resource: { readonly type: string; readonly id: string };
  readonly org: OrgNamed;
  /** The instant that it holds for. */
  readonly at: number;
  readonly paths: readonly (readonly StepMaterial[])[];
  readonly missing: readonly NearMaterial[];
  /** How many further ways lack more. */
  readonly more: number;
  /** What the answer does not cover. */
  readonly uncovered: readonly "partners"[];
}

/** A change of the record with what it did. */
export interface EffectiveMaterial {
  readonly change: ChangeMaterial;
  readonly effects: EffectsMaterial;
  /** The types whose roles it defined anew: what that did is not told by people. */
  readonly types: readonly string[];
}

/** Who had access to a resource at an instant, and by which facts. */
export interface AccessAtMaterial {
  readonly resource: { readonly type: string; readonly id: string };
  readonly at: number;
  readonly items: readonly {
    readonly person: string;
    readonly role: string;
    readonly paths: readonly (readonly StepMaterial[])[];
  }[];
  /** The partners that it was shared with: who used it there, only they know. */
  readonly partners: readonly StepMaterial[];
  readonly count: number;
  readonly more: boolean;
}

/** Access as somebody holds it: by a scope, or on one resource. */
export interface AccessMaterial {
  readonly kind: "grant" | "share" | "rule" | "owner" | "resource";
  readonly org: OrgNamed;
  readonly role: string;
  readonly scope: StoredScope | null;
  readonly refs: readonly string[];
  readonly resource: string | null;
  /** The share of a partner that it uses. */
  readonly share: string | null;
  readonly expiresAt: number | null;
}

export interface EffectMaterial {
  readonly person: string;
  readonly before: AccessMaterial | null;
  readonly after: AccessMaterial | null;
}

export interface PartnerEffectMaterial {
  readonly org: number;
  /** None is named where it is only about to be made. */
  readonly share: string | null;
  readonly before: AccessMaterial | null;
  readonly after: AccessMaterial | null;
  /** How many people use it there, as the partner counts them. */
  readonly people: number | null;
}

/** What changes do to people, and to partners as a whole. */
export interface EffectsMaterial {
  readonly gains: readonly EffectMaterial[];
  readonly loses: readonly EffectMaterial[];
  readonly changes: readonly EffectMaterial[];
  readonly partners: readonly PartnerEffectMaterial[];
  readonly counts: {
    readonly gains: number;
    readonly loses: number;
    readonly changes: number;
    readonly partners: number;
    /** All whom the changed facts concern. */
    readonly people: number;
  };
  /** Is there more than is named here, or than was looked at? */
  readonly more: boolean;
  readonly examined: number;
}

/** Each reading's material: of one thing, or of a list of them. */
export interface Materials {
  org: OrgMaterial;
  orgTree: OrgMaterial;
  roleSet: RoleSetMaterial;
  roleSets: RoleSetMaterial;
  type: TypeMaterial;
  types: TypeMaterial;
  access: AccessRowMaterial;
  memberAccess: AccessRowMaterial;
  resourceAccess: AccessRowMaterial;
  resource: ResourceMaterial;
  resources: ResourceMaterial;
  tags: TagMaterial;
  resourceToCopy: ResourceMaterial;
  recipient: RecipientMaterial;
  recipients: RecipientMaterial;
  passedOn: PassedOnMaterial;
  link: LinkMaterial;
  links: LinkMaterial;
  member: MemberMaterial;
  members: MemberMaterial;
  team: TeamMaterial;
  teams: TeamMaterial;
  teamMembers: MemberMaterial;
  grant: GrantMaterial;
  share: ShareMaterial;
  shares: ShareMaterial;
  freezes: FreezeMaterial;
  receivedShare: ReceivedShareMaterial;
  receivedShares: ReceivedShareMaterial;
  receivedResources: ResourceMaterial;
  rule: RuleMaterial;
  rules: RuleMaterial;
  collaboration: CollaborationMaterial;
  collaborations: CollaborationMaterial;
  library: LibraryMaterial;
  libraries: LibrarySummary;
  libraryToCopy: LibraryMaterial;
  key: KeyMaterial;
  keys: KeyMaterial;
  changes: ChangeMaterial;
  mail: MailMaterial;
  mails: MailMaterial;
  issuer: IssuerMaterial;
  issuers: IssuerMaterial;
  webhook: WebhookMaterial;
  webhooks: WebhookMaterial;
  deliveries: DeliveryMaterial;
  review: ReviewMaterial;
  reviews: ReviewMaterial;
  platformRole: PlatformRoleMaterial;
  platformRoles: PlatformRoleMaterial;
}

/** By what somebody has access: what the last word on it was given as. */
export const ACCESS_SOURCES = [
  "grant",
  "team",
  "members",
  "admin",
  "recipient",
  "link",
  "elevation",
  "owner",
  "user_share",
  "org_share",
  "received",
] as const;
export type AccessSource = (typeof ACCESS_SOURCES)[number];

/** What one way to a resource gives. */
export interface WayMaterial {
  readonly role: string | null;
  readonly actions: readonly string[];
  /** Actions under conditions that do not hold as things stand. */
  readonly conditional: readonly string[];
  readonly expiresAt: number | null;
}

export interface ReachedMaterial {
  readonly key: number;
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly org: OrgNamed;
}

/** What somebody may do to a resource: a person, or the people of another org. */
export interface AccessRowMaterial extends WayMaterial {
  readonly person: {
    readonly user: string;
    readonly email: string;
    readonly name: string | null;
    readonly member: string | null;
  } | null;
  /** Another org, and how many of its people; who they are is its own. */
  readonly partner: (OrgNamed & { readonly people: number | null }) | null;
  readonly resource: Omit<ReachedMaterial, "key">;
  /** The share through which a resource of another tree comes. */
  readonly share: string | null;
  readonly sources: readonly (WayMaterial & {
    readonly source: AccessSource;
    readonly steps: readonly StepMaterial[];
  })[];
}

/** What a reading is asked for. */
export interface ReadInput {
  id?: string | undefined;
  /** The share whose rules or resources are asked for. */
  share?: string | undefined;
  /** The team whose members are asked for. */
  team?: string | undefined;
  /** The member, or the person by any of their names, whose access is asked for. */
  member?: string | undefined;
  person?: string | undefined;
  /** Only access of this role, or by this source. */
  role?: string | undefined;
  source?: AccessSource | undefined;
  /** The endpoint whose deliveries are asked for. */
  webhook?: string | undefined;
  /** `type:id` of the resource whose recipients or links are asked for. */
  resource?: string | undefined;
  type?: string | undefined;
  tag?: string | undefined;
  q?: string | undefined;
  status?: string | undefined;
  /** Resources that were shared with the org, too. */
  include?: "shared" | undefined;
  after: string;
  limit: number;
}
