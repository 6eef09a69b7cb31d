import { sql } from "drizzle-orm";
import {
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { TableName, Tables } from "../commands/record.ts";

/*
 * The record in D1. Column names are the fields' names. Keys of tables that a tree's object also
 * holds begin with what is unique inside the tree; no foreign key crosses trees.
 */

// Outside every tree ---------------------------------------------------------------------------

/** Numbers of orgs. A root's tree is its own number (`tree` null); gaps are fine. */
export const orgNumbers = sqliteTable(
  "orgNumbers",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    tree: integer(),
    /** Digest of actor and Idempotency-Key, so that a repeated request finds its number again. */
    request: text(),
    createdAt: integer().notNull(),
  },
  (t) => [uniqueIndex("orgNumbers_request").on(t.request)],
);

/** A person: an e-mail that was or is to be proven. */
export const users = sqliteTable(
  "users",
  {
    id: text().primaryKey(),
    email: text().notNull(),
    createdAt: integer().notNull(),
    /** When the person first showed that mail to the address reaches them. */
    provenAt: integer(),
    /** The language in which they are written to; null until they chose one. */
    language: text(),
  },
  (t) => [uniqueIndex("users_email").on(t.email)],
);

const user = () =>
  text()
    .notNull()
    .references(() => users.id);

/** A browser in which a person is signed in. Only the hash of the cookie's secret is kept. */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text().primaryKey(),
    hash: text().notNull(),
    user: user(),
    method: text().$type<"mail" | "invitation" | "passkey">().notNull(),
    userAgent: text(),
    createdAt: integer().notNull(),
    lastSeenAt: integer().notNull(),
    expiresAt: integer().notNull(),
    /** When a passkey was shown in it. */
    strongAt: integer(),
  },
  (t) => [uniqueIndex("sessions_hash").on(t.hash), index("sessions_user").on(t.user)],
);

/** A mailed link that signs in, once. An invitation's has its row when it is used. */
export const signIns = sqliteTable(
  "signIns",
  {
    id: text().primaryKey(),
    email: text().notNull(),
    /** Hash of the secret of the browser that asked; null where any may open the link. */
    browser: text(),
    /** Where the person wanted to go. */
    next: text(),
    createdAt: integer().notNull(),
    expiresAt: integer().notNull(),
    usedAt: integer(),
  },
  (t) => [
    index("signIns_email").on(t.email, t.createdAt),
    index("signIns_expires").on(t.expiresAt),
  ],
);

/** A public key by which a person is recognised (WebAuthn). */
export const passkeys = sqliteTable(
  "passkeys",
  {
    /** The credential's id, in base64url. */
    id: text().primaryKey(),
    user: user(),
    name: text().notNull(),
    publicKey: text().notNull(),
    counter: integer().notNull(),
    /** JSON: how browsers reach the authenticator. */
    transports: text().notNull(),
    createdAt: integer().notNull(),
    lastUsedAt: integer(),
  },
  (t) => [index("passkeys_user").on(t.user)],
);

/** What an authenticator is asked to sign; taken once. */
export const challenges = sqliteTable(
  "challenges",
  {
    id: text().primaryKey(),
    purpose: text().$type<"register" | "sign-in">().notNull(),
    /** Hash of the secret of the browser, or the id of the session, that asked. */
    asker: text().notNull(),
    expiresAt: integer().notNull(),
  },
  (t) => [index("challenges_expires").on(t.expiresAt)],
);

/** A change of a person's address: made when both addresses are proven, then followed by trees. */
export const addressChanges = sqliteTable(
  "addressChanges",
  {
    id: text().primaryKey(),
    user: user(),
    fromEmail: text().notNull(),
    toEmail: text().notNull(),
    /** The session in which it was asked for: the only one that outlives it. */
    session: text(),
    createdAt: integer().notNull(),
    expiresAt: integer().notNull(),
    fromProvenAt: integer(),
    toProvenAt: integer(),
    madeAt: integer(),
    /** When every tree had followed. */
    followedAt: integer(),
  },
  (t) => [
    index("addressChanges_user").on(t.user, t.createdAt),
    index("addressChanges_to_follow")
      .on(t.madeAt)
      .where(sql`"madeAt" is not null and "followedAt" is null`),
  ],
);

