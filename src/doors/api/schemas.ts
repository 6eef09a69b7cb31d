import { z } from "zod";
import { ALGORITHMS } from "../who/issuers.ts";
import { LANGUAGES } from "../../text/index.ts";
import { ACCESS_SOURCES } from "../../views/materials.ts";

/*
 * The forms of requests. Objects are strict: a field that nobody knows is refused rather than
 * ignored, since it may be a misspelt limit.
 */

const NAME_MAX = 200;
const TAGS_MAX = 64;
const PROPERTIES_MAX = 64 * 1024;

/** Past it, a well-formed request is refused by the limit's own code; its message names the number. */
const limit = (message: string) => ({ error: message, params: { limit: true } });
const atMost = <S extends z.ZodString>(form: S, max: number, what: string) =>
  form
    .refine((text) => text.length <= max, limit(`${what} has at most ${max} characters.`))
    .meta({ maxLength: max });

/** An example for the document of the API. */
const eg = <S extends z.ZodType>(form: S, ...examples: unknown[]): S => form.meta({ examples });

/** What a body holds was read as JSON already. */
export const json = z.custom<z.core.util.JSONType>(() => true);

/** Neither control characters nor halves of surrogate pairs: what every store keeps as it is. */
const plain = (text: string) => text.isWellFormed() && !/\p{Cc}/u.test(text);
const word = z.string().refine(plain, "Control characters are not allowed.");

export const name = eg(atMost(word.trim().min(1), NAME_MAX, "A name"), "Acme");
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email())
  .meta({ format: "email", examples: ["lea@acme.example"] });
const id = atMost(word.min(1), NAME_MAX, "An id");
/** A path cannot hold `.` and `..`, however they are encoded. */
export const resourceId = id.refine(
  (text) => text !== "." && text !== "..",
  "No id of a resource.",
);
const LAST_INSTANT = Date.parse("9999-12-31T23:59:59.999Z");
const instant = eg(z.iso.datetime({ offset: true }), "2027-03-03T09:00:00Z")
  .transform((text) => Date.parse(text))
  .refine((at) => at <= LAST_INSTANT, "An instant lies before the year 10000.");
const text = (max: number) =>
  atMost(z.string().trim(), max, "This text").refine(
    (written) => written.isWellFormed() && !written.includes("\0"),
  );
const reason = eg(text(1_000), "The audit of March");
const role = eg(
  z.string().regex(/^[\w-]{1,64}(\.[\w-]{1,64})?$/, "A role is written set.role or role."),
  "viewer",
);
const confirm = z.string().max(100);
const tag = eg(atMost(word.trim().min(1), NAME_MAX, "A tag"), "North");
const tags = z
  .array(tag)
  .max(TAGS_MAX, `A resource has, and a scope names, at most ${TAGS_MAX} tags.`);
const ref = eg(
  z.string().regex(/^[^:]{1,64}:.{1,200}$/s, "A resource is written type:id."),
  "site:hq",
);
const properties = z
  .record(atMost(z.string(), NAME_MAX, "The name of a property"), json)
  .refine(
    (written) => JSON.stringify(written).length <= PROPERTIES_MAX,
    limit(`Properties have at most ${PROPERTIES_MAX} characters of JSON.`),
  );

export const typeName = eg(z.string().regex(/^[A-Za-z][\w-]{0,63}$/, "No name of a type."), "site");

const plainName = eg(
  z.string().regex(/^[\w-]{1,64}$/, "Letters, digits, _ and - only, up to 64."),
  "reader",
);
export const setName = plainName;
const actionName = eg(word.min(1).max(100), "view");

const REFS_MAX = 1_000;
const refs = z.array(ref).max(REFS_MAX, `A scope lists at most ${REFS_MAX} resources.`);

