import { createPublicKey, verify } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Running } from "./running.ts";

/*
 * Webhooks from a real server to a real receiver: it verifies, fails, stalls, redirects and is gone,
 * and the server is killed between the commit and the sending.
 */

interface Got {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { type: string; sequence: number; data: Record<string, unknown> };
}

const running = new Running();
const got: Got[] = [];
/** What a path answers: a status, or nothing at all for a while. */
const answers = new Map<string, number | "stall">();
const receiver = createServer((request, response) => {
  let text = "";
  request.on("data", (chunk) => (text += String(chunk)));
  request.on("end", () => {
    const path = request.url ?? "";
    got.push({ path, headers: request.headers, text, body: JSON.parse(text) as Got["body"] });
    const answer = answers.get(path) ?? 204;
    if (answer === "stall") return;
    response.writeHead(answer, answer === 302 ? { location: "/redirected" } : {}).end();
  });
});
let base = "";
let org = 0;

beforeAll(async () => {
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  await running.start();
  org = (await running.call("POST", "/v1/orgs", { name: "Acme" })).body.id;
});
afterAll(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await running.end();
});

const make = async (path: string, more = {}) =>
  (await running.call("POST", `/v1/orgs/${org}/webhooks`, { url: base + path, ...more })).body;
const team = (name: string) => running.call("POST", `/v1/orgs/${org}/teams`, { name });
const at = (path: string) => got.filter((one) => one.path === path);

/** After a crash, what was being sent is claimed for a while yet, and then waits for the clock. */
async function until<T>(ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (let tries = 0; tries < 1_000; tries++) {
    const found = await ask();
    if (found) return found;
    await sleep(100);
  }
  throw new Error("it did not come");
}

test("a receiver verifies each delivery, by HMAC and by Ed25519, before and after a rotation", async () => {
  const made = await make("/good", { events: ["team.created"], asymmetric: true });
  await team("One");
  const first = await until(() => at("/good")[0]);
  const headers = (one: Got) => one.headers as Record<string, string>;
  expect(new Webhook(made.secret).verify(first.text, headers(first))).toMatchObject({
    type: "team.created",
    sequence: 1,
    data: { name: "One", org: { id: org, name: "Acme" } },
  });
  expect(() => new Webhook(made.secret).verify(`${first.text} `, headers(first))).toThrow();
  const raw = Buffer.from(made.publicKey.slice("whpk_".length), "base64");
  const publicKey = createPublicKey({
    key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]),
    format: "der",
    type: "spki",
  });
  const signatures = headers(first)["webhook-signature"] ?? "";
  const signature = signatures.split(" ").find((one) => one.startsWith("v1a,"));
  const signed = `${headers(first)["webhook-id"]}.${headers(first)["webhook-timestamp"]}.${first.text}`;
  expect(
    verify(null, Buffer.from(signed), publicKey, Buffer.from(signature?.slice(4) ?? "", "base64")),
  ).toBe(true);

  const rotated = await running.call("POST", `/v1/orgs/${org}/webhooks/${made.id}/rotate`, {});
  await team("Two");
  const second = await until(() => at("/good")[1]);
  for (const secret of [made.secret, rotated.body.secret])
    expect(new Webhook(secret).verify(second.text, headers(second))).toMatchObject({
      sequence: 2,
    });
  expect(Buffer.byteLength(second.text)).toBeLessThan(20_000);
}, 120_000);

test("what fails is tried again under the same id, a redirect is not followed, and 410 ends it", async () => {
  answers.set("/failing", 500);
  answers.set("/moved", 302);
  answers.set("/gone", 410);
  const failing = await make("/failing", { events: ["team.created"] });
  await make("/moved", { events: ["team.created"] });
  const gone = await make("/gone", { events: ["team.created"] });
  await team("Three");
  await until(() => at("/failing").length === 1);
  answers.set("/failing", 204);
  const second = await until(() => at("/failing")[1]);
  const [first] = at("/failing");
  expect(second.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(second.text).toBe(first?.text);
  const listed = await running.call("GET", `/v1/orgs/${org}/webhooks/${failing.id}/deliveries`);
  expect(listed.body.items[0].attempts[0]).toMatchObject({ status: 500 });
  await until(() => at("/moved").length > 0);
  expect(at("/redirected")).toEqual([]);
  const ended = await until(async () => {
    const { body } = await running.call("GET", `/v1/orgs/${org}/webhooks/${gone.id}`);
    return body.status === "disabled" ? body : null;
  });
  expect(ended.disabledBecause).toBe("gone");
}, 120_000);

test("one that stalls is given up for now, and holds up no other", async () => {
  answers.set("/stalls", "stall");
  const stalls = await make("/stalls", { events: ["team.changed"] });
  const made = await team("Four");
  await running.call("PATCH", `/v1/orgs/${org}/teams/${made.body.id}`, { name: "Five" });
  await until(() => at("/stalls").length > 0);
  await team("Six");
  await until(() => at("/good").some((one) => one.body.data["name"] === "Six"));
  const tried = await until(async () => {
    const { body } = await running.call("GET", `/v1/orgs/${org}/webhooks/${stalls.id}/deliveries`);
    return body.items[0]?.attempts[0];
  });
  expect(tried).toMatchObject({ status: null, error: "It did not answer in time." });
}, 120_000);

test("[R33] killed right after edits were acknowledged, it delivers each, numbered without a gap", async () => {
  const made = await make("/survives", { events: ["team.created"] });
  const names = Array.from({ length: 20 }, (_, n) => `Survivor ${n}`);
  const acknowledged: string[] = [];
  const edits = names.map(async (name, n) => {
    const answer = await running
      .call("POST", `/v1/orgs/${org}/teams`, { name }, `survivor-${n}`)
      .catch(() => undefined);
    if (answer?.status === 201) acknowledged.push(name);
    if (acknowledged.length === 5) await running.kill();
  });
  await Promise.all(edits);
  expect(acknowledged.length).toBeGreaterThanOrEqual(5);
  await running.start();
  const heard = () => new Set(at("/survives").map((one) => String(one.body.data["name"])));
  await until(() => acknowledged.every((name) => heard().has(name)));
  for (const [n, name] of names.entries())
    await running.call("POST", `/v1/orgs/${org}/teams`, { name }, `survivor-${n}`);
  await until(() => heard().size === names.length);
  const byId = new Map(
    at("/survives").map((one) => [one.headers["webhook-id"], one.body.sequence]),
  );
  expect([...byId.values()].toSorted((a, b) => a - b)).toEqual(names.map((_, n) => n + 1));
  expect(made.id).toMatch(/^whk_/);
}, 180_000);

test("killed while a receiver is being told, it tells it again under the same id and number", async () => {
  answers.set("/midway", "stall");
  await make("/midway", { events: ["team.created"] });
  await team("Midway");
  await until(() => at("/midway").length > 0);
  await running.kill();
  answers.set("/midway", 204);
  await running.start();
  await until(() => at("/midway").length > 1);
  const [first, second] = at("/midway");
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(second?.text).toBe(first?.text);
  expect(second?.body.sequence).toBe(1);
}, 180_000);
