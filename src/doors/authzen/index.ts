import { Hono } from "hono";
import { z } from "zod";
import type { Asking } from "../../commands/rpc.ts";
import { accept, type Result } from "../../refusals.ts";
import { evaluated, evaluatedMany, metadata as metadataShown } from "../api/answers.ts";
import { describing } from "../api/describe.ts";
import { READ } from "../api/index.ts";
import { LARGE_BODY_MAX } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import {
  action,
  asked,
  context,
  resource,
  saidOf,
  subject,
  TEXT_MAX,
  type Place,
} from "./forms.ts";
import { searchRoutes } from "./search.ts";

/*
 * OpenID AuthZEN Authorization API 1.0: evaluation, evaluations, metadata. A denial is an answer,
 * not an error: 200 with {"decision":false}.
 */

const evaluation = z.looseObject({ subject, action, resource, context: context.optional() });
const SEMANTICS = ["execute_all", "deny_on_first_deny", "permit_on_first_permit"] as const;
type Semantic = (typeof SEMANTICS)[number];

const EVALUATIONS_MAX = 100;

/** Items and defaults are merged first, and validated once, as whole evaluations. */
const evaluations = z.looseObject({
  evaluations: z
    .array(z.looseObject({}))
    .max(EVALUATIONS_MAX, `A request holds at most ${EVALUATIONS_MAX} evaluations.`)
    .optional(),
  options: z.looseObject({ evaluations_semantic: z.enum(SEMANTICS).optional() }).optional(),
});

/** What an evaluation asks. Most name things and say nothing of them: then nothing more is sent on. */
function askingOf({ subject, action, resource, context }: z.output<typeof evaluation>): Asking {
  const said = saidOf(resource);
  const asking = {
    subject: { type: subject.type, id: subject.id },
    action: action.name,
    resource: { type: resource.type, id: resource.id },
  };
  if (!said && !action.properties && !context) return asking;
  return {
    ...asking,
    actionProperties: action.properties,
    resource: { ...asking.resource, properties: said },
    context,
  };
}

/** As clients send it: each evaluation with what the request leaves out. */
const evaluationsSent = z.looseObject({
  ...evaluation.partial().shape,
  evaluations: z.array(evaluation.partial()).max(EVALUATIONS_MAX).optional(),
  options: z.looseObject({ evaluations_semantic: z.enum(SEMANTICS).optional() }).optional(),
});

const SAID = { max: LARGE_BODY_MAX, under: READ } as const;
const ONE = describing({
  says: "May this subject do this to that?",
  body: evaluation,
  answers: { 200: evaluated },
  ...SAID,
});
const MANY = describing({
  says: `Up to ${EVALUATIONS_MAX} evaluations at once`,
  body: evaluationsSent,
  answers: { 200: evaluatedMany },
  ...SAID,
});
const METADATA = describing({
  says: "Where the endpoints are (AuthZEN)",
  answers: { 200: metadataShown },
  open: true,
});

const BASES = ["", "/orgs/:org"] as const;

export function authzen(ports: Ports): Hono {
  const app = new Hono();
  for (const base of BASES) {
    const one = ONE(async (c: Ctx) => {
      const read = await asked(c, ports);
      if (!read.ok) return problem(c, read);
      const answer = await evaluateOne(ports, read.value.place, read.value.body);
      if (!answer.ok) return problem(c, answer);
      return new Response(answer.value.decision ? ALLOWED : DENIED, JSON_ANSWER);
    });
    const many = MANY(async (c: Ctx) => {
      const read = await asked(c, ports);
      if (!read.ok) return problem(c, read);
      const answer = await evaluateMany(ports, read.value.place, read.value.body);
      return answer.ok ? c.json(answer.value) : problem(c, answer);
    });
    app.post(`${base}/access/v1/evaluation`, one);
    app.post(`${base}/access/v1/evaluations`, many);
    searchRoutes(app, ports, base);
    const said = METADATA((c: Ctx) => c.json(metadata(c)));
    app.get(`/.well-known/authzen-configuration${base}`, said);
  }
  return app;
}

