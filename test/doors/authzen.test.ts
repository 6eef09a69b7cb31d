import { beforeAll, describe, expect, test } from "vitest";
import { as, call, expectProblem, newKey, newOrg, withKey } from "../support/http.ts";

let org: number;
let admin: string;
let check: string;
let manage: string;
let below: number;

const action = { name: "view" };
const subjectOf = (id: string) => ({ type: "user", id });
const site = (id: string) => ({ type: "site", id });

beforeAll(async () => {
  const acme = await newOrg("Acme");
  await call("PUT", `${acme.at}/resources/site/hq`, {});
  const sub = await call("POST", "/v1/orgs", { name: "Sub", parent: acme.id });
  below = sub.body.id;
  await call("PUT", `/v1/orgs/${below}/resources/site/depot`, {});
  org = acme.id;
  admin = acme.admin;
  check = (await newKey(acme.at, "check")).token;
  manage = (await newKey(acme.at, "manage")).token;
});

const one = (body: unknown, sent = {}, path = `/orgs/${org}`) =>
  call("POST", `${path}/access/v1/evaluation`, body, sent);
const many = (body: unknown, sent = {}, path = `/orgs/${org}`) =>
  call("POST", `${path}/access/v1/evaluations`, body, sent);
const yes = (id = "hq") => ({ subject: subjectOf(admin), action, resource: site(id) });
const no = () => ({ ...yes(), subject: subjectOf("nobody@people.example") });
const decisions = (reply: { body: { evaluations: { decision: boolean }[] } }) =>
  reply.body.evaluations.map(({ decision }) => decision);

describe("evaluation", () => {
  test("a decision is an answer, whichever it is", async () => {
    for (const [body, decision] of [
      [yes(), true],
      [no(), false],
    ] as const) {
      const reply = await one(body);
      expect(reply.status).toBe(200);
      expect(reply.headers.get("content-type")).toMatch(/^application\/json/);
      expect(reply.body).toEqual({ decision });
    }
  });

  test("what is unknown is denied: subject, its type, action, resource, its type", async () => {
    for (const odd of [
      { subject: { type: "robot", id: admin } },
      { action: { name: "fly" } },
      { resource: site("nothing") },
      { resource: { type: "planet", id: "hq" } },
    ])
      expect(await one({ ...yes(), ...odd })).toMatchObject({
        status: 200,
        body: { decision: false },
      });
  });

  test("context, properties and fields of tomorrow are taken", async () => {
    const body = {
      ...yes(),
      subject: { ...subjectOf(admin), properties: { department: "x" } },
      action: { ...action, properties: { method: "GET" } },
      context: { time: "2026-01-01T00:00:00Z" },
      future: { a: 1 },
    };
    expect((await one(body)).body).toEqual({ decision: true });
  });

  test.each([
    ["no subject", { subject: undefined }],
    ["no action", { action: undefined }],
    ["no resource", { resource: undefined }],
    ["a subject without type", { subject: { id: "x" } }],
    ["a subject without id", { subject: { type: "user" } }],
    ["an action without name", { action: {} }],
    ["a resource without id", { resource: { type: "site" } }],
    ["a subject that is no object", { subject: "alice" }],
    ["an id that is no text", { resource: { type: "site", id: 7 } }],
  ])("malformed: %s", async (_, odd) => {
    const reply = await one({ ...yes(), ...odd });
    expectProblem(reply, 400, "invalid");
    expect(reply.body.errors[0].pointer).toMatch(/^\/(subject|action|resource)/);
  });

  test("malformed: no body, no object", async () => {
    expectProblem(await one(undefined), 400, "invalid");
    expectProblem(await one([yes()]), 400, "invalid");
  });

  test("under an org below, what lies above does not exist", async () => {
    expect((await one(yes("depot"), {}, `/orgs/${below}`)).body).toEqual({ decision: true });
    expect((await one(yes("hq"), {}, `/orgs/${below}`)).body).toEqual({ decision: false });
    expect((await one(yes("depot"))).body).toEqual({ decision: true });
  });
});

