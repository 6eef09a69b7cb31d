import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { EVENTS, type EventName } from "../../src/events.ts";
import { everythingAllowed, triple } from "../access/reference.ts";
import { call, DB, evict, expectWhole, type Answer } from "../objects/record.ts";
import { Ground, PEOPLE, TAGS, TYPES, type Move, type Request } from "./ground.ts";
import { orgs } from "./moves/orgs.ts";
import { people } from "./moves/people.ts";
import { resources } from "./moves/resources.ts";
import { shares } from "./moves/shares.ts";
import { seeded } from "./random.ts";
import { readFacts, rowsOf, type Thing } from "./rows.ts";

/*
 * A long random walk through the doors: many actors, three trees, objects evicted and rebuilt in
 * between. All along the slices are the record, and every decision is the reference's, which is fed
 * with rows read from D1.
 */

const SEED = Number((env as { SEED?: string }).SEED ?? 20261);
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
  "close",
  "org.members",
];

const random = seeded(SEED);
const ground = new Ground(random);
const { roots, emailOf } = ground;
const MOVES: readonly Move[] = [
  ...people(ground),
  ...shares(ground),
  ...orgs(ground),
  ...resources(ground),
];
const WEIGHT = MOVES.reduce((sum, [weight]) => sum + weight, 0);

const tally = {
  edits: 0,
  made: 0,
  refused: 0,
  confirmed: 0,
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
  if (answer.body?.token?.startsWith("ln_")) ground.links.push(answer.body.token as string);
  if (request.confirms && answer.body?.code === "confirmation_needed") {
    tally.confirmed += 1;
    const { confirms: _, ...rest } = request;
    const confirm = (answer.body as { preview: { confirm: string } }).preview.confirm;
    return send({ ...rest, body: { ...request.body, confirm } });
  }
  return answer;
}

/** What must have been done on the way, for the walk to show anything of it. */
const WALKED = `access.accept collaboration.accept collaboration.ask collaboration.end grant.add
  grant.change grant.remove library.put link.create link.open member.invite member.remove org.create
  org.delete org.purge org.update received.accept recipients.add recipient.remove resource.copy
  resource.elevate resource.put roleSet.put rule.add rule.remove share.change share.freeze share.offer
  share.remove share.thaw team.create team.join team.leave team.remove type.put`.split(/\s+/);