const isWord = (value: unknown): boolean =>
  typeof value === "string" && value.length > 0 && value.length <= TEXT_MAX;

/**
 * Is this an evaluation of names alone, without properties or context? Most are; they need not be
 * walked by the schema, which costs more than the decision and would say the same of them.
 */
function isPlain(body: unknown): boolean {
  const { subject, action, resource, context } = (body ?? {}) as Record<string, Named | undefined>;
  return (
    context === undefined &&
    isNamed(subject, "id") &&
    isNamed(resource, "id") &&
    isNamed(action, "name")
  );
}

type Named = Readonly<Record<string, unknown>>;

const isNamed = (part: Named | undefined | null, name: "id" | "name"): boolean =>
  typeof part === "object" &&
  part !== null &&
  part["properties"] === undefined &&
  isWord(part[name]) &&
  (name === "name" || isWord(part["type"]));

const ALLOWED = JSON.stringify({ decision: true });
const DENIED = JSON.stringify({ decision: false });
const JSON_ANSWER = { headers: { "content-type": "application/json" } };

async function decide(
  ports: Ports,
  { tree, ...place }: Place,
  questions: readonly Asking[],
): Promise<Result<readonly boolean[]>> {
  const answer = await ports.object(tree).evaluate({ ...place, questions });
  return answer.ok ? accept(answer.value.decisions) : answer;
}

export type Evaluated = z.output<typeof evaluated>;
export type EvaluatedMany = z.output<typeof evaluatedMany>;

/** Decides one evaluation, as it was sent. */
export async function evaluateOne(
  ports: Ports,
  place: Place,
  sent: unknown,
): Promise<Result<Evaluated>> {
  const read = isPlain(sent)
    ? { success: true as const, data: sent as z.output<typeof evaluation> }
    : evaluation.safeParse(sent);
  if (!read.success) return formErrors(read.error);
  const decided = await decide(ports, place, [askingOf(read.data)]);
  return decided.ok ? accept({ decision: decided.value[0] === true }) : decided;
}

/** Decides many; the defaults of the request fill what an evaluation leaves out. */
export async function evaluateMany(
  ports: Ports,
  place: Place,
  sent: unknown,
): Promise<Result<EvaluatedMany>> {
  const read = evaluations.safeParse(sent);
  if (!read.success) return formErrors(read.error);
  const { evaluations: items, options, ...defaults } = read.data;
  if (!items?.length) return evaluateOne(ports, place, defaults);
  const questions: Asking[] = [];
  for (const [index, item] of items.entries()) {
    const whole = evaluation.safeParse({ ...defaults, ...item });
    if (!whole.success) return formErrors(whole.error, `/evaluations/${index}`);
    questions.push(askingOf(whole.data));
  }
  const decided = await decide(ports, place, questions);
  if (!decided.ok) return decided;
  const answered = truncate(decided.value, options?.evaluations_semantic ?? "execute_all");
  return accept({ evaluations: answered.map((decision) => ({ decision })) });
}

/** The short-circuiting semantics end with the first denial, or the first permission. */
export function truncate(decisions: readonly boolean[], semantic: Semantic): readonly boolean[] {
  if (semantic === "execute_all") return decisions;
  const last = decisions.indexOf(semantic === "permit_on_first_permit");
  return last < 0 ? decisions : decisions.slice(0, last + 1);
}

function metadata(c: Ctx) {
  const { origin } = new URL(c.req.url);
  const org = c.req.param("org");
  const base = org === undefined ? origin : `${origin}/orgs/${org}`;
  return {
    policy_decision_point: base,
    access_evaluation_endpoint: `${base}/access/v1/evaluation`,
    access_evaluations_endpoint: `${base}/access/v1/evaluations`,
    search_subject_endpoint: `${base}/access/v1/search/subject`,
    search_resource_endpoint: `${base}/access/v1/search/resource`,
    search_action_endpoint: `${base}/access/v1/search/action`,
  };
}