describe("evaluations", () => {
  test("an answer to each, in order", async () => {
    const reply = await many({ evaluations: [yes(), no(), yes("depot")] });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      evaluations: [{ decision: true }, { decision: false }, { decision: true }],
    });
  });

  test.each([
    ["execute_all", [true, false, true]],
    ["deny_on_first_deny", [true, false]],
    ["permit_on_first_permit", [true]],
  ])("semantics: %s", async (evaluations_semantic, expected) => {
    const evaluations = [yes(), no(), yes("depot")];
    const reply = await many({ evaluations, options: { evaluations_semantic } });
    expect(decisions(reply)).toEqual(expected);
  });

  test("permit_on_first_permit goes on over denials", async () => {
    const options = { evaluations_semantic: "permit_on_first_permit" };
    expect(decisions(await many({ evaluations: [no(), yes(), no()], options }))).toEqual([
      false,
      true,
    ]);
    expect(decisions(await many({ evaluations: [no(), no()], options }))).toEqual([false, false]);
  });

  test("no such semantics", async () => {
    const options = { evaluations_semantic: "majority" };
    expectProblem(await many({ evaluations: [yes()], options }), 400, "invalid");
  });

  test("defaults fill what an evaluation leaves out, and it overrides them", async () => {
    const reply = await many({
      ...no(),
      evaluations: [{}, { subject: subjectOf(admin) }, { ...yes(), action: { name: "fly" } }],
    });
    expect(decisions(reply)).toEqual([false, true, false]);
  });

  test("without evaluations it is one evaluation", async () => {
    expect((await many(yes())).body).toEqual({ decision: true });
    expect((await many({ ...yes(), evaluations: [] })).body).toEqual({ decision: true });
    expectProblem(await many({ subject: subjectOf(admin), evaluations: [] }), 400, "invalid");
    expectProblem(await many({ evaluations: [] }), 400, "invalid");
  });

  test("an incomplete one is named by its place", async () => {
    const reply = await many({ subject: subjectOf(admin), action, evaluations: [yes(), {}] });
    expectProblem(reply, 400, "invalid");
    expect(reply.body.errors[0].pointer).toBe("/evaluations/1/resource");
  });

  test("a hundred at most", async () => {
    const evaluations = Array.from({ length: 100 }, () => ({}));
    expect(decisions(await many({ ...yes(), evaluations }))).toHaveLength(100);
    const reply = await many({ ...yes(), evaluations: [...evaluations, {}] });
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
    expect([400, 422]).toContain(reply.status);
  });
});

describe("who asks", () => {
  test("a check key checks, and manages nothing", async () => {
    expect((await one(yes(), withKey(check))).body).toEqual({ decision: true });
    const reply = await call("PATCH", `/v1/orgs/${org}`, { name: "x" }, withKey(check));
    expectProblem(reply, 403, "forbidden");
    expectProblem(
      await call("GET", `/v1/orgs/${org}`, undefined, as(admin, check)),
      403,
      "forbidden",
    );
  });

  test("a manage key does not check", async () => {
    expectProblem(await one(yes(), withKey(manage)), 403, "forbidden");
    expectProblem(await many({ evaluations: [yes()] }, withKey(manage)), 403, "forbidden");
  });

  test("a key asks for its own org under /access/v1", async () => {
    expect((await one(yes(), withKey(check), "")).body).toEqual({ decision: true });
    expect(decisions(await many({ evaluations: [yes(), no()] }, withKey(check), ""))).toEqual([
      true,
      false,
    ]);
    expectProblem(await one(yes(), {}, ""), 400, "invalid");
  });

  test("a deleted key is none at once", async () => {
    const key = await newKey(`/v1/orgs/${org}`, "check");
    expect((await one(yes(), withKey(key.token))).status).toBe(200);
    await call("DELETE", `/v1/orgs/${org}/keys/${key.id}`);
    expectProblem(await one(yes(), withKey(key.token)), 401, "unauthenticated");
  });

  test("a key of an org below does not reach above", async () => {
    const key = await newKey(`/v1/orgs/${below}`, "check");
    expect((await one(yes("depot"), withKey(key.token))).status).toBe(404);
    expect((await one(yes("depot"), withKey(key.token), `/orgs/${below}`)).body).toEqual({
      decision: true,
    });
  });
});

describe("before the form", () => {
  test("nobody learns what is wrong with a body", async () => {
    expectProblem(await one({}, { authorization: null }), 401, "unauthenticated");
  });
});

describe("X-Request-ID", () => {
  const id = { "x-request-id": "req-42" };
  const echoed = (reply: { headers: Headers }) => reply.headers.get("x-request-id");

  test("comes back with a decision", async () => {
    expect(echoed(await one(yes(), id))).toBe("req-42");
    expect(echoed(await many({ evaluations: [yes()] }, id))).toBe("req-42");
  });

  test("comes back with a refusal of the one who asks", async () => {
    expect(echoed(await one(yes(), { ...id, authorization: null }))).toBe("req-42");
    expect(echoed(await one(yes(), { ...id, ...withKey(manage) }))).toBe("req-42");
  });

  test("comes back with a refusal of the form", async () => {
    expect(echoed(await one({}, id))).toBe("req-42");
  });

  test("comes back from the API", async () => {
    expect(echoed(await call("GET", `/v1/orgs/${org}`, undefined, id))).toBe("req-42");
  });
});

describe("metadata", () => {
  test("of an org, and of a key's own", async () => {
    for (const base of ["", "/orgs/12"]) {
      const reply = await call("GET", `/.well-known/authzen-configuration${base}`, undefined, {
        authorization: null,
      });
      expect(reply).toMatchObject({
        status: 200,
        body: {
          policy_decision_point: `http://latchkey.test${base}`,
          access_evaluation_endpoint: `http://latchkey.test${base}/access/v1/evaluation`,
          access_evaluations_endpoint: `http://latchkey.test${base}/access/v1/evaluations`,
        },
      });
    }
  });
});
