import { afterEach, expect, test, vi } from "vitest";
import { SCENARIOS } from "../scenarios/index.ts";
import { play, type Transport } from "../scenarios/player.ts";
import { as, call, expectProblem } from "../support/http.ts";

const overHttp: Transport = {
  async edit(method, path, body, by) {
    const reply = await call(method, path, body, by === null ? {} : as(by));
    if (reply.status >= 400) expectProblem(reply, reply.status);
    return reply;
  },
  async members(org) {
    const { body } = await call("GET", `/v1/orgs/${org}/members`);
    return new Map(body.items.map((one: { email: string; id: string }) => [one.email, one.id]));
  },
  async decide(org, asked) {
    const evaluations = asked.map(({ email, action, type, id }) => ({
      subject: { type: "user", id: email },
      action: { name: action },
      resource: { type, id },
    }));
    const reply = await call("POST", `/orgs/${org}/access/v1/evaluations`, { evaluations });
    expect(reply.status).toBe(200);
    return reply.body.evaluations.map((one: { decision: boolean }) => one.decision);
  },
};

afterEach(() => vi.useRealTimers());

SCENARIOS.forEach((one, index) =>
  test(`[${one.rules.join(", ")}] ${one.name}`, () => play(one, overHttp, `http${index}`)),
);
