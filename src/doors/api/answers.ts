import { z } from "zod";
import type { ReadName } from "../../commands/reads.ts";
import { REFUSALS } from "../../refusals.ts";
import type { effectsView } from "../../views/effects.ts";
import type { accessAtView, explanationView } from "../../views/explanations.ts";
import type { ownAccessView, VIEWS } from "../../views/index.ts";
import { ACCESS_SOURCES } from "../../views/materials.ts";

/*
 * The forms of answers, as the document of the API shows them: for each reading, and for what is no
 * reading. The compiler holds them to the views, both ways; tests hold every answer to them.
 */

const eg = <S extends z.ZodType>(schema: S, ...examples: unknown[]): S => schema.meta({ examples });

const instant = z.iso.datetime().meta({ examples: ["2026-03-03T09:00:00.000Z"] });
const ended = instant.nullable();
const number = eg(z.int().nonnegative(), 1);
const idOf = (prefix: string) => eg(z.string(), `${prefix}_1_8_0`);
const user = eg(z.string(), "usr_V1StGXR8_Z5jdHi6B");
const email = eg(z.string(), "lea@acme.example");
const name = eg(z.string(), "Acme");
const role = eg(z.string(), "viewer");
const ref = eg(z.string(), "site:hq");
const count = eg(z.int().nonnegative(), 3);
const text = z.string().nullable();
const said = z.record(z.string(), z.unknown());
const orgNamed = z.strictObject({ id: number, name });

const scope = z
  .union([
    z.strictObject({ all: z.literal(true) }),
    z.strictObject({ tags: z.array(eg(z.string(), "North")) }),
    z.strictObject({ resources: z.array(ref) }),
  ])
  .meta({ id: "ScopeShown" });

const terms = {
  role,
  scope,
  expiresAt: ended,
  reason: text,
  createdBy: user,
  createdAt: ended,
};

/** `members`, `admins`, or one by id. */
const grantee = z.union([eg(z.string(), "members"), z.record(z.string(), z.string())]);

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

const link = z
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

const key = z
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

const changeFields = {
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

const webhook = z
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

const step = z
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
const accessRow = z
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

/* What is no reading. */

const access = z
  .strictObject({
    kind: z.enum(["grant", "share", "rule", "owner", "resource"]),
    org: orgNamed,
    role,
    scope: scope.nullable().optional(),
    resource: ref.optional(),
    share: idOf("shr").optional(),
    expiresAt: ended,
  })
  .meta({ id: "Access" });

const effects = {
  gains: z.array(z.strictObject({ person: email, ...access.partial().shape })),
  loses: z.array(z.strictObject({ person: email, ...access.partial().shape })),
  changes: z.array(
    z.strictObject({ person: email, before: access.nullable(), after: access.nullable() }),
  ),
  partners: z.array(
    z.strictObject({
      org: number,
      share: idOf("shr").nullable(),
      before: access.nullable(),
      after: access.nullable(),
      people: count.nullable(),
    }),
  ),
  counts: z.strictObject({
    gains: count,
    loses: count,
    changes: count,
    partners: count,
    people: count,
  }),
  more: z.boolean(),
};

const sentence = eg(z.string(), "Acme gave lea@acme.example the role viewer on everything.");

const path = z.strictObject({ steps: z.array(step), says: sentence });

export const effectsShown = z.strictObject(effects);

export const explanation = z
  .strictObject({
    decision: z.boolean(),
    at: ended,
    paths: z.array(path),
    missing: z.array(
      z.strictObject({
        steps: z.array(step),
        lacks: z.array(
          z.strictObject({
            what: eg(z.string(), "role"),
            step: count.nullable(),
            who: z
              .union([z.strictObject({ person: email }), z.record(z.string(), orgNamed)])
              .nullable(),
            roles: z.array(role).optional(),
            says: sentence,
          }),
        ),
      }),
    ),
    more: count,
    uncovered: z.array(z.literal("partners")),
    says: sentence,
  })
  .meta({ id: "Explanation" });

export const accessAt = z
  .strictObject({
    resource: z.strictObject({ type: eg(z.string(), "site"), id: eg(z.string(), "hq") }),
    at: ended,
    items: z.array(z.strictObject({ person: email, role, paths: z.array(path) })),
    partners: z.array(z.strictObject({ ...step.shape, says: sentence })),
    count,
    more: z.boolean(),
    uncovered: z.array(eg(z.string(), "partners")),
  })
  .meta({ id: "AccessAt" });

export const ownAccess = z
  .strictObject({
    id: idOf("mem"),
    org: orgNamed,
    kind: z.enum(["member", "user_share", "org_share"]),
    via: orgNamed.optional(),
    role: role.nullable(),
    scope: scope.nullable(),
    status: eg(z.string(), "pending"),
    frozen: z.boolean().optional(),
    resources: count,
    expiresAt: ended,
  })
  .meta({ id: "OwnAccess" });

const roleChange = z.strictObject({
  role,
  as: z.enum(["holder", "admin", "owner"]),
  types: z.array(z.string()),
  gains: z.array(z.string()),
  loses: z.array(z.string()),
  people: count,
  named: z.array(z.string()),
  organisations: z.array(number),
  cut: z.boolean(),
});

export const preview = z.strictObject({
  ...effects,
  roles: z.array(roleChange),
  confirmations: z.array(z.looseObject({ confirm: z.string() })),
  confirm: eg(z.string(), "q8f3…"),
});

/** A page of a list. */
export const listOf = <S extends z.ZodType>(item: S) =>
  z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() });

/** A page of a list that says what it may miss. */
export const accessList = z.strictObject({
  ...listOf(accessRow).shape,
  complete: z.boolean(),
  uncovered: z.array(z.enum(["partners", "changed", "above", "unregistered"])),
});