function anEdit(): Request {
  for (;;) {
    let left = random.below(WEIGHT);
    const made = MOVES.find(([weight]) => (left -= weight) < 0)?.[1]();
    if (made) return made;
  }
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
  ground.facts = await readFacts();
  const { rows } = rowsOf(ground.facts);
  const allowed = everythingAllowed(rows, Date.now());
  const keys = new Map(
    rowsOf(ground.facts).things.map((thing) => [
      `${thing.tree} ${thing.type} ${thing.id}`,
      thing.key,
    ]),
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
  const { things } = rowsOf(ground.facts);
  return ground.facts.users.flatMap(({ id: user }) =>
    things.flatMap((thing) => ACTIONS.map((action) => ({ user, thing, action }))),
  );
};

/** Waits until what goes on by itself has come to its end: purges, acceptances, notices. */
async function rest(): Promise<void> {
  for (let n = 0; n < 500; n++) {
    const waiting = await DB.prepare(
      `select (select count(*) from orgs where deletedAt is not null) + (select count(*) from outbox where doneAt is null) as n`,
    ).first<number>("n");
    if (waiting === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("what goes on by itself does not end");
}

/** A partner hears of an event only what the event lets it hear. */
async function expectNoticesTellNoMore(): Promise<void> {
  const found = await DB.prepare(
    `select event, body from outbox where toOrg is not null and toOrg <> org`,
  ).all<{ event: EventName; body: string }>();
  for (const { event, body } of found.results) {
    const { partnerHears = [] } = EVENTS[event] as { partnerHears?: readonly string[] };
    for (const field of Object.keys(JSON.parse(body) as object))
      expect(partnerHears, `${event} tells ${field}`).toContain(field);
  }
}

async function expectAllIsWell(step: string): Promise<void> {
  await rest();
  ground.facts = await readFacts();
  const decisions = await decisionsOf(allQuestions());
  await expectDecisionsAreTheReferences(decisions, step);
  for (const tree of roots) await expectWhole(tree);
  await expectNoticesTellNoMore();
}

/** A removal: what it ends is refused by the very next check. */
async function removeAndCheckAtOnce(request: Request): Promise<void> {
  ground.facts = await readFacts();
  const users = new Set(request.removes?.slice(0, 3));
  const { things } = rowsOf(ground.facts);
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

/** The changes that somebody asked for: what Latchkey does by itself comes when it comes. */
const changesByOthers = async (): Promise<number> =>
  (await DB.prepare(`select count(*) as n from changes where actor <> 'latchkey'`).first<number>(
    "n",
  )) ?? 0;

/** The same request under one key, at once and later: one answer, and one change at most. */
async function repeat(request: Request): Promise<void> {
  const before = await changesByOthers();
  const key = `walk-${tally.edits}`;
  const answers = await Promise.all([send(request, key), send(request, key), send(request, key)]);
  if (random.chance(0.2)) await evict(random.one(roots));
  answers.push(await send(request, key));
  const made = (await changesByOthers()) - before;
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
    const { body: root } = await call("POST", "/v1/orgs", {
      name: `Tree ${n}`,
      admin: { name: "Admin", email: PEOPLE[n] },
    });
    roots.push(root.id);
    await send({
      method: "PUT",
      path: `/v1/orgs/${root.id}/role-sets/desk`,
      body: {
        ordered: true,
        roles: [
          { name: "reader", actions: ["view"] },
          { name: "author", actions: ["edit"] },
        ],
      },
    });
    await send({
      method: "PUT",
      path: `/v1/orgs/${root.id}/types/ticket`,
      body: { roleSet: "desk" },
    });
    let parent: number = root.id;
    for (let m = 0; m < 2; m++)
      parent = (await call("POST", "/v1/orgs", { name: `Org ${n}.${m}`, parent })).body.id;
    for (let m = 0; m < 5; m++)
      await call("PUT", `/v1/orgs/${root.id}/resources/${TYPES[m % 4]}/${root.id}-${m}`, {
        tags: [TAGS[m]],
      });
  }
  ground.facts = await readFacts();
}

test(`[R12, R33, R34] a walk of ${STEPS} edits leaves slices, record and decisions as they must be (seed ${SEED})`, async () => {
  await settle();
  for (let next = CHECK_EVERY; tally.edits < STEPS;) {
    const request = anEdit();
    if (request.removes) await removeAndCheckAtOnce(request);
    else if (!request.confirms && random.chance(0.06)) await repeat(request);
    else await send(request);
    if (random.chance(0.05)) await burst();
    if (random.chance(0.02)) await evict(random.one(roots));
    if (random.chance(0.01)) await rebuild();
    if (tally.edits % 4 === 0) ground.facts = await readFacts();
    if (tally.edits >= next) {
      await expectAllIsWell(`after ${tally.edits} edits`);
      next += CHECK_EVERY;
    }
  }
  for (const tree of roots) await evict(tree);
  await expectAllIsWell("at the end");
  const what = await DB.prepare(`select what, count(*) as n from changes group by what`).all<{
    what: string;
    n: number;
  }>();
  console.log(
    JSON.stringify({
      ...tally,
      ...Object.fromEntries(what.results.map((row) => [row.what, row.n])),
    }),
  );
  // Had nothing happened, nothing would be shown.
  const done = new Set(what.results.map((row) => row.what));
  for (const command of WALKED) expect([...done], "what was done").toContain(command);
  expect(tally.made).toBeGreaterThan(STEPS / 3);
  expect(tally.allowed / tally.questions).toBeGreaterThan(0.02);
  expect(tally.removals).toBeGreaterThan(50);
  expect(tally.ended).toBeGreaterThan(20);
  expect(tally.repeated).toBeGreaterThan(20);
  expect(tally.rebuilt).toBeGreaterThan(5);
}, 180_000);