const scope = z.union(
  [
    z.strictObject({ all: z.literal(true) }),
    z.strictObject({ tags: tags.min(1) }),
    z.strictObject({ resources: refs.min(1) }),
  ],
  { error: 'A scope is {"all":true}, {"tags":[…]} (up to 64) or {"resources":[…]} (up to 1000).' },
);

const terms = {
  role,
  scope: scope.optional(),
  expiresAt: instant.nullish(),
  reason: reason.nullish(),
};

const someTerms = { ...terms, role: role.optional() };

const grantee = z.union(
  [z.literal("members"), z.strictObject({ member: id }), z.strictObject({ team: id })],
  { error: 'A grantee is "members", {"member":"…"} or {"team":"…"}.' },
);

export const orgNumber = eg(z.int().positive(), 2);

export const createOrg = z.strictObject({
  name,
  parent: orgNumber.nullish().transform((parent) => parent ?? undefined),
  description: text(2_000).nullish(),
  color: text(32).nullish(),
  default: z.boolean().optional(),
  admin: z.strictObject({ name, email }).optional(),
});

export const updateOrg = z.strictObject({
  name: name.optional(),
  description: text(2_000).nullish(),
  color: text(32).nullish(),
  default: z.boolean().optional(),
  deletion: z.enum(["platform", "owners"]).optional(),
  children: z.enum(["company", "admins"]).optional(),
  subjectTypes: z.array(word.trim().min(1).max(64)).max(16).optional(),
  receives: z.enum(["anyone", "collaborators"]).optional(),
  autoAccept: role.nullish(),
  strongAdmins: z.boolean().optional(),
  invitationDays: z.int().min(1).max(365).optional(),
  shareDaysMax: z.int().min(1).max(3_650).nullish(),
  reminderDays: z.array(z.int().min(1).max(365)).max(10).optional(),
  reviewMonths: z.union([z.literal(3), z.literal(6), z.literal(12)]).nullish(),
  parent: orgNumber.nullish(),
  confirm: text(NAME_MAX).optional(),
});

/** The name is typed as a confirmation; without it, what would go is shown. */
export const deleteOrg = z.strictObject({ confirm: text(NAME_MAX).optional() }).optional();

/** Bounds on how much a set may hold are refused by their own code, `limit`. */
export const roleSet = z.strictObject({
  ordered: z.boolean().default(true),
  roles: z
    .array(
      z.strictObject({
        name: plainName,
        actions: z.array(
          z.union([actionName, z.strictObject({ name: actionName, condition: z.string() })], {
            error: 'An action is "name" or {"name":"…","condition":"…"}.',
          }),
        ),
      }),
    )
    .min(1),
  confirm: confirm.optional(),
  reason: reason.optional(),
});

export const type = z.strictObject({
  roleSet: plainName.optional(),
  adminAccess: z.enum(["implicit", "self-elevate"]).optional(),
  ownerRole: plainName.nullish(),
  memberCreates: z.boolean().optional(),
  open: z.boolean().optional(),
  assertable: z.array(z.string().min(1).max(NAME_MAX)).max(64).optional(),
  linkDefaults: z.strictObject({ admin: plainName, member: plainName }).nullish(),
  confirm: confirm.optional(),
  reason: reason.optional(),
});

export const confirmation = z
  .strictObject({ confirm: confirm.optional(), reason: reason.optional() })
  .optional();

const resourceFields = {
  name: name.optional(),
  tags: tags.optional(),
  owner: z.string().trim().max(254).nullish(),
  properties: properties.nullish(),
};

export const resource = z.strictObject(resourceFields);
export const resourceRow = z.strictObject({ type: typeName, id: resourceId, ...resourceFields });

export const inviteMember = z.strictObject({
  name,
  email,
  ...someTerms,
  externalId: id.optional(),
  properties: properties.optional(),
});

export const memberRow = z.strictObject({
  ...inviteMember.shape,
  name: name.optional(),
  grants: z.array(z.strictObject(terms)).max(100, "A row holds at most 100 grants.").optional(),
  status: z.enum(["pending", "active"]).optional(),
});

