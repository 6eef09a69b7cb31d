import { z } from "zod";
import type { ReadName } from "../../commands/reads.ts";
import { ACCESS_SOURCES } from "../../views/materials.ts";
import {
  count,
  eg,
  email,
  ended,
  grantee,
  idOf,
  name,
  number,
  orgNamed,
  ref,
  role,
  said,
  scope,
  terms,
  text,
  user,
} from "./parts.ts";

/*
 * The form in which each reading is shown, as the document of the API says it. `answers.ts` holds them
 * to the views.
 */

const orgFields = {
  id: number,
  parent: number.nullable(),
  name,
  description: text,
  color: text,
  default: z.boolean(),
  createdAt: ended,
};
const orgInTree = z.strictObject(orgFields).meta({ id: "OrgInTree" });
const org = z
  .strictObject({
    ...orgFields,
    deletion: z.enum(["platform", "owners"]).optional(),
    children: z.enum(["company", "admins"]).optional(),
    subjectTypes: z.array(eg(z.string(), "user")).optional(),
    reminderDays: z.array(eg(z.int(), 7)).optional(),
    reviewMonths: z.int().nullable().optional(),
    receives: z.enum(["anyone", "collaborators"]),
    invitationDays: eg(z.int(), 14),
    shareDaysMax: z.int().nullable(),
    strongAdmins: z.boolean(),
    autoAccept: text,
  })
  .meta({ id: "Org" });

const roleSet = z
  .strictObject({
    id: eg(z.string(), "standard"),
    name: eg(z.string(), "standard"),
    builtIn: z.boolean(),
    ordered: z.boolean(),
    roles: z.array(
      z.strictObject({
        name: role,
        actions: z.array(
          z.union([
            eg(z.string(), "view"),
            z.strictObject({ name: z.string(), condition: z.string() }),
          ]),
        ),
      }),
    ),
  })
  .meta({ id: "RoleSet" });

const type = z
  .strictObject({
    id: eg(z.string(), "site"),
    name: eg(z.string(), "site"),
    roleSet: eg(z.string(), "standard"),
    adminAccess: z.enum(["implicit", "self-elevate"]),
    ownerRole: text,
    memberCreates: z.boolean(),
    open: z.boolean(),
    assertable: z.array(z.string()),
    linkDefaults: z.strictObject({ admin: role, member: role }).nullable(),
    defined: z.boolean(),
  })
  .meta({ id: "Type" });

const resource = z
  .strictObject({
    type: eg(z.string(), "site"),
    id: eg(z.string(), "hq"),
    name,
    tags: z.array(eg(z.string(), "North")),
    owner: text,
    properties: said.nullable(),
    org: orgNamed,
    share: idOf("shr").optional(),
    createdAt: ended,
  })
  .meta({ id: "Resource" });

const grant = z
  .strictObject({
    id: idOf("grt"),
    org: number,
    to: grantee,
    via: z.string().optional(),
    ...terms,
  })
  .meta({ id: "Grant" });

const recipient = z
  .strictObject({
    id: idOf("grt"),
    resource: ref,
    to: z.union([eg(z.string(), "members"), z.record(z.string(), text)]),
    role,
    status: z.enum(["active", "pending", "expired"]),
    via: text,
    by: z.strictObject({ id: user, email: email.optional() }),
    expiresAt: ended,
    reason: text,
    createdAt: ended,
  })
  .meta({ id: "Recipient" });

export const link = z
  .strictObject({
    id: idOf("lnk"),
    resource: ref,
    status: z.enum(["active", "expired"]),
    expiresAt: ended,
    createdBy: user,
    createdAt: ended,
  })
  .meta({ id: "Link" });

const member = z
  .strictObject({
    id: idOf("mem"),
    org: number,
    user,
    email,
    name: eg(z.string(), "Léa"),
    status: eg(z.string(), "active"),
    mail: z.literal("suppressed").optional(),
    role: role.nullable(),
    grants: z.array(grant),
    teams: z.array(z.strictObject({ id: idOf("tem"), name: eg(z.string(), "Night shift") })),
    externalId: z.string().optional(),
    properties: said.optional(),
    invitedAt: ended,
    acceptedAt: ended,
    lastUsed: z.iso
      .date()
      .meta({ examples: ["2026-11-25"] })
      .nullable(),
  })
  .meta({ id: "Member" });

const team = z
  .strictObject({
    id: idOf("tem"),
    org: number,
    name: eg(z.string(), "Night shift"),
    members: count,
    grants: z.array(grant),
  })
  .meta({ id: "Team" });