const pointed = z.array(z.strictObject({ pointer: z.string(), detail: z.string() }));

/** A refusal as people and programs read it (RFC 9457). */
export const problemShown = z
  .strictObject({
    type: eg(z.string(), "urn:latchkey:problem:not_found"),
    title: eg(z.string(), "Not found"),
    status: eg(z.int(), 404),
    detail: eg(z.string(), "There is no such thing here."),
    code: z.enum(Object.keys(REFUSALS)),
    errors: pointed.optional(),
    preview: z.looseObject({ confirm: z.string() }).optional(),
  })
  .meta({ id: "Problem" });

/** The history says each event as a sentence, too. */
const says = { says: z.array(eg(z.string(), "shared with lea@acme.example as viewer")) };
export const changeShown = z.strictObject({ ...changeFields, ...says }).meta({ id: "Change" });
export const effective = z
  .strictObject({ ...changeFields, ...says, ...effects, types: z.array(z.string()) })
  .meta({ id: "EffectiveChange" });

const token = eg(z.string(), "lk_1_8_0_V1StGXR8_Z5jdHi6B-myT");
/** Tokens and secrets are answered once. */
export const keyMade = z.strictObject({ ...key.shape, token });
export const linkMade = z.strictObject({
  ...link.shape,
  token: eg(z.string(), "ln_1_8_0_V1StGXR8_Z5jdHi6B-myT"),
  url: eg(z.string(), "https://latchkey.example/l/ln_1_8_0_V1StGXR8_Z5jdHi6B-myT"),
});
export const webhookShown = z.strictObject({
  ...webhook.shape,
  publicKey: eg(z.string(), "whpk_…").optional(),
});
export const webhookMade = z.strictObject({
  ...webhookShown.shape,
  secret: eg(z.string(), "whsec_…"),
});
export const eventKind = z.strictObject({
  id: eg(z.string(), "share.accepted"),
  says: eg(z.string(), "accepted the share {share}"),
});
export const redelivery = z.strictObject({
  count,
  deliveries: z.array(eg(z.string(), "dlv_1_8_0")),
});

export const batchDone = z.strictObject({
  results: z.array(z.strictObject({ status: eg(z.int(), 201), body: said.nullable() })),
});
export const rebuilt = z.strictObject({ rows: count });
export const imported = listOf(
  z.strictObject({
    row: eg(z.int(), 1),
    status: eg(z.int(), 201),
    id: z.string().optional(),
    code: z.string().optional(),
    detail: z.string().optional(),
    errors: pointed.optional(),
  }),
);

const sessionShown = z
  .strictObject({
    id: eg(z.string(), "ses_V1StGXR8"),
    current: z.boolean(),
    method: z.enum(["mail", "invitation", "passkey"]),
    strong: z.boolean(),
    userAgent: text,
    createdAt: ended,
    lastSeenAt: ended,
    expiresAt: ended,
  })
  .meta({ id: "Session" });
export const session = sessionShown;
export const me = z.strictObject({
  id: user,
  email,
  role: z.string().optional(),
  language: text.optional(),
  session: sessionShown.optional(),
});
export const passkey = z
  .strictObject({
    id: z.string(),
    name: eg(z.string(), "passkey"),
    createdAt: ended,
    lastUsedAt: ended,
  })
  .meta({ id: "Passkey" });
/** What WebAuthn's own API takes; its form is that of the standard. */
export const webauthn = z.looseObject({ challenge: z.string() });
export const mailSent = z.strictObject({ status: z.literal("sent"), email });
export const personShown = z.strictObject({ user: z.strictObject({ id: user, email }) });
export const accessAnswered = z.looseObject({ id: z.string() });

/* AuthZEN. */

const decision = z.strictObject({ decision: z.boolean() }).meta({ id: "Decision" });
export const evaluated = decision;
export const evaluatedMany = z.union([
  z.strictObject({ evaluations: z.array(decision) }),
  decision,
]);
const page = z.strictObject({ next_token: z.string() }).optional();
const entity = z.strictObject({ type: eg(z.string(), "user"), id: email });
export const foundEntities = z.strictObject({ results: z.array(entity), page });
export const foundActions = z.strictObject({
  results: z.array(z.strictObject({ name: eg(z.string(), "view") })),
  page,
});
const url = eg(z.string(), "https://latchkey.example/access/v1/evaluation");
export const metadata = z.strictObject({
  policy_decision_point: eg(z.string(), "https://latchkey.example"),
  access_evaluation_endpoint: url,
  access_evaluations_endpoint: url,
  search_subject_endpoint: url,
  search_resource_endpoint: url,
  search_action_endpoint: url,
});

export const health = z.strictObject({ status: z.literal("ok") });
export const document = z.looseObject({ openapi: eg(z.string(), "3.1.1") });

/* The compiler's part: each form is what its view shows, and each view what its form says. */

type Plain<T> = T extends readonly (infer E)[]
  ? Plain<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Plain<T[K]> }
    : T;
type Fits<View, Form> = [Plain<View>] extends [Form] ? true : { view: View; form: Form };
type Hold<T extends Readonly<Record<string, true>>> = T;

/** @public Every view fits its form. */
export type Held = Hold<
  { [R in ReadName]: Fits<ReturnType<(typeof VIEWS)[R]>, z.output<(typeof SHOWN)[R]>> } & {
    effects: Fits<ReturnType<typeof effectsView>, z.output<typeof effectsShown>>;
    explanation: Fits<ReturnType<typeof explanationView>, z.output<typeof explanation>>;
    accessAt: Fits<ReturnType<typeof accessAtView>, z.output<typeof accessAt>>;
    ownAccess: Fits<ReturnType<typeof ownAccessView>, z.output<typeof ownAccess>>;
  }
>;
