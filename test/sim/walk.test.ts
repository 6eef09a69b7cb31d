import { expect, test } from "vitest";
import { everythingAllowed, triple } from "../access/reference.ts";
import { call, evict, expectWhole, revisionOf, type Answer } from "../objects/record.ts";
import { readFacts, rowsOf, type Facts, type Thing } from "./rows.ts";

/*
 * A long random walk through the doors: many actors, three trees, objects evicted and rebuilt in
 * between. All along the slices are the record, and every decision is the reference's, which is fed
 * with rows read from D1.
 */

const SEED = 20261;
const STEPS = 3_000;
const CHECK_EVERY = 250;
const ACTIONS = [
  "view",
  "comment",
  "edit",
  "duplicate",
  "share",
  "interact",
  "recipients",
  "org.members",
];
const TAGS = [
  "North",
  "north",
  "\uff2eorth",
  "North HQ",
  "Stra\u00dfe",
  "STRASSE",
  "caf\u00e9",
  "cafe",
];
const TYPES = ["site", "document", "project"];
const ROLES = [
  "viewer",
  "collaborator",
  "admin",
  "standard.commenter",
  "workspace.viewer",
  "workspace.owner",
  "project.can_view",
  "project.can_edit",
];
const PEOPLE = Array.from({ length: 14 }, (_, n) => `p${n}@people.example`);
const RESOURCES = 7;

/** mulberry32: small, and the same everywhere. */
function seeded(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    chance: (p: number) => next() < p,
    below: (n: number) => Math.floor(next() * n),
    one: <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T,
  };
}
const random = seeded(SEED);

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** The person for whom the platform asks; else the platform itself. */
  readonly as?: string | undefined;
  /** A removal, with those whose access it may end. */
  readonly removes?: readonly string[];
}

const roots: number[] = [];
const orgs: { id: number; tree: number }[] = [];
let facts: Facts;
const tally = {
  edits: 0,
  made: 0,
  refused: 0,
  questions: 0,
  allowed: 0,
  removals: 0,
  ended: 0,
  repeated: 0,
  rebuilt: 0,
};

const headersOf = ({ as }: Request) => (as === undefined ? {} : { "on-behalf-of": as });

/** Sends an edit. It is made or refused, and never fails. */
async function send(request: Request, key?: string): Promise<Answer> {
  const answer = await call(request.method, request.path, request.body, {
    ...headersOf(request),
    ...(key === undefined ? {} : { "idempotency-key": key }),
  });
  tally.edits += 1;
  if (answer.status < 300) tally.made += 1;
  else tally.refused += 1;
  expect(answer.status, JSON.stringify([request, answer.body])).toBeLessThan(500);
  return answer;
}

// What may be asked ------------------------------------------------------------------------------

const scope = (tree: number) => {
  if (random.chance(0.35)) return { all: true };
  if (random.chance(0.6)) return { tags: [random.one(TAGS)] };
  const refs = facts.resources
    .filter((row) => row.tree === tree)
    .map((row) => `${row.type}:${row.id}`);
  return { resources: [random.one(refs.length ? refs : ["site:none"])] };
};

const terms = (tree: number) => {
  const role = random.one(ROLES);
  return {
    role,
    scope: role === "admin" ? { all: true } : scope(tree),
    ...(random.chance(0.1) ? { expiresAt: new Date(Date.now() + 3_600_000).toISOString() } : {}),
  };
};

const emailOf = (user: string | null): string =>
  facts.users.find(({ id }) => id === user)?.email ?? PEOPLE[0] ?? "";
/** Mostly the platform, else anybody: then it is often, and rightly, refused. */
const somebody = () => (random.chance(0.7) ? undefined : random.one(PEOPLE));
const peopleOf = (to: { toKind: string; toId: string | null }): string[] =>
  facts.members
    .filter(({ id }) => to.toKind !== "member" || id === to.toId)
    .map(({ user }) => user);

