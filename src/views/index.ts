import { collaborationStatus, parseRole, settingsOf, type StoredScope } from "../access/index.ts";
import type {
  ChangeMaterial,
  CollaborationMaterial,
  FreezeMaterial,
  GrantMaterial,
  KeyMaterial,
  LibraryMaterial,
  LibrarySummary,
  Materials,
  LinkMaterial,
  MailMaterial,
  DeliveryMaterial,
  IssuerMaterial,
  MemberMaterial,
  OrgMaterial,
  OwnAccessMaterial,
  PlatformRoleMaterial,
  PassedOnMaterial,
  RecipientMaterial,
  ReceivedShareMaterial,
  ResourceMaterial,
  ReviewMaterial,
  RoleSetMaterial,
  RuleMaterial,
  SharedMaterial,
  TagMaterial,
  ShareMaterial,
  TeamMaterial,
  TermsMaterial,
  WebhookMaterial,
  TypeMaterial,
} from "./materials.ts";
import { accessView } from "./access.ts";

/*
 * What people see: plain rows that JSON and CSV render alike. Instants are RFC 3339 in UTC; a role
 * of the set `standard` goes without its set; a scope names resources as `type:id`.
 */

export const instant = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString();

export const roleShown = (text: string): string => {
  const { set, role } = parseRole(text);
  return set === "standard" ? role : text;
};

export const scopeShown = (scope: StoredScope, refs: readonly string[]) =>
  "keys" in scope ? { resources: refs } : scope;

type Properties = Record<string, unknown>;
interface Told {
  name: string;
  org: number;
  data: Record<string, string | number | null>;
  partner?: number;
  person?: string;
}
interface Try {
  at: number;
  status: number | null;
  durationMs: number;
  error: string | null;
}
const propertiesShown = (text: string | null) =>
  text === null ? null : (JSON.parse(text) as Properties);

const termsView = (terms: TermsMaterial) => ({
  role: roleShown(terms.role),
  scope: scopeShown(terms.scope, terms.refs),
  expiresAt: instant(terms.expiresAt),
  reason: terms.reason,
  createdBy: terms.createdBy,
  createdAt: instant(terms.createdAt),
});

const granteeView = (kind: string, id: string | null) => (id === null ? kind : { [kind]: id });

const orgView = (org: OrgMaterial) => ({
  id: org.id,
  parent: org.parent,
  name: org.name,
  description: org.description,
  color: org.color,
  default: org.isDefault === 1,
  createdAt: instant(org.createdAt),
});

/** An org with its settings; those of the tree are shown at its root. */
const oneOrgView = (org: OrgMaterial) => {
  const { autoAccept, deletion, children, subjectTypes, reminderDays, reviewMonths, ...settings } =
    settingsOf(org);
  return {
    ...orgView(org),
    ...(org.parent === null
      ? { deletion, children, subjectTypes, reminderDays, reviewMonths }
      : {}),
    ...settings,
    autoAccept: autoAccept && roleShown(autoAccept),
  };
};

const roleSetView = ({ name, ordered, roles, builtIn }: RoleSetMaterial) => ({
  id: name,
  name,
  builtIn,
  ordered,
  roles,
});

const typeView = ({ name, ...type }: TypeMaterial) => ({ id: name, name, ...type });

const resourceView = (resource: ResourceMaterial) => ({
  type: resource.type,
  id: resource.id,
  name: resource.name,
  tags: JSON.parse(resource.tags) as string[],
  owner: resource.owner,
  properties: propertiesShown(resource.properties),
  org: { id: resource.org, name: resource.orgName },
  ...(resource.share === undefined ? {} : { share: resource.share }),
  createdAt: instant(resource.createdAt),
});

const tagView = ({ tag, name, resources }: TagMaterial) => ({ id: tag, name, resources });

const grantView = (grant: GrantMaterial) => ({
  id: grant.id,
  org: grant.org,
  to: granteeView(grant.toKind, grant.toId),
  ...(grant.via === null ? {} : { via: grant.via }),
  ...termsView(grant),
});

const recipientView = (recipient: RecipientMaterial) => ({
  id: recipient.id,
  resource: recipient.resource,
  to: recipientTo(recipient),
  role: roleShown(recipient.role),
  status: recipient.status,
  via: recipient.via,
  by: {
    id: recipient.createdBy,
    ...(recipient.createdByEmail === null ? {} : { email: recipient.createdByEmail }),
  },
  expiresAt: instant(recipient.expiresAt),
  reason: recipient.reason,
  createdAt: instant(recipient.createdAt),
});

const recipientTo = ({ toKind, toId, name, email }: RecipientMaterial) =>
  toId === null ? toKind : { [toKind]: toId, name, ...(email === null ? {} : { email }) };