const share = z
  .strictObject({
    id: idOf("shr"),
    org: number,
    to: z.union([
      z.strictObject({ user: user.nullable(), email: email.nullable(), name: name.nullable() }),
      z.strictObject({ org: number, name: name.nullable() }),
    ]),
    status: eg(z.string(), "pending"),
    frozen: z.boolean(),
    ...terms,
    acceptedAt: ended.optional(),
    collaboration: text.optional(),
  })
  .meta({ id: "Share" });

const freeze = z
  .strictObject({
    id: eg(z.string(), "all"),
    org: number,
    partner: number.nullable(),
    reason: text,
    createdBy: user,
    createdAt: ended,
  })
  .meta({ id: "Freeze" });

const receivedShare = z
  .strictObject({
    id: idOf("shr"),
    org: number,
    from: orgNamed,
    status: eg(z.string(), "pending"),
    frozen: z.boolean(),
    role,
    scope,
    expiresAt: ended,
    createdAt: ended,
    confirmedAt: ended,
    collaboration: text,
  })
  .meta({ id: "ReceivedShare" });

const rule = z
  .strictObject({ id: idOf("rul"), org: number, share: idOf("shr"), to: grantee, ...terms })
  .meta({ id: "Rule" });

const shared = z.strictObject({
  id: idOf("shr"),
  role,
  status: eg(z.string(), "active"),
  expiresAt: ended,
});

const collaboration = z
  .strictObject({
    id: idOf("col"),
    org: number,
    with: z.strictObject({ id: number, name: name.nullable() }),
    status: z.enum(["pending", "active", "declined", "ended"]),
    direction: z.enum(["outgoing", "incoming"]),
    shared: z.strictObject({ given: count, received: count }),
    given: z.array(shared).optional(),
    received: z.array(shared).optional(),
    changedAt: ended,
  })
  .meta({ id: "Collaboration" });

const tag = z
  .strictObject({ id: eg(z.string(), "north"), name: eg(z.string(), "North"), resources: count })
  .meta({ id: "Tag" });

const librarySummary = {
  id: eg(z.string(), "regions"),
  org: number,
  name: eg(z.string(), "regions"),
  count,
};
const library = z
  .strictObject({
    ...librarySummary,
    values: z.array(
      z.strictObject({
        value: eg(z.string(), "North"),
        label: z.string().optional(),
        color: z.string().optional(),
        properties: said.optional(),
      }),
    ),
  })
  .meta({ id: "Library" });
const libraryListed = z.strictObject(librarySummary).meta({ id: "LibraryListed" });

export const key = z
  .strictObject({
    id: idOf("key"),
    org: number,
    name: eg(z.string(), "Portal"),
    holds: z.array(eg(z.string(), "check")),
    createdBy: user,
    createdAt: ended,
  })
  .meta({ id: "Key" });

const event = z.strictObject({
  name: eg(z.string(), "share.offered"),
  org: number,
  data: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  partner: number.optional(),
  person: z.string().optional(),
});

export const changeFields = {
  id: eg(z.string(), "12"),
  org: number,
  at: ended,
  actor: z.strictObject({ id: user, email: email.optional() }),
  what: eg(z.string(), "share.offer"),
  events: z.array(event),
  reason: text,
};
const change = z.strictObject(changeFields);

const mail = z
  .strictObject({
    id: eg(z.string(), "mail_1_8_0"),
    org: number,
    event: eg(z.string(), "member.invited"),
    to: email,
    status: eg(z.string(), "sent"),
    attempts: count,
    createdAt: ended,
    settledAt: ended,
    nextAt: ended,
    error: text,
    sentAgainBy: text,
    sentAgainAt: ended,
  })
  .meta({ id: "Mail" });

const issuer = z
  .strictObject({
    id: idOf("iss"),
    org: number,
    issuer: eg(z.string(), "https://login.acme.example"),
    jwksUrl: eg(z.string(), "https://login.acme.example/.well-known/jwks.json"),
    audience: eg(z.string(), "latchkey"),
    claim: eg(z.string(), "email"),
    algorithms: z.array(eg(z.string(), "ES256")),
    createdBy: user,
    createdAt: ended,
  })
  .meta({ id: "Issuer" });