export const updateMember = z.strictObject({
  name: name.optional(),
  externalId: id.nullish(),
  properties: properties.nullish(),
});

export const team = z.strictObject({ name });

export const memberGrant = z.strictObject(terms);
export const addGrant = z.strictObject({ to: grantee, ...terms });
export const changeTerms = z.strictObject(someTerms);

export const offerShare = z.strictObject({
  to: z.union([z.strictObject({ email, name }), z.strictObject({ org: orgNumber })], {
    error: 'A recipient is {"email":"…","name":"…"} or {"org":123}.',
  }),
  ...terms,
});

/** A recipient is let through here so that it can be refused by its own code [R14]. */
export const changeShare = z.strictObject({ ...someTerms, to: z.unknown().optional() });

export const freeze = z
  .strictObject({ partner: orgNumber.optional(), reason: reason.nullish() })
  .optional();
const RECIPIENT =
  'A recipient is "members", {"member":"…"}, {"team":"…"} or {"email":"…"}, of this tree.';

export const shareResources = z.strictObject({
  resources: z.array(ref).min(1),
  to: z.array(z.union([grantee, z.strictObject({ email })], { error: RECIPIENT })).min(1),
  role,
  expiresAt: instant.nullish(),
  reason: reason.nullish(),
});

export const changeRecipient = z.strictObject({
  role: role.optional(),
  expiresAt: instant.nullish(),
  reason: reason.nullish(),
});

export const elevate = z
  .strictObject({ reason: reason.nullish() })
  .optional()
  .transform((body) => body ?? {});

export const copyResource = z.strictObject({
  to: orgNumber,
  id: resourceId.optional(),
  name: name.optional(),
});

export const createLink = z.strictObject({ expiresAt: instant.nullish() }).prefault({});

export const addRule = z.strictObject({
  to: z.union([z.literal("admins"), grantee], {
    error: 'A rule is for "members", "admins", {"member":"…"} or {"team":"…"}.',
  }),
  ...terms,
});

export const askCollaboration = z.strictObject({ with: orgNumber });

/** Of a path: as it stands, so nothing is trimmed from it. */
export const libraryName = id.refine((written) => written.trim() === written);

export const library = z.strictObject({
  values: z
    .array(
      z.strictObject({
        value: id,
        label: name.nullish(),
        color: text(32).nullish(),
        properties: properties.nullish(),
      }),
    )
    .max(1_000, "A library holds at most 1000 values."),
});

export const copyLibrary = z.strictObject({
  to: orgNumber,
  value: id.optional(),
  onConflict: z.enum(["keep", "replace"]).optional(),
});

const webhookFields = {
  name: name.optional(),
  events: z.array(z.string().max(64)).min(1).max(100).optional(),
  asymmetric: z.boolean().optional(),
};
const url = eg(z.string().trim().min(1).max(2_000), "https://portal.acme.example/hooks");

export const createWebhook = z.strictObject({ url, ...webhookFields });
export const updateWebhook = z.strictObject({
  url: url.optional(),
  ...webhookFields,
  status: z.enum(["enabled", "disabled"]).optional(),
});
const algorithms = z.array(z.enum(ALGORITHMS)).min(1);
const claim = eg(z.string().min(1).max(NAME_MAX), "email");

export const createIssuer = z.strictObject({
  issuer: url,
  jwksUrl: url.optional(),
  audience: claim,
  claim: claim.default("email"),
  algorithms: algorithms.default(["RS256", "ES256", "EdDSA"]),
});
export const updateIssuer = z.strictObject({
  jwksUrl: url.optional(),
  audience: claim.optional(),
  claim: claim.optional(),
  algorithms: algorithms.optional(),
});
const OVERLAP_HOURS_MAX = 168;
export const rotateWebhook = z
  .strictObject({ overlapHours: z.int().min(0).max(OVERLAP_HOURS_MAX).optional() })
  .default({});
