import type { Instant, OrgId, Resource, RoleName, UserId } from "./facts.ts";
import { isLive, type Lack, type Path, type Step } from "./paths.ts";
import type { Permitted, RoleBook } from "./roles.ts";
import { selects } from "./scopes.ts";

/** Does a condition hold? Supplied by the caller, so that the model stays free of any language. */
export type Holds = (condition: string) => boolean;

/** May this user do this to that, now? */
export interface Question {
  readonly user: UserId;
  readonly action: string;
  readonly resource: Resource;
  /** The resource's org and all above it. */
  readonly lineage: readonly OrgId[];
  readonly now: Instant;
  readonly holds: Holds;
}

const met = (permitted: Permitted | false, holds: Holds): boolean =>
  permitted === true || (permitted !== false && permitted.some(holds));

/** What can keep a step from letting a question through. */
export type Obstacle = "expired" | "scope" | "action";

const HINDERS: Readonly<
  Record<Obstacle, (book: RoleBook, path: Path, step: Step, q: Question) => boolean>
> = {
  expired: (_book, _path, step, q) => step.expiresAt !== null && q.now >= step.expiresAt,
  scope: (_book, _path, step, q) => !selects(step.scope, q.resource),
  action: (book, path, step, q) =>
    !met(book.permits(step.role, q.action, q.resource.type, path.admin), q.holds),
};

const OBSTACLES = Object.keys(HINDERS) as readonly Obstacle[];

const letsThrough = (book: RoleBook, path: Path, step: Step, q: Question): boolean =>
  !OBSTACLES.some((obstacle) => HINDERS[obstacle](book, path, step, q));

/** Is the resource where the path leads at all: in its org or below, and owned where it must be? */
const leadsTo = (path: Path, q: Question): boolean =>
  q.lineage.includes(path.org) &&
  (path.owned === null || (path.owned === q.resource.type && q.resource.owner === q.user));

/** Along a path, everything intersects: every step must let the question through. */
export const allows = (book: RoleBook, path: Path, q: Question): boolean =>
  leadsTo(path, q) && path.steps.every((step) => letsThrough(book, path, step, q));

/** Over paths, everything unites: some path must allow it. This is the decision. */
export const check = (book: RoleBook, paths: readonly Path[], q: Question): boolean =>
  paths.some((path) => allows(book, path, q));

export interface Explanation {
  readonly allowed: boolean;
  /** The paths that allow it: what determined a yes. */
  readonly by: readonly Path[];
  /** The paths that do not, each with what its steps lack, fewest first: what determined a no. */
  readonly near: readonly { readonly path: Path; readonly missing: readonly Missing[] }[];
}

export interface Missing {
  readonly step: Step | null;
  readonly obstacle: Obstacle | Lack | "elsewhere" | "owner";
}

/**
 * The same decision with what determined it. `lacking` are paths of facts that do not count: they
 * tell how near a no is to a yes, and never make one.
 */
export function explain(
  book: RoleBook,
  paths: readonly Path[],
  q: Question,
  lacking: readonly Path[] = [],
): Explanation {
  const by = paths.filter((path) => allows(book, path, q));
  const near = [...paths.filter((path) => !by.includes(path)), ...lacking]
    .filter((path) => (path.owned ?? q.resource.type) === q.resource.type)
    .map((path) => ({ path, missing: missingOn(book, path, q) }))
    .toSorted((a, b) => a.missing.length - b.missing.length);
  return { allowed: by.length > 0, by, near };
}

function missingOn(book: RoleBook, path: Path, q: Question): readonly Missing[] {
  const found: Missing[] = [];
  if (!q.lineage.includes(path.org)) found.push({ step: null, obstacle: "elsewhere" });
  else if (!leadsTo(path, q)) found.push({ step: null, obstacle: "owner" });
  for (const step of path.steps) {
    for (const obstacle of step.lacks ?? []) found.push({ step, obstacle });
    for (const obstacle of OBSTACLES)
      if (HINDERS[obstacle](book, path, step, q)) found.push({ step, obstacle });
  }
  return found;
}

/** What may be done: as things stand, and under conditions that do not hold as they stand. */
export interface Allowed {
  readonly actions: readonly string[];
  readonly conditional: readonly string[];
}

/** Every action on resources of the type that the path allows, or could where its conditions held. */
export function allowed(
  book: RoleBook,
  path: Path,
  type: string,
  question: (action: string) => Question,
): Allowed {
  const actions: string[] = [];
  const conditional: string[] = [];
  for (const action of book.actionsFor(type)) {
    const q = question(action);
    if (allows(book, path, q)) actions.push(action);
    else if (allows(book, path, { ...q, holds: () => true })) conditional.push(action);
  }
  return { actions, conditional };
}

/** When a path ends: with the first of its steps [R21]; `null` is never. */
export const endOf = (path: Path): Instant | null =>
  path.steps.reduce<Instant | null>(
    (end, { expiresAt }) =>
      end === null ? expiresAt : expiresAt === null ? end : Math.min(end, expiresAt),
    null,
  );

/** The resources, of those given, on which the user may do the action: one check each. */
export function* listResources<R extends Resource>(
  book: RoleBook,
  paths: readonly Path[],
  candidates: Iterable<R>,
  question: (resource: R) => Question,
): Generator<R> {
  for (const resource of candidates) if (check(book, paths, question(resource))) yield resource;
}

/** The users, of those given, who may do the action to the resource: one check each. */
export function* listUsers(
  book: RoleBook,
  candidates: Iterable<UserId>,
  pathsOf: (user: UserId) => readonly Path[],
  question: (user: UserId) => Question,
): Generator<UserId> {
  for (const user of candidates) if (check(book, pathsOf(user), question(user))) yield user;
}

/**
 * The strongest role that the user's paths give on a resource; along a path the weakest counts
 * [R2, R17]. `null` when none reaches it.
 */
export function roleOn(
  book: RoleBook,
  paths: readonly Path[],
  q: Omit<Question, "action" | "holds">,
): RoleName | null {
  let best: RoleName | null = null;
  for (const role of rolesOn(book, paths, q))
    if (!best || book.rank(role) > book.rank(best)) best = role;
  return best;
}

/** The roles that the user's paths give on a resource: the weakest along each that reaches it. */
export function rolesOn(
  book: RoleBook,
  paths: readonly Path[],
  q: Omit<Question, "action" | "holds">,
): readonly RoleName[] {
  const question: Question = { ...q, action: "", holds: () => false };
  return paths
    .filter((path) => isLive(path, q.now) && leadsTo(path, question))
    .filter((path) => path.steps.every((step) => selects(step.scope, q.resource)))
    .flatMap((path) => weakest(book, path, q.resource.type) ?? []);
}

function weakest(book: RoleBook, path: Path, type: string): RoleName | null {
  let least: RoleName | null = null;
  for (const step of path.steps) {
    const role = book.roleOn(step.role, type, path.admin);
    if (!role) return null;
    if (!least || book.rank(role) < book.rank(least)) least = role;
  }
  return least;
}