function anEdit(): Request {
  const { id: org, tree } = random.one(orgs);
  const at = `/v1/orgs/${org}`;
  const as = somebody();
  const member = random.one(facts.members);
  const grant = random.one(facts.grants);
  const share = random.one(facts.shares);
  const rule = random.one(facts.rules);
  const receiver = share?.toOrg ?? org;
  const treeOfRule = facts.shares.find(({ id }) => id === rule?.share)?.tree ?? tree;
  const thing = `${at}/resources/${random.one(TYPES)}/${tree}-${random.below(RESOURCES)}`;
  const put = (): Request => {
    const owner = random.chance(0.3) ? random.one(PEOPLE) : undefined;
    return {
      method: "PUT",
      path: thing,
      as,
      body: { tags: [random.one(TAGS), random.one(TAGS)], ...(owner ? { owner } : {}) },
    };
  };
  const invite = (): Request => {
    const email = random.one(PEOPLE);
    return {
      method: "POST",
      path: `${at}/members`,
      as,
      body: { name: email, email, ...(random.chance(0.7) ? terms(tree) : {}) },
    };
  };
  const offer = (): Request => ({
    method: "POST",
    path: `${at}/shares`,
    as,
    body: {
      ...terms(tree),
      to: random.chance(0.7)
        ? { org: random.one(orgs).id }
        : { email: random.one(PEOPLE), name: "Guest" },
    },
  });
  const accept = (): Request => {
    const pending = facts.members.filter(({ status }) => status === "pending");
    const one = random.one(pending.length ? pending : facts.members);
    return {
      method: "POST",
      path: `/v1/me/access/${one.id}/accept`,
      as: emailOf(one.user),
      body: {},
    };
  };
  const received = (word: string): Request =>
    share?.toOrg == null
      ? {
          method: "POST",
          path: `/v1/me/access/${share?.id}/${word}`,
          as: emailOf(share?.toUser ?? null),
          body: {},
        }
      : {
          method: "POST",
          path: `/v1/orgs/${receiver}/received-shares/${share.id}/${word}`,
          as,
          body: {},
          ...(word === "decline" ? { removes: facts.members.map(({ user }) => user) } : {}),
        };
  const addRule = (): Request => {
    const known = facts.receipts.filter(({ status }) => status === "accepted");
    const receipt = random.one(known);
    if (!receipt) return offer();
    const here = facts.members.filter((one) => one.tree === receipt.tree);
    const to =
      random.chance(0.6) && here.length
        ? { member: random.one(here).id }
        : random.one(["members", "admins"]);
    return {
      method: "POST",
      path: `/v1/orgs/${receipt.org}/received-shares/${receipt.share}/rules`,
      as,
      body: { to, ...terms(receipt.ownerTree) },
    };
  };
  const addGrant = (): Request => {
    const to = random.chance(0.8) && member ? { member: member.id } : "members";
    const where = random.chance(0.7) && member ? member : { org, tree };
    return {
      method: "POST",
      path: `/v1/orgs/${where.org}/grants`,
      as,
      body: { to, ...terms(where.tree) },
    };
  };
  const weighted: readonly (readonly [number, () => Request])[] = [
    [12, put],
    [14, invite],
    [16, accept],
    [11, addGrant],
    [10, offer],
    [14, () => received("accept")],
    [2, () => received("decline")],
    [12, addRule],
    [2, () => ({ method: "PATCH", path: at, as, body: { name: `Org ${random.below(99)}` } })],
    [
      4,
      () =>
        grant
          ? {
              method: "PATCH",
              path: `/v1/orgs/${grant.org}/grants/${grant.id}`,
              as,
              body: terms(grant.tree),
            }
          : put(),
    ],
    [
      4,
      () =>
        share
          ? {
              method: "PATCH",
              path: `/v1/orgs/${share.org}/shares/${share.id}`,
              as,
              body: terms(share.tree),
            }
          : put(),
    ],
    [
      4,
      () =>
        rule
          ? {
              method: "PATCH",
              path: `/v1/orgs/${rule.org}/received-shares/${rule.share}/rules/${rule.id}`,
              as,
              body: terms(treeOfRule),
            }
          : put(),
    ],
    [
      5,
      () =>
        member
          ? {
              method: "DELETE",
              path: `/v1/orgs/${member.org}/members/${member.id}`,
              as,
              removes: [member.user],
            }
          : put(),
    ],
    [
      2,
      () =>
        member
          ? {
              method: "DELETE",
              path: `/v1/me/access/${member.id}`,
              as: emailOf(member.user),
              removes: [member.user],
            }
          : put(),
    ],
    [
      4,
      () =>
        grant
          ? {
              method: "DELETE",
              path: `/v1/orgs/${grant.org}/grants/${grant.id}`,
              as,
              removes: peopleOf(grant),
            }
          : put(),
    ],
    [
      3,
      () =>
        share
          ? {
              method: "DELETE",
              path: `/v1/orgs/${share.org}/shares/${share.id}`,
              as,
              removes: share.toUser ? [share.toUser] : facts.members.map(({ user }) => user),
            }
          : put(),
    ],
    [
      4,
      () =>
        rule
          ? {
              method: "DELETE",
              path: `/v1/orgs/${rule.org}/received-shares/${rule.share}/rules/${rule.id}`,
              as,
              removes: peopleOf(rule),
            }
          : put(),
    ],
    [
      2,
      () => ({
        method: "DELETE",
        path: thing,
        as,
        removes: random.chance(0.5) ? [random.one(facts.users).id] : [],
      }),
    ],
  ];
  const total = weighted.reduce((sum, [weight]) => sum + weight, 0);
  let left = random.below(total);
  for (const [weight, make] of weighted) if ((left -= weight) < 0) return make();
  return put();
}