export const redeliver = z.strictObject({
  since: instant,
  status: z.enum(["failed", "delivered"]).optional(),
});

export const startReview = z.strictObject({
  of: z.union([z.literal("outside"), z.strictObject({ team: id })], {
    error: 'A review is of "outside" or of {"team":"…"}.',
  }),
});
export const decideReview = z.strictObject({
  decision: z.enum(["keep", "end"]),
  reason: reason.optional(),
});

export const createKey = z
  .strictObject({
    name: name.default("key"),
    holds: z
      .array(z.enum(["check", "manage"]))
      .min(1)
      .default(["check"]),
  })
  .prefault({});

export const grantPlatformRole = z.strictObject({
  email,
  role: z.enum(["super_admin", "sys_admin", "account_manager"]),
  org: orgNumber.nullish().transform((org) => org ?? null),
});

export const updateMe = z.strictObject({ language: z.enum(Object.keys(LANGUAGES)) });
export const ownEmail = z.strictObject({ email });

/** The answer of an authenticator, as browsers write it in JSON; WebAuthn's library looks into it. */
const authenticator = z.looseObject({
  id: z.string().min(1).max(2_000),
  response: z.looseObject({}),
});
export const passkey = z.strictObject({ name: name.default("passkey"), response: authenticator });
export const shownPasskey = z.strictObject({ response: authenticator });

export const empty = z.strictObject({}).optional();

const item = z.strictObject({
  method: eg(z.enum(["POST", "PUT", "PATCH", "DELETE"]), "PUT"),
  path: eg(z.string().max(2_000), "/v1/orgs/1/resources/site/hq"),
  body: z.unknown().optional(),
});

export const batch = z.strictObject({
  edits: z.array(item).min(1).max(1_000, "A batch holds at most 1000 edits."),
});

/** One edit or a batch of them. */
export const preview = z.union([item, batch], {
  error: 'A preview is of {"method","path","body"} or of {"edits":[…]}.',
});

const asked = z.string().min(1).max(1_000);
const said = z.record(z.string(), json);

/** A question as a check asks it; the action may be its name alone. */
const question = {
  subject: z.strictObject({ type: asked.default("user"), id: asked }),
  action: z.union(
    [
      asked.transform((name) => ({ name, properties: undefined })),
      z.strictObject({ name: asked, properties: said.optional() }),
    ],
    { error: 'An action is "name" or {"name":"…"}.' },
  ),
  resource: z.strictObject({
    type: asked,
    id: asked,
    properties: said.optional(),
    share: id.optional(),
  }),
  context: said.optional(),
};

export const explain = z.strictObject({ ...question, at: instant.optional() });

export const history = z.strictObject({
  at: instant,
  question: z.union(
    [
      z.strictObject(question),
      z.strictObject({ resource: z.strictObject({ type: asked, id: asked }) }),
    ],
    { error: 'A question is {"subject","action","resource"} or {"resource"}.' },
  ),
});

export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(500).optional(),
  after: z
    .string()
    .regex(/^\d{1,15}$/, "A revision is a number.")
    .optional(),
  type: z.string().max(64).optional(),
  tag: z.string().max(NAME_MAX).optional(),
  q: z.string().max(NAME_MAX).optional(),
  status: z
    .enum([
      "pending",
      "active",
      "ended",
      "queued",
      "sending",
      "sent",
      "delivered",
      "failed",
      "suppressed",
      "uncertain",
    ])
    .optional(),
  include: z.literal("shared").optional(),
});

/** What lists of access take: whose, by which role and source, and through which received share. */
export const accessQuery = listQuery.extend({
  person: z.string().max(320).optional(),
  role: z.string().max(129).optional(),
  source: z.enum(ACCESS_SOURCES).optional(),
  share: z.string().max(64).optional(),
});