/** The guard of every edit: revision and epoch. Raising the epoch fences batches on their way. */
export const trees = sqliteTable("trees", {
  tree: integer().primaryKey(),
  revision: integer().notNull(),
  epoch: integer().notNull(),
});

const tree = () =>
  integer()
    .notNull()
    .references(() => trees.tree);

/** One row for each edit: who, when, what, why. */
export const changes = sqliteTable(
  "changes",
  {
    tree: tree(),
    revision: integer().notNull(),
    /** Names this very attempt, so that an object can tell its own commit from another's. */
    attempt: text().notNull(),
    org: integer().notNull(),
    at: integer().notNull(),
    actor: text().notNull(),
    what: text().notNull(),
    events: text().notNull(),
    reason: text(),
  },
  (t) => [primaryKey({ columns: [t.tree, t.revision] })],
);

/** The row images of a change, in parts of bounded size. */
export const changeRows = sqliteTable(
  "changeRows",
  {
    tree: integer().notNull(),
    revision: integer().notNull(),
    part: integer().notNull(),
    rows: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tree, t.revision, t.part] }),
    foreignKey({ columns: [t.tree, t.revision], foreignColumns: [changes.tree, changes.revision] }),
  ],
);

/** The first answers to requests that carried an Idempotency-Key [R34]. */
export const idempotency = sqliteTable(
  "idempotency",
  {
    tree: tree(),
    actor: text().notNull(),
    key: text().notNull(),
    request: text().notNull(),
    answer: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tree, t.actor, t.key] }), index("idempotency_at").on(t.at)],
);

/** What is to be told to whom, committed with the edit that caused it. */
export const outbox = sqliteTable(
  "outbox",
  {
    id: text().primaryKey(),
    tree: tree(),
    revision: integer().notNull(),
    event: text().notNull(),
    /** The org in which it happened. */
    org: integer().notNull().default(0),
    toOrg: integer(),
    toUser: text(),
    /** Are people told by mail, and not endpoints alone? */
    mail: integer().notNull().default(0),
    body: text().notNull(),
    at: integer().notNull(),
    /** When it was turned into mails and deliveries. */
    doneAt: integer(),
  },
  (t) => [
    index("outbox_tree").on(t.tree, t.revision),
    index("outbox_waiting")
      .on(t.tree, t.revision)
      .where(sql`"doneAt" is null`),
  ],
);

/** One mail to one person. It is claimed before it is sent, and settled after. */
export const mails = sqliteTable(
  "mails",
  {
    id: text().primaryKey(),
    /** The org that it is about; none for what concerns an account alone. */
    tree: integer(),
    org: integer(),
    user: text(),
    email: text().notNull(),
    kind: text().notNull(),
    data: text().notNull(),
    status: text()
      .$type<"queued" | "sending" | "sent" | "failed" | "suppressed" | "uncertain">()
      .notNull(),
    attempts: integer().notNull(),
    at: integer().notNull(),
    claimedAt: integer(),
    settledAt: integer(),
    messageId: text(),
    error: text(),
    /** A mail that waits is tried then, and not before; null: at once. */
    nextAt: integer(),
    /** Who had it sent again, and when. */
    againBy: text(),
    againAt: integer(),
  },
  (t) => [
    index("mails_latest").on(t.tree, t.at, t.id),
    index("mails_waiting")
      .on(t.status, t.at)
      .where(sql`"status" in ('queued', 'sending')`),
  ],
);

/** Who wants no more mails about an org that only inform. */
export const unsubscribed = sqliteTable(
  "unsubscribed",
  { user: user(), org: integer().notNull(), at: integer().notNull() },
  (t) => [primaryKey({ columns: [t.user, t.org] })],
);

/** Addresses to which no mail goes any more. */
export const suppressions = sqliteTable("suppressions", {
  email: text().primaryKey(),
  at: integer().notNull(),
});

