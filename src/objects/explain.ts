import {
  awaiting,
  explain,
  firstHalf,
  joinHalves,
  nearSecondHalves,
  roleText,
  rolesOn,
  secondHalves,
  sharePath,
  type Explanation,
  type Lack,
  type Path,
  type Question,
  type SecondHalf,
} from "../access/index.ts";
import type {
  AccessMapRpc,
  Answered,
  Asking,
  HalvesAnswer,
  HalvesRequest,
  ThroughAnswer,
  ThroughRequest,
} from "../commands/rpc.ts";
import { logFault } from "../kit/log.ts";
import { treeOfId } from "../kit/ids.ts";
import { accept, refuse, type Result } from "../refusals.ts";
import {
  NEAREST,
  orgNamed,
  rolesAllowing,
  see,
  Shown,
  type Asked,
  type Half,
  type Near,
  type Seen,
} from "../store/explain.ts";
import { shareOf, type Slice } from "../store/slice.ts";
import type {
  ExplanationMaterial,
  LackMaterial,
  NearMaterial,
  OrgNamed,
  StepMaterial,
} from "../views/materials.ts";
import { questionOf } from "./checks.ts";

/*
 * Why, and why not. The decision is the model's, by the paths that a check goes by: what is added is
 * only how they came about, and what others would need.
 */

export interface Explaining {
  readonly slice: Slice;
  readonly revision: () => number;
  object(tree: number): AccessMapRpc;
}

/** Who is told: an admin of the org, or somebody of themself. */
export interface Reader {
  readonly self: string | null;
  /** Does the reader administer this org? */
  readonly mayKnow: (org: number) => boolean;
}

export interface ExplainInput {
  readonly org: number;
  readonly question: Asking;
  readonly now: number;
  readonly past: boolean;
}

const TRIES = 4;

/** What was read at one moment, before partners are asked. */
export type Read =
  | {
      readonly question: Question;
      readonly seen: Seen;
      /** Nothing of the tree's own leads the reader to the resource: a no says no more than that. */
      readonly hidden: boolean;
    }
  | LackMaterial["what"];

/** Reads a question and the tree's part of the answer, in one go. */
export function readHere(
  slice: Slice,
  { org, question: asked, now, past }: ExplainInput,
  reader: Reader,
): Read {
  const found = questionOf(slice, org, asked, now);
  if (found === "person") return "unknown_person";
  if (found === "resource") return whyNone(slice, org, asked, reader);
  const { book } = slice;
  // What conditions see is of the same moment: later it may be gone.
  const question = past ? { ...found, holds: frozenHolds(slice, found, asked) } : found;
  const hidden =
    reader.self !== null && rolesOn(book, slice.paths(question.user), question).length === 0;
  if (!hidden && rolesAllowing(book, asked.action, asked.resource.type).length === 0)
    return "unknown_action";
  const look: Asked = {
    slice,
    org,
    question,
    self: reader.self !== null,
    askable: !past,
    mayKnow: reader.mayKnow,
  };
  return { question, seen: see(look), hidden };
}

/** To the org's admins, what an org that was deleted took with it is told apart from what never was. */
function whyNone(slice: Slice, org: number, { resource }: Asking, { self }: Reader) {
  const row = slice.resourceFacts(resource.type, resource.id);
  return row &&
    self === null &&
    !slice.org(row.org) &&
    slice.lineageOfDeleted(row.org).includes(org)
    ? "org_deleted"
    : "unknown_resource";
}

/** The conditions of every role that could count, asked now. */
function frozenHolds(slice: Slice, question: Question, asked: Asking): Question["holds"] {
  const { roleSet } = slice.book.type(asked.resource.type);
  const conditions = (slice.book.set(roleSet)?.roles ?? []).flatMap(({ actions }) =>
    actions.flatMap((action) => (typeof action === "string" ? [] : [action.condition])),
  );
  const met = new Set(conditions.filter((condition) => question.holds(condition)));
  return (condition) => met.has(condition);
}