// What must hold ---------------------------------------------------------------------------------

type Question = { user: string; thing: Thing; action: string };

/** The decisions as the doors give them: of each tree together, a hundred in one request. */
async function decisionsOf(questions: readonly Question[]): Promise<Map<Question, boolean>> {
  const decisions = new Map<Question, boolean>();
  for (const tree of roots) {
    const mine = questions.filter(({ thing }) => thing.tree === tree);
    for (let from = 0; from < mine.length; from += 100) {
      const part = mine.slice(from, from + 100);
      const answer = await call("POST", `/orgs/${tree}/access/v1/evaluations`, {
        evaluations: part.map(({ user, thing, action }) => ({
          subject: { type: "user", id: random.chance(0.5) ? user : emailOf(user) },
          action: { name: action },
          resource: { type: thing.type, id: thing.id },
        })),
      });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      for (const [n, question] of part.entries())
        decisions.set(question, answer.body.evaluations[n].decision === true);
    }
  }
  return decisions;
}

/** Every given decision is the reference's. */
async function expectDecisionsAreTheReferences(
  decisions: ReadonlyMap<Question, boolean>,
  step: string,
): Promise<void> {
  facts = await readFacts();
  const { rows } = rowsOf(facts);
  const allowed = everythingAllowed(rows, Date.now());
  const keys = new Map(
    rowsOf(facts).things.map((thing) => [`${thing.tree} ${thing.type} ${thing.id}`, thing.key]),
  );
  const wrong = [...decisions].filter(([{ user, thing, action }, decision]) => {
    const key = keys.get(`${thing.tree} ${thing.type} ${thing.id}`) ?? -1;
    return decision !== allowed.has(triple(user, action, key));
  });
  tally.questions += decisions.size;
  tally.allowed += [...decisions.values()].filter(Boolean).length;
  expect(
    wrong.map(([question, decision]) => ({ ...question, decision })),
    step,
  ).toEqual([]);
}

const allQuestions = (): Question[] => {
  const { things } = rowsOf(facts);
  return facts.users.flatMap(({ id: user }) =>
    things.flatMap((thing) => ACTIONS.map((action) => ({ user, thing, action }))),
  );
};

async function expectAllIsWell(step: string): Promise<void> {
  facts = await readFacts();
  const decisions = await decisionsOf(allQuestions());
  await expectDecisionsAreTheReferences(decisions, step);
  for (const tree of roots) await expectWhole(tree);
}