/** One event for one endpoint, numbered so that the receiver can see a gap. */
export const deliveries = sqliteTable(
  "deliveries",
  {
    id: text().primaryKey(),
    tree: integer().notNull(),
    webhook: text().notNull(),
    sequence: integer().notNull(),
    event: text().notNull(),
    /** JSON of the event's data; with name, instant and number it makes the body. */
    data: text().notNull(),
    at: integer().notNull(),
    status: text().$type<"pending" | "delivered" | "failed">().notNull(),
    attempts: integer().notNull(),
    /** When it is tried next; null once it is settled. */
    nextAt: integer(),
  },
  (t) => [
    uniqueIndex("deliveries_sequence").on(t.webhook, t.sequence),
    index("deliveries_due")
      .on(t.nextAt)
      .where(sql`"nextAt" is not null`),
  ],
);

export const deliveryAttempts = sqliteTable(
  "deliveryAttempts",
  {
    delivery: text()
      .notNull()
      .references(() => deliveries.id),
    n: integer().notNull(),
    at: integer().notNull(),
    /** The HTTP status; null where there was no answer. */
    status: integer(),
    durationMs: integer().notNull(),
    error: text(),
  },
  (t) => [primaryKey({ columns: [t.delivery, t.n] })],
);

// The facts of a tree --------------------------------------------------------------------------

const terms = {
  role: text().notNull(),
  scope: text().notNull(),
  expiresAt: integer(),
  reason: text(),
  createdBy: text().notNull(),
  createdAt: integer().notNull(),
};

export const orgs = sqliteTable(
  "orgs",
  {
    id: integer().primaryKey(),
    tree: tree(),
    parent: integer(),
    name: text().notNull(),
    description: text(),
    color: text(),
    isDefault: integer().notNull(),
    settings: text().notNull(),
    createdAt: integer().notNull(),
    deletedAt: integer(),
  },
  (t) => [
    foreignKey({ columns: [t.parent], foreignColumns: [t.id] }),
    index("orgs_tree").on(t.tree, t.id),
    index("orgs_parent").on(t.parent),
  ],
);

const org = () =>
  integer()
    .notNull()
    .references(() => orgs.id);

export const people = sqliteTable(
  "people",
  {
    tree: tree(),
    user: text()
      .notNull()
      .references(() => users.id),
    email: text().notNull(),
    name: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tree, t.user] }),
    uniqueIndex("people_email").on(t.tree, t.email),
    index("people_user").on(t.user),
  ],
);

export const roleSets = sqliteTable(
  "roleSets",
  { tree: tree(), name: text().notNull(), body: text().notNull() },
  (t) => [primaryKey({ columns: [t.tree, t.name] })],
);

export const types = sqliteTable(
  "types",
  { tree: tree(), name: text().notNull(), body: text().notNull() },
  (t) => [primaryKey({ columns: [t.tree, t.name] })],
);

export const members = sqliteTable(
  "members",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: org(),
    user: text()
      .notNull()
      .references(() => users.id),
    status: text().$type<"pending" | "active">().notNull(),
    name: text().notNull(),
    externalId: text(),
    properties: text(),
    invitedBy: text().notNull(),
    invitedAt: integer().notNull(),
    sentAt: integer().notNull(),
    acceptedAt: integer(),
  },
  (t) => [
    uniqueIndex("members_org_user").on(t.org, t.user), // [R11]
    uniqueIndex("members_external").on(t.org, t.externalId),
    index("members_tree").on(t.tree, t.id),
    index("members_user").on(t.user),
    index("members_tree_external").on(t.tree, t.externalId),
  ],
);

export const teams = sqliteTable(
  "teams",
  { id: text().primaryKey(), tree: tree(), org: org(), name: text().notNull() },
  (t) => [uniqueIndex("teams_org_name").on(t.org, t.name), index("teams_tree").on(t.tree, t.id)],
);