/** Explains a question under an org of the resource's tree, all at one instant. */
export async function explainHere(
  around: Explaining,
  input: ExplainInput,
  read: () => Promise<Result<Read>>,
): Promise<Result<ExplanationMaterial>> {
  for (let n = 0; n < TRIES; n++) {
    const revision = around.revision();
    const done = await read();
    if (!done.ok) return done;
    const found = done.value;
    if (typeof found === "string") return accept(without(around.slice, input, found));
    const { question, seen } = found;
    const moved = () => around.revision() !== revision && !input.past;
    const partners = await askPartners(around, input, question.user, seen.halves);
    if (moved()) continue;
    const joined = join(seen, question, partners);
    const decision = seen.own.paths.length + joined.paths.length > 0;
    if (!decision && partners.missed)
      return refuse("unavailable", "A partner's access could not be looked up.");
    if (!decision && found.hidden) return accept(without(around.slice, input, "unknown_resource"));
    const head = heading(around.slice, input);
    if (decision) {
      const paths = [...seen.own.paths, ...joined.paths];
      return accept({ ...head, decision, paths, missing: [], more: 0, ...uncovered(partners) });
    }
    // Only a no is worth a call to partners whose shares could not allow it.
    const waiting = seen.waiting();
    const asked = await askPartners(around, input, question.user, waiting.halves);
    if (moved()) continue;
    const near = [...seen.own.near, ...joined.near, ...leftOf(waiting.halves, asked)];
    const { missing, more } = nearest(around.slice, input, near);
    return accept({
      ...head,
      decision,
      paths: [],
      missing,
      more: more + waiting.more,
      ...uncovered(asked),
    });
  }
  return refuse("unavailable", "The access changes too fast to be explained.");
}

const uncovered = ({ missed }: Partners): Pick<ExplanationMaterial, "uncovered"> => ({
  uncovered: missed ? ["partners"] : [],
});

const heading = (slice: Slice, { org, question, now }: ExplainInput) => ({
  subject: question.subject.id,
  action: question.action,
  resource: { type: question.resource.type, id: question.resource.id },
  org: orgNamed(slice, org),
  at: now,
});

const lackOf = (what: LackMaterial["what"], org: OrgNamed | null): NearMaterial => ({
  steps: [],
  lacks: [{ what, step: null, who: org && { kind: "admins", org } }],
});

const without = (
  slice: Slice,
  input: ExplainInput,
  what: LackMaterial["what"],
): ExplanationMaterial => ({
  ...heading(slice, input),
  decision: false,
  paths: [],
  missing: [lackOf(what, what === "unknown_action" ? null : orgNamed(slice, input.org))],
  more: 0,
  uncovered: [],
});

/** The ways that lack least; where there is none at all, that an admin can open one. */
function nearest(slice: Slice, input: ExplainInput, near: readonly Near[]) {
  const sorted = near.toSorted((a, b) => a.weight - b.weight).map(({ shown }) => shown);
  if (sorted.length === 0)
    return { missing: [lackOf("nothing", orgNamed(slice, input.org))], more: 0 };
  return { missing: sorted.slice(0, NEAREST), more: Math.max(0, sorted.length - NEAREST) };
}

interface Partners {
  readonly answers: readonly HalvesAnswer[];
  readonly reached: ReadonlySet<number>;
  /** Could one not be reached? */
  readonly missed: boolean;
}

/** Asks each receiver of these shares once. */
async function askPartners(
  around: Explaining,
  { now, past }: ExplainInput,
  user: string,
  asked: readonly Half[],
): Promise<Partners> {
  const trees = [...new Set(asked.map((half) => half.toTree))];
  let missed = false;
  const reached = new Set(trees);
  const answers = await Promise.all(
    trees.map(async (tree) => {
      const mine = asked.filter((half) => half.toTree === tree);
      const request: HalvesRequest = {
        user,
        shares: mine.map(({ path }) => path.share),
        collaborations: mine.flatMap(({ collaboration }) => collaboration ?? []),
        orgs: [...new Set(mine.map(({ toOrg }) => toOrg))],
        now,
        past,
      };
      return around
        .object(tree)
        .halves(request)
        .catch((error: unknown) => {
          logFault("receiver", error);
          missed = true;
          reached.delete(tree);
          return { seconds: [], statuses: {}, names: {} } satisfies HalvesAnswer;
        });
    }),
  );
  return { answers, reached, missed };
}