const passedOnView = ({ items }: PassedOnMaterial) => ({
  items: items.map(({ resource, added }) => ({ resource, added: added.map(recipientView) })),
});

const linkView = (link: LinkMaterial) => ({
  id: link.id,
  resource: link.resource,
  status: link.status,
  expiresAt: instant(link.expiresAt),
  createdBy: link.createdBy,
  createdAt: instant(link.createdAt),
});

const memberView = (member: MemberMaterial) => ({
  id: member.id,
  org: member.org,
  user: member.user,
  email: member.email,
  name: member.name,
  status: member.status,
  ...(member.mail === undefined ? {} : { mail: member.mail }),
  role: member.role === null ? null : roleShown(member.role),
  grants: member.grants.map(grantView),
  teams: member.teams,
  ...(member.externalId === null ? {} : { externalId: member.externalId }),
  ...(member.properties === null
    ? {}
    : { properties: JSON.parse(member.properties) as Properties }),
  invitedAt: instant(member.invitedAt),
  acceptedAt: instant(member.acceptedAt),
  lastUsed: member.lastUsed ?? null,
});

const teamView = (team: TeamMaterial) => ({
  id: team.id,
  org: team.org,
  name: team.name,
  members: team.members,
  grants: team.grants.map(grantView),
});

const shareView = (share: ShareMaterial) => ({
  id: share.id,
  org: share.org,
  to:
    share.toOrg === null
      ? { user: share.toUser, email: share.email, name: share.name }
      : { org: share.toOrg, name: share.name },
  status: share.status,
  frozen: share.frozen,
  ...termsView(share),
  ...(share.toOrg === null
    ? { acceptedAt: instant(share.acceptedAt) }
    : { collaboration: share.collaboration }),
});

const freezeView = (freeze: FreezeMaterial) => ({
  id: freeze.partner === 0 ? "all" : String(freeze.partner),
  org: freeze.org,
  partner: freeze.partner === 0 ? null : freeze.partner,
  reason: freeze.reason,
  createdBy: freeze.by,
  createdAt: instant(freeze.at),
});

const receivedShareView = (share: ReceivedShareMaterial) => ({
  id: share.id,
  org: share.org,
  from: share.owner,
  status: share.status,
  frozen: share.frozen,
  role: roleShown(share.role),
  scope: scopeShown(share.scope, share.refs),
  expiresAt: instant(share.expiresAt),
  createdAt: instant(share.createdAt),
  confirmedAt: instant(share.confirmedAt),
  collaboration: share.collaboration,
});

const ruleView = (rule: RuleMaterial) => ({
  id: rule.id,
  org: rule.org,
  share: rule.share,
  to: granteeView(rule.toKind, rule.toId),
  ...termsView(rule),
});

const sharedView = (share: SharedMaterial) => ({
  id: share.id,
  role: roleShown(share.role),
  status: share.status,
  expiresAt: instant(share.expiresAt),
});

const collaborationView = (collaboration: CollaborationMaterial) => ({
  id: collaboration.id,
  org: collaboration.org,
  with: collaboration.with,
  status: collaborationStatus(collaboration.own, collaboration.theirs),
  direction: collaboration.outgoing ? ("outgoing" as const) : ("incoming" as const),
  shared: collaboration.shared,
  ...(collaboration.shares && {
    given: collaboration.shares.given.map(sharedView),
    received: collaboration.shares.received.map(sharedView),
  }),
  changedAt: instant(collaboration.changedAt),
});

const librarySummaryView = ({ org, name, count }: LibrarySummary) => ({
  id: name,
  org,
  name,
  count,
});

const libraryView = (library: LibraryMaterial) => ({
  ...librarySummaryView(library),
  values: library.values,
});

const keyView = (key: KeyMaterial) => ({
  id: key.id,
  org: key.org,
  name: key.name,
  holds: key.holds.split(" "),
  createdBy: key.createdBy,
  createdAt: instant(key.createdAt),
});

export const changeView = (change: ChangeMaterial) => ({
  id: String(change.revision),
  org: change.org,
  at: instant(change.at),
  actor: { id: change.actor, ...(change.actorEmail === null ? {} : { email: change.actorEmail }) },
  what: change.what,
  events: JSON.parse(change.events) as readonly Told[],
  reason: change.reason,
});

const platformRoleView = (held: PlatformRoleMaterial) => ({
  id: held.id,
  role: held.role,
  user: held.user,
  email: held.email,
  org: held.org === null ? null : { id: held.org, name: held.orgName },
  createdBy: held.createdBy,
  createdAt: instant(held.createdAt),
});