const review = z
  .strictObject({
    id: idOf("rvw"),
    org: number,
    of: z.union([z.literal("outside"), z.strictObject({ team: idOf("tem"), name: text })]),
    startedBy: user,
    startedAt: ended,
    closedBy: text,
    closedAt: ended,
    counts: z.strictObject({ kept: count, ended: count, open: count }),
    items: z
      .array(
        z.strictObject({
          id: idOf("shr"),
          kind: z.enum(["share", "link", "grant", "rule", "membership"]),
          org: orgNamed,
          to: eg(z.string(), "ana@audit.example"),
          partner: orgNamed.nullable(),
          role: text,
          decision: z.enum(["keep", "end"]).nullable(),
          reason: text,
          decidedBy: text,
          decidedAt: ended,
          askedAt: ended,
          confirmedAt: ended,
        }),
      )
      .optional(),
  })
  .meta({ id: "Review" });

export const webhook = z
  .strictObject({
    id: idOf("whk"),
    org: number,
    name: eg(z.string(), "Portal"),
    url: eg(z.string(), "https://portal.acme.example/hooks"),
    events: z.array(eg(z.string(), "share.accepted")),
    asymmetric: z.boolean(),
    status: eg(z.string(), "enabled"),
    disabledBecause: text,
    oldSecretUntil: ended,
    createdBy: user,
    createdAt: ended,
  })
  .meta({ id: "Webhook" });

const delivery = z
  .strictObject({
    id: eg(z.string(), "dlv_1_8_0"),
    webhook: idOf("whk"),
    sequence: count,
    event: eg(z.string(), "share.accepted"),
    at: ended,
    status: eg(z.string(), "delivered"),
    nextAt: ended,
    attempts: z.array(
      z.strictObject({
        at: ended,
        status: eg(z.int(), 200).nullable(),
        durationMs: eg(z.number(), 41),
        error: text,
      }),
    ),
  })
  .meta({ id: "Delivery" });

const platformRole = z
  .strictObject({
    id: idOf("plr"),
    role: eg(z.string(), "account_manager"),
    user,
    email,
    org: z.strictObject({ id: number, name: name.nullable() }).nullable(),
    createdBy: user,
    createdAt: ended,
  })
  .meta({ id: "PlatformRole" });

export const step = z
  .strictObject({
    kind: z.enum(["grant", "share", "rule", "owner"]),
    id: idOf("grt").nullable(),
    org: orgNamed,
    role,
    scope: scope.nullable(),
    to: z
      .union([
        eg(z.string(), "members"),
        z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
      ])
      .nullable(),
    via: text,
    by: text,
    at: ended,
    reason: text,
    expiresAt: ended,
  })
  .meta({ id: "Step" });

/** What one way to a resource gives, or all of them together. */
const way = {
  role: role.nullable(),
  actions: z.array(eg(z.string(), "view")),
  conditional: z.array(eg(z.string(), "edit")),
  expiresAt: ended,
};
export const accessRow = z
  .strictObject({
    id: eg(z.string(), "usr_V1StGXR8_Z5jdHi6B site:hq"),
    person: z
      .strictObject({ id: user, email, name: text, member: idOf("mem").optional() })
      .optional(),
    org: orgNamed.optional(),
    people: count.nullable().optional(),
    resource: z.strictObject({
      type: eg(z.string(), "site"),
      id: eg(z.string(), "hq"),
      name,
      org: orgNamed,
    }),
    share: idOf("shr").optional(),
    ...way,
    sources: z.array(
      z.strictObject({ source: z.enum(ACCESS_SOURCES), ...way, steps: z.array(step) }),
    ),
  })
  .meta({ id: "AccessOn" });

/** What each reading answers. */
export const SHOWN = {
  access: accessRow,
  memberAccess: accessRow,
  resourceAccess: accessRow,
  org,
  orgTree: orgInTree,
  roleSet,
  roleSets: roleSet,
  type,
  types: type,
  resource,
  resources: resource,
  resourceToCopy: resource,
  tags: tag,
  recipient,
  recipients: recipient,
  passedOn: z.strictObject({
    items: z.array(z.strictObject({ resource: ref, added: z.array(recipient) })),
  }),
  link,
  links: link,
  member,
  members: member,
  team,
  teams: team,
  teamMembers: member,
  grant,
  share,
  shares: share,
  freezes: freeze,
  receivedShare,
  receivedShares: receivedShare,
  receivedResources: resource,
  rule,
  rules: rule,
  collaboration,
  collaborations: collaboration,
  library,
  libraries: libraryListed,
  libraryToCopy: library,
  key,
  keys: key,
  changes: change,
  mail,
  mails: mail,
  issuer,
  issuers: issuer,
  webhook,
  webhooks: webhook,
  deliveries: delivery,
  review,
  reviews: review,
  platformRole,
  platformRoles: platformRole,
} as const satisfies Readonly<Record<ReadName, z.ZodObject>>;