/** What partners make of the tree's halves: whole paths, and what each of the others lacks. */
function join({ book, halves }: Seen, question: Question, partners: Partners) {
  const seconds = partners.answers.flatMap((answer) => answer.seconds);
  const names = namesIn(partners);
  const paths: StepMaterial[][] = [];
  const near: Near[] = [];
  for (const half of halves) {
    const org = { id: half.toOrg, name: names[half.toOrg] ?? "" };
    const mine = seconds.filter(({ share }) => share === half.path.share);
    for (const second of mine) {
      const explained = explain(book, [joinHalves(half.path, second)], question);
      const steps = [named(half.step, names), partnerStep(second, org)];
      if (explained.allowed) paths.push(steps);
      for (const { missing } of explained.near)
        near.push({ weight: missing.length, shown: { steps, lacks: missing.map(ofPartner(org)) } });
    }
    if (mine.length === 0) near.push(...leftOf([half], partners));
  }
  return { paths, near };
}

const namesIn = ({ answers }: Partners): Readonly<Record<number, string>> =>
  Object.assign({}, ...answers.map((answer) => answer.names));

/** What these lack, since their receivers let the user use none of them. */
function leftOf(halves: readonly Half[], partners: Partners): Near[] {
  const { answers, reached } = partners;
  const statuses: Record<string, Answered> = Object.assign({}, ...answers.map((a) => a.statuses));
  const names = namesIn(partners);
  const told = halves.filter(({ toTree }) => reached.has(toTree));
  return told.map((half) => {
    const { share } = half.path;
    const over = half.collaboration !== null && statuses[half.collaboration] === "ended";
    const answered = over ? "ended" : statuses[share];
    const left = half.left(answered === "accepted" ? "unruled" : (answered ?? "unaccepted"));
    const lacks = left.shown.lacks.map((lack) =>
      lack.who?.kind === "partner"
        ? { ...lack, who: { ...lack.who, org: { ...lack.who.org, name: names[half.toOrg] ?? "" } } }
        : lack,
    );
    const steps = left.shown.steps.map((step) => named(step, names));
    return { weight: left.weight, shown: { steps, lacks } };
  });
}

/** A share to an org, with the name that the org has. */
const named = (step: StepMaterial, names: Readonly<Record<number, string>>): StepMaterial =>
  step.to?.kind === "org"
    ? { ...step, to: { ...step.to, name: names[Number(step.to.id)] ?? step.to.name } }
    : step;

/** A rule of a partner: that there is one, and its role; whom it names is the partner's own. */
const partnerStep = ({ step }: SecondHalf, org: OrgNamed): StepMaterial => ({
  kind: "rule",
  id: null,
  org,
  role: roleText(step.role),
  scope: null,
  refs: [],
  to: null,
  via: null,
  by: null,
  at: null,
  reason: null,
  expiresAt: null,
});

const ofPartner =
  (org: OrgNamed) =>
  ({ obstacle }: Explanation["near"][number]["missing"][number]): LackMaterial => ({
    what: obstacle,
    step: 1,
    who: { kind: "partner", org },
  });

// The receiver's side ------------------------------------------------------------------------------

/** What a receiver says to an owner who explains. */
export const halvesHere = (slice: Slice, request: HalvesRequest): HalvesAnswer => {
  const { user, shares, collaborations, orgs, now } = request;
  const ended = slice.rows("collaborations", { id: collaborations, status: "ended" });
  return {
    seconds: secondHalves(slice, user, slice.paths(user), shares, now),
    statuses: Object.fromEntries([
      ...shares.flatMap((id) => {
        const row = slice.receiptRow(id);
        return row ? [[id, row.status] as const] : [];
      }),
      ...ended.map(({ id }) => [id, "ended"] as const),
    ]),
    names: Object.fromEntries(orgs.map((id) => [id, slice.org(id)?.name ?? ""])),
  };
};