export const teamMembers = sqliteTable(
  "teamMembers",
  {
    tree: tree(),
    team: text()
      .notNull()
      .references(() => teams.id),
    member: text()
      .notNull()
      .references(() => members.id),
  },
  (t) => [
    primaryKey({ columns: [t.team, t.member] }),
    index("teamMembers_member").on(t.member),
    index("teamMembers_tree").on(t.tree, t.team, t.member),
  ],
);

export const resources = sqliteTable(
  "resources",
  {
    tree: tree(),
    key: integer().notNull(),
    org: org(),
    type: text().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    tags: text().notNull(),
    tagKeys: text().notNull(),
    owner: text().references(() => users.id),
    properties: text(),
    createdAt: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tree, t.key] }),
    uniqueIndex("resources_ref").on(t.tree, t.type, t.id),
    index("resources_org").on(t.org, t.type),
  ],
);

export const grants = sqliteTable(
  "grants",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: org(),
    toKind: text().$type<"members" | "member" | "team">().notNull(),
    toId: text(),
    via: text(),
    ...terms,
  },
  (t) => [
    index("grants_tree").on(t.tree, t.id),
    index("grants_to").on(t.toKind, t.toId),
    index("grants_via").on(t.via),
    index("grants_ends").on(t.expiresAt),
    index("grants_org").on(t.org),
  ],
);

export const shares = sqliteTable(
  "shares",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: org(),
    toUser: text().references(() => users.id),
    toOrg: integer(),
    toTree: integer(),
    toName: text(),
    status: text().$type<"pending" | "active" | "declined" | "removed">().notNull(),
    sentAt: integer().notNull(),
    acceptedAt: integer(),
    collaboration: text(),
    ...terms,
  },
  (t) => [
    index("shares_tree").on(t.tree, t.id),
    index("shares_org").on(t.org),
    index("shares_user").on(t.toUser),
    index("shares_to_org").on(t.toOrg),
    index("shares_collaboration").on(t.collaboration),
    index("shares_ends").on(t.expiresAt),
  ],
);

export const receipts = sqliteTable(
  "receipts",
  {
    tree: tree(),
    share: text().primaryKey(),
    org: org(),
    ownerTree: integer().notNull(),
    ownerOrg: integer().notNull(),
    status: text().$type<"accepted" | "declined">().notNull(),
    collaboration: text(),
    by: text().notNull(),
    at: integer().notNull(),
    confirmedAt: integer(),
    confirmedBy: text(),
  },
  (t) => [index("receipts_tree").on(t.tree, t.share), index("receipts_org").on(t.org)],
);

export const rules = sqliteTable(
  "rules",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: org(),
    share: text()
      .notNull()
      .references(() => receipts.share),
    toKind: text().$type<"members" | "admins" | "member" | "team">().notNull(),
    toId: text(),
    ...terms,
  },
  (t) => [
    index("rules_tree").on(t.tree, t.id),
    index("rules_share").on(t.share),
    index("rules_to").on(t.toKind, t.toId),
    index("rules_ends").on(t.expiresAt),
  ],
);

export const apiKeys = sqliteTable(
  "apiKeys",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: org(),
    name: text().notNull(),
    holds: text().notNull(),
    hash: text().notNull(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (t) => [index("apiKeys_tree").on(t.tree, t.id), index("apiKeys_org").on(t.org)],
);

export const collaborations = sqliteTable(
  "collaborations",
  {
    tree: tree(),
    id: text().notNull(),
    org: org(),
    withOrg: integer().notNull(),
    withTree: integer().notNull(),
    status: text().$type<"asked" | "accepted" | "ended">().notNull(),
    by: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tree, t.id] }),
    index("collaborations_id").on(t.id),
    index("collaborations_org").on(t.org, t.withOrg),
    index("collaborations_with").on(t.withOrg),
  ],
);

export const freezes = sqliteTable(
  "freezes",
  {
    tree: tree(),
    org: org(),
    partner: integer().notNull(),
    reason: text(),
    by: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tree, t.org, t.partner] }), index("freezes_org").on(t.org)],
);

