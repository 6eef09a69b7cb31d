import { z } from "zod";
import type { ReadName } from "../../commands/reads.ts";
import { REFUSALS } from "../../refusals.ts";
import type { effectsView } from "../../views/effects.ts";
import type { accessAtView, explanationView } from "../../views/explanations.ts";
import type { ownAccessView, VIEWS } from "../../views/index.ts";
import {
  count,
  eg,
  email,
  ended,
  idOf,
  number,
  orgNamed,
  ref,
  role,
  said,
  scope,
  text,
  user,
} from "./parts.ts";
import { SHOWN, accessRow, changeFields, key, link, step, webhook } from "./shown.ts";

/*
 * The forms of what is answered beside readings, and the compiler's part: forms and views are held to
 * each other, both ways. Tests hold every answer to them.
 */

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
