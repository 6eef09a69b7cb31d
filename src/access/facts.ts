/**
 * The words of the model. A fact is a plain row; facts only ever add paths.
 * Instants are milliseconds since the epoch; `null` means "without end".
 */

export type OrgId = number;
export type UserId = string;
export type Instant = number;

/** Which resources: all, any of these (folded) tags, or exactly these internal keys. */
export type Scope =
  | { readonly kind: "all" }
  | { readonly kind: "tags"; readonly tags: readonly string[] }
  | { readonly kind: "resources"; readonly keys: readonly number[] };

/** A role of a role set, as in `standard.viewer`. */
export interface RoleName {
  readonly set: string;
  readonly role: string;
}

/** What a grant, a share and a rule have in common: role · scope · optional end. */
export interface Terms {
  readonly role: RoleName;
  readonly scope: Scope;
  readonly expiresAt: Instant | null;
}

export interface Member {
  readonly id: string;
  readonly org: OrgId;
  readonly user: UserId;
  readonly status: "pending" | "active";
}

/** Whom a grant names. `members` is every member of the grant's own org. */
export type Grantee =
  | { readonly kind: "members" }
  | { readonly kind: "member"; readonly id: string }
  | { readonly kind: "team"; readonly id: string };

/** Whom a team access rule names: a grantee, or the admins of the receiving org. */
export type RuleGrantee = Grantee | { readonly kind: "admins" };

export interface Grant extends Terms {
  readonly id: string;
  readonly org: OrgId;
  readonly to: Grantee;
  /** How access to one resource came about other than by an admin; such a grant may name anyone of the tree. */
  readonly via: string | null;
}

/** Out of an org, to a person or to another org. An org's acceptance lives with the receiver. */
export interface Share extends Terms {
  readonly id: string;
  readonly org: OrgId;
  readonly to: { readonly user: UserId } | { readonly org: OrgId };
  readonly status: "pending" | "active" | "declined" | "removed";
}

/** The receiving org's answer to a share offered to it. */
export interface Receipt {
  readonly share: string;
  readonly org: OrgId;
  readonly status: "accepted" | "declined";
}

/** A team access rule of the receiving org, on a share that it accepted. */
export interface Rule extends Terms {
  readonly id: string;
  readonly org: OrgId;
  readonly share: string;
  readonly to: RuleGrantee;
}

/** What a decision needs to know of a resource. Tags are folded. */
export interface Resource {
  readonly key: number;
  readonly org: OrgId;
  readonly type: string;
  readonly tags: readonly string[];
  readonly owner: UserId | null;
}

/**
 * The questions that the model asks of a tree's facts: each answer may hold more than counts
 * (the model itself drops what is pending, removed or too late), and never less.
 */
export interface Facts {
  /** The org and every org above it, nearest first; empty when the org is not of this tree. */
  lineage(org: OrgId): readonly OrgId[];
  /** The memberships of a user in this tree. */
  membershipsOf(user: UserId): readonly Member[];
  /** The teams that a member is in. */
  teamsOf(member: string): readonly string[];
  /** The grants that name the member, or "all members" of the given org. */
  grantsTo(to: Grantee, org: OrgId): readonly Grant[];
  /** The shares that name the user. */
  sharesTo(user: UserId): readonly Share[];
  /** The shares to orgs on which a receiver said that this user may be asked about. */
  sharesAskable(user: UserId): readonly Share[];
  /** The receiving org's answer to a share, if there is one. */
  receipt(share: string): Receipt | undefined;
  /** The team access rules on a share. */
  rulesOn(share: string): readonly Rule[];
  /** Are the shares of this org, or those to this partner, suspended? */
  isFrozen(share: Share): boolean;
  /** The types whose resources give their owner a role, with that role. */
  ownerRoles(): readonly { readonly type: string; readonly role: RoleName }[];
}