/** The owner's part of an explanation that the receiver of a share asked for. */
export function throughHere(slice: Slice, request: ThroughRequest): ThroughAnswer | null {
  const { share: id, org, user, question: asked, now } = request;
  const row = slice.share(id);
  if (row?.toOrg !== org || row.status === "removed") return null;
  const found = questionOf(
    slice,
    row.org,
    { ...asked, subject: { type: slice.subjectTypes[0] ?? "user", id: user } },
    now,
  );
  if (typeof found === "string") return null;
  const share = shareOf(row);
  // What the share does not reach is not there for its receiver [R18].
  const bare = sharePath(share);
  const endless = { ...bare, steps: bare.steps.map((step) => ({ ...step, expiresAt: null })) };
  if (rolesOn(slice.book, [endless], found).length === 0) return null;
  const half = firstHalf(slice, share);
  const whole = half ? request.seconds.map((second) => joinHalves(half, second)) : [];
  const first = half ?? awaiting(slice, share);
  const lacking = [
    ...(half ? [] : request.seconds.map((second) => joinHalves(first, second))),
    ...request.near.map((second) => joinHalves(first, second)),
    ...(request.lack ? [awaiting(slice, share, request.lack)] : []),
  ];
  const explanation = explain(slice.book, whole, found, lacking);
  const shown = new Shown(slice, found, () => true);
  const [step] = shown.steps(first);
  if (!step) return null;
  return {
    explanation,
    owner: orgNamed(slice, row.org),
    // Why it was given, and by whom, is the owner's own.
    step: { ...step, by: null, reason: null },
    roles: rolesAllowing(slice.book, asked.action, asked.resource.type),
  };
}

/** What the receiver of a share knows of a question about it, read at one moment. */
export type ReadThrough =
  | {
      readonly request: ThroughRequest;
      readonly own: OrgNamed;
      /** The receiver's own rules, as it sees them. */
      readonly rules: ReadonlyMap<string, StepMaterial>;
    }
  | "unknown_person";

export function readThrough(
  slice: Slice,
  { org, question, now, past }: ExplainInput,
  share: string,
  ended: boolean,
): ReadThrough {
  const user = slice.meansUser(question.subject.type)
    ? slice.userOf(question.subject.id, slice.lineage(org))
    : undefined;
  if (user === undefined) return "unknown_person";
  const seconds = secondHalves(slice, user, slice.paths(user), [share], now);
  const near = nearSecondHalves(slice, user, slice.paths(user), [share], now);
  const receipt = slice.receiptRow(share);
  const unanswered: Lack | null =
    receipt === undefined ? "unaccepted" : receipt.status === "declined" ? "declined" : null;
  const unruled = seconds.length + near.length === 0 ? "unruled" : null;
  const lack = ended ? "ended" : (unanswered ?? unruled);
  const shown = new Shown(slice, { user, now } as Question, () => true);
  const rules = [...seconds, ...near].flatMap(({ step }) =>
    shown
      .steps({ org, steps: [step], admin: false, owned: null })
      .map((one) => [step.from.id, one] as const),
  );
  return {
    request: { share, org, user, question, now, seconds, near, lack, past },
    own: orgNamed(slice, org),
    rules: new Map(rules),
  };
}

/** Explains, to the receiver of a share, what its people may do to a resource of the owner's. */
export async function explainThrough(
  around: Explaining,
  input: ExplainInput,
  read: ReadThrough,
): Promise<Result<ExplanationMaterial>> {
  const { slice } = around;
  if (typeof read === "string") return accept(without(slice, input, read));
  const { request, own, rules } = read;
  const found = await around.object(treeOfId(request.share) ?? slice.tree).through(request);
  if (!found) return accept(without(slice, input, "unknown_resource"));
  const { explanation, owner, step, roles } = found;
  const stepsOf = (path: Path): StepMaterial[] => [
    { ...step, to: { kind: "org", id: String(own.id), name: own.name } },
    ...path.steps.slice(1).flatMap(({ from }) => rules.get(from.id) ?? []),
  ];
  const lackOn = (one: Explanation["near"][number]) =>
    one.missing.map(({ step: on, obstacle }): LackMaterial => {
      const ofShare = on?.from.kind === "share";
      const atUs = !ofShare || ["unaccepted", "unruled"].includes(obstacle);
      return {
        what: obstacle,
        step: ofShare ? 0 : 1,
        who: atUs ? { kind: "admins", org: own } : { kind: "partner", org: owner },
        ...(obstacle === "action" ? { roles } : {}),
      };
    });
  const missing = explanation.allowed
    ? []
    : explanation.near.map((one) => ({ steps: stepsOf(one.path), lacks: lackOn(one) }));
  return accept({
    ...heading(slice, input),
    decision: explanation.allowed,
    paths: explanation.by.map(stepsOf),
    missing: missing.slice(0, NEAREST),
    more: Math.max(0, missing.length - NEAREST),
    uncovered: [],
  });
}