const webhookView = (webhook: WebhookMaterial) => ({
  id: webhook.id,
  org: webhook.org,
  name: webhook.name,
  url: webhook.url,
  events: JSON.parse(webhook.events) as string[],
  asymmetric: webhook.asymmetric === 1,
  status: webhook.status,
  disabledBecause: webhook.disabledBecause,
  oldSecretUntil: instant(webhook.overlapUntil),
  createdBy: webhook.createdBy,
  createdAt: instant(webhook.createdAt),
});

const issuerView = (issuer: IssuerMaterial) => ({
  id: issuer.id,
  org: issuer.org,
  issuer: issuer.issuer,
  jwksUrl: issuer.jwksUrl,
  audience: issuer.audience,
  claim: issuer.claim,
  algorithms: JSON.parse(issuer.algorithms) as string[],
  createdBy: issuer.createdBy,
  createdAt: instant(issuer.createdAt),
});

const deliveryView = (delivery: DeliveryMaterial) => ({
  id: delivery.id,
  webhook: delivery.webhook,
  sequence: delivery.sequence,
  event: delivery.event,
  at: instant(delivery.at),
  status: delivery.status,
  nextAt: instant(delivery.nextAt),
  attempts: (JSON.parse(delivery.tries) as readonly Try[]).map((one) => ({
    ...one,
    at: instant(one.at),
  })),
});

const mailView = (mail: MailMaterial) => ({
  id: mail.id,
  org: mail.org,
  event: mail.kind,
  to: mail.email,
  status: mail.status,
  attempts: mail.attempts,
  createdAt: instant(mail.at),
  settledAt: instant(mail.settledAt),
  nextAt: instant(mail.nextAt),
  error: mail.error,
  sentAgainBy: mail.againBy,
  sentAgainAt: instant(mail.againAt),
});

const reviewView = (review: ReviewMaterial) => ({
  id: review.id,
  org: review.org,
  of: review.team === null ? ("outside" as const) : { team: review.team, name: review.teamName },
  startedBy: review.startedBy,
  startedAt: instant(review.startedAt),
  closedBy: review.closedBy,
  closedAt: instant(review.closedAt),
  counts: review.counts,
  ...(review.items === null
    ? {}
    : {
        items: review.items.map((one) => ({
          id: one.item,
          kind: one.kind,
          org: one.org,
          to: one.to,
          partner: one.partner,
          role: one.role,
          decision: one.decision,
          reason: one.reason,
          decidedBy: one.decidedBy,
          decidedAt: instant(one.decidedAt),
          askedAt: instant(one.askedAt),
          confirmedAt: instant(one.confirmedAt),
        })),
      }),
});

/** One row of "your access". */
export const ownAccessView = (access: OwnAccessMaterial) => ({
  id: access.id,
  org: access.org,
  kind: access.kind,
  ...(access.via === null ? {} : { via: access.via }),
  role: access.role === null ? null : roleShown(access.role),
  scope: access.scope === null ? null : scopeShown(access.scope, access.refs),
  status: access.status,
  ...(access.frozen ? { frozen: true } : {}),
  resources: access.resources,
  expiresAt: instant(access.expiresAt),
});

/** How each reading's material is shown. */
export const VIEWS = {
  org: oneOrgView,
  orgTree: orgView,
  roleSet: roleSetView,
  roleSets: roleSetView,
  type: typeView,
  types: typeView,
  access: accessView,
  memberAccess: accessView,
  resourceAccess: accessView,
  resource: resourceView,
  resources: resourceView,
  resourceToCopy: resourceView,
  tags: tagView,
  recipient: recipientView,
  recipients: recipientView,
  passedOn: passedOnView,
  link: linkView,
  links: linkView,
  member: memberView,
  members: memberView,
  team: teamView,
  teams: teamView,
  teamMembers: memberView,
  grant: grantView,
  share: shareView,
  shares: shareView,
  freezes: freezeView,
  receivedShare: receivedShareView,
  receivedShares: receivedShareView,
  receivedResources: resourceView,
  rule: ruleView,
  rules: ruleView,
  collaboration: collaborationView,
  collaborations: collaborationView,
  library: libraryView,
  libraries: librarySummaryView,
  libraryToCopy: libraryView,
  key: keyView,
  keys: keyView,
  changes: changeView,
  mail: mailView,
  mails: mailView,
  issuer: issuerView,
  issuers: issuerView,
  webhook: webhookView,
  webhooks: webhookView,
  deliveries: deliveryView,
  review: reviewView,
  reviews: reviewView,
  platformRole: platformRoleView,
  platformRoles: platformRoleView,
} as const satisfies { readonly [R in keyof Materials]: (material: Materials[R]) => object };

export type { Materials, OwnAccessMaterial, ReadInput } from "./materials.ts";