export const links = sqliteTable(
  "links",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: org(),
    key: integer().notNull(),
    hash: text().notNull(),
    expiresAt: integer(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (t) => [
    foreignKey({ columns: [t.tree, t.key], foreignColumns: [resources.tree, resources.key] }),
    index("links_tree").on(t.tree, t.id),
    index("links_key").on(t.tree, t.key),
    index("links_org").on(t.org),
  ],
);

export const libraries = sqliteTable(
  "libraries",
  { tree: tree(), org: org(), name: text().notNull(), body: text().notNull() },
  (t) => [primaryKey({ columns: [t.tree, t.org, t.name] }), index("libraries_org").on(t.org)],
);

export const platformRoles = sqliteTable(
  "platformRoles",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: integer().references(() => orgs.id),
    user: text()
      .notNull()
      .references(() => users.id),
    email: text().notNull(),
    role: text().$type<"super_admin" | "sys_admin" | "account_manager">().notNull(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (t) => [
    index("platformRoles_tree").on(t.tree, t.id),
    index("platformRoles_org").on(t.org),
    index("platformRoles_user").on(t.user),
  ],
);

export const webhooks = sqliteTable(
  "webhooks",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: org(),
    name: text().notNull(),
    url: text().notNull(),
    events: text().notNull(),
    generation: integer().notNull(),
    overlapUntil: integer(),
    asymmetric: integer().notNull(),
    status: text().$type<"enabled" | "disabled">().notNull(),
    disabledBecause: text(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (t) => [index("webhooks_tree").on(t.tree, t.id), index("webhooks_org").on(t.org)],
);

export const issuers = sqliteTable(
  "issuers",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: org(),
    issuer: text().notNull(),
    jwksUrl: text().notNull(),
    audience: text().notNull(),
    claim: text().notNull(),
    algorithms: text().notNull(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (t) => [
    index("issuers_tree").on(t.tree, t.id),
    uniqueIndex("issuers_org_issuer").on(t.org, t.issuer),
    index("issuers_issuer").on(t.issuer),
  ],
);

export const reviews = sqliteTable(
  "reviews",
  {
    id: text().primaryKey(),
    tree: tree(),
    org: org(),
    team: text(),
    startedBy: text().notNull(),
    startedAt: integer().notNull(),
    closedBy: text(),
    closedAt: integer(),
  },
  (t) => [index("reviews_tree").on(t.tree, t.id), index("reviews_org").on(t.org)],
);

export const reviewItems = sqliteTable(
  "reviewItems",
  {
    tree: tree(),
    review: text()
      .notNull()
      .references(() => reviews.id),
    item: text().notNull(),
    kind: text().$type<"share" | "link" | "grant" | "rule" | "membership">().notNull(),
    org: integer().notNull(),
    to: text().notNull(),
    role: text(),
    decision: text().$type<"keep" | "end">(),
    reason: text(),
    decidedBy: text(),
    decidedAt: integer(),
    askedAt: integer(),
  },
  (t) => [
    primaryKey({ columns: [t.tree, t.review, t.item] }),
    index("reviewItems_review").on(t.review),
  ],
);

export const clocks = sqliteTable(
  "clocks",
  {
    tree: tree(),
    name: text().$type<"expiry" | "review">().notNull(),
    at: integer().notNull(),
    /** Of what is due in the millisecond after `at`, the last that was said. */
    past: text(),
  },
  (t) => [primaryKey({ columns: [t.tree, t.name] })],
);

/** The tables of a tree's facts, parents before children: what a slice holds. */
export const FACTS = {
  orgs,
  people,
  roleSets,
  types,
  members,
  teams,
  teamMembers,
  resources,
  grants,
  shares,
  receipts,
  rules,
  collaborations,
  freezes,
  links,
  libraries,
  platformRoles,
  apiKeys,
  webhooks,
  issuers,
  reviews,
  reviewItems,
  clocks,
} as const satisfies Record<TableName, unknown>;

/** The compiler holds rows and tables to each other: this type is an error where they differ. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Agree<T extends Record<TableName, true>> = T;
export type TablesAreRows = Agree<{
  [T in TableName]: Same<(typeof FACTS)[T]["$inferSelect"], Tables[T]>;
}>;