/** A removal: what it ends is refused by the very next check. */
async function removeAndCheckAtOnce(request: Request): Promise<void> {
  facts = await readFacts();
  const users = new Set(request.removes?.slice(0, 3));
  const { things } = rowsOf(facts);
  const questions = [...users].flatMap((user) =>
    things.flatMap((thing) =>
      ["view", "edit", "interact"].map((action) => ({ user, thing, action })),
    ),
  );
  const before = await decisionsOf(questions);
  const answer = await send(request);
  const after = await decisionsOf(questions);
  if (answer.status < 300) tally.removals += 1;
  for (const [question, was] of before) {
    const is = after.get(question) === true;
    if (was && !is) tally.ended += 1;
    expect(!was && is, "a removal gives nothing").toBe(false);
  }
  await expectDecisionsAreTheReferences(after, JSON.stringify(request));
}

/** The same request under one key, at once and later: one answer, and one change at most. */
async function repeat(request: Request): Promise<void> {
  const revisions = async () => Promise.all(roots.map(revisionOf));
  const before = await revisions();
  const key = `walk-${tally.edits}`;
  const answers = await Promise.all([send(request, key), send(request, key), send(request, key)]);
  if (random.chance(0.2)) await evict(random.one(roots));
  answers.push(await send(request, key));
  const after = await revisions();
  const made = after.reduce((sum, revision, n) => sum + revision - (before[n] ?? 0), 0);
  expect(made, JSON.stringify(request)).toBeLessThanOrEqual(1);
  expect(
    new Set(answers.map(({ status }) => status)).size,
    JSON.stringify([request, answers]),
  ).toBe(1);
  if (made === 1) expect(new Set(answers.map(({ revision }) => revision)).size).toBe(1);
  expect(new Set(answers.map(({ body }) => body?.id)).size).toBe(1);
  tally.repeated += 1;
}

async function rebuild(): Promise<void> {
  const { status } = await call("POST", `/v1/orgs/${random.one(roots)}/rebuild`);
  expect(status).toBe(200);
  tally.rebuilt += 1;
}

async function burst(): Promise<void> {
  const edits: Promise<unknown>[] = Array.from({ length: 8 }, () => send(anEdit()));
  if (random.chance(0.3)) edits.push(rebuild());
  await Promise.all(edits);
}

async function settle(): Promise<void> {
  for (let n = 0; n < 3; n++) {
    const org = await call("POST", "/v1/orgs", {
      name: `Tree ${n}`,
      admin: { name: "Admin", email: PEOPLE[n] },
    });
    roots.push(org.body.id);
    orgs.push({ id: org.body.id, tree: org.body.id });
    for (let m = 0; m < 2; m++) {
      const parent = orgs.at(-1)?.id;
      const below = await call("POST", "/v1/orgs", { name: `Org ${n}.${m}`, parent });
      orgs.push({ id: below.body.id, tree: org.body.id });
    }
    for (let m = 0; m < 4; m++)
      await call("PUT", `/v1/orgs/${org.body.id}/resources/${TYPES[m % 3]}/${org.body.id}-${m}`, {
        tags: [TAGS[m]],
      });
  }
  facts = await readFacts();
}

test(`[R12, R33, R34] a walk of ${STEPS} edits leaves slices, record and decisions as they must be (seed ${SEED})`, async () => {
  await settle();
  for (let next = CHECK_EVERY; tally.edits < STEPS;) {
    const request = anEdit();
    if (request.removes) await removeAndCheckAtOnce(request);
    else if (random.chance(0.06)) await repeat(request);
    else await send(request);
    if (random.chance(0.05)) await burst();
    if (random.chance(0.02)) await evict(random.one(roots));
    if (random.chance(0.01)) await rebuild();
    if (tally.edits % 4 === 0) facts = await readFacts();
    if (tally.edits >= next) {
      await expectAllIsWell(`after ${tally.edits} edits`);
      next += CHECK_EVERY;
    }
  }
  for (const tree of roots) await evict(tree);
  await expectAllIsWell("at the end");
  console.log(JSON.stringify(tally));
  // Had nothing happened, nothing would be shown.
  expect(tally.made).toBeGreaterThan(STEPS / 3);
  expect(tally.allowed / tally.questions).toBeGreaterThan(0.02);
  expect(tally.removals).toBeGreaterThan(50);
  expect(tally.ended).toBeGreaterThan(20);
  expect(tally.repeated).toBeGreaterThan(20);
  expect(tally.rebuilt).toBeGreaterThan(5);
}, 180_000);
