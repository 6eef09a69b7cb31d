import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Running } from "./running.ts";

/* Bearer tokens of a real issuer on this machine, taken by a real server. */

const running = new Running();
let jwks: { keys: JWK[] } = { keys: [] };
let fetched = 0;
const issuer = createServer((_, response) => {
  fetched += 1;
  response.setHeader("content-type", "application/json").end(JSON.stringify(jwks));
});
let iss = "";
let acme = 0;
let beta = 0;

async function newKey(kid: string, algorithm = "ES256") {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm } };
}
let key: Awaited<ReturnType<typeof newKey>>;

const claims = { email: "ann@acme.example", email_verified: true };
const sign = (more: Record<string, unknown> = {}, by = key, kid = by.jwk.kid, end = "5m") =>
  new SignJWT({ ...claims, iss, aud: "latchkey", ...more })
    .setProtectedHeader({ alg: "ES256", kid })
    .setIssuedAt()
    .setExpirationTime(end)
    .sign(by.privateKey);

async function ask(token: string, path: string, method = "GET", body?: unknown) {
  const response = await fetch(running.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null };
}

beforeAll(async () => {
  issuer.listen(0, "127.0.0.1");
  await once(issuer, "listening");
  iss = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  key = await newKey("one");
  jwks = { keys: [key.jwk] };
  await running.start();
  const admin = (email: string) => ({ admin: { name: "Admin", email } });
  acme = (await running.call("POST", "/v1/orgs", { name: "Acme", ...admin(claims.email) })).body.id;
  beta = (await running.call("POST", "/v1/orgs", { name: "Beta", ...admin("bob@beta.example") }))
    .body.id;
  const made = await running.call("POST", `/v1/orgs/${acme}/issuers`, {
    issuer: iss,
    audience: "latchkey",
  });
  expect(made).toMatchObject({
    status: 201,
    body: { jwksUrl: `${iss}/.well-known/jwks.json`, claim: "email" },
  });
}, 60_000);
afterAll(async () => {
  issuer.close();
  issuer.closeAllConnections();
  await running.end();
});

describe("a token of a trusted issuer", () => {
  test("acts as the person themself: sees, accepts, and then administers", async () => {
    const token = await sign();
    const own = await ask(token, "/v1/me/access");
    expect(own.body.items).toMatchObject([
      { kind: "member", status: "pending", org: { id: acme } },
    ]);
    expect((await ask(token, `/v1/orgs/${acme}/members`)).status).toBe(404);
    const accepted = await ask(token, `/v1/me/access/${own.body.items[0].id}/accept`, "POST", {});
    expect(accepted.status).toBe(200);
    expect((await ask(token, `/v1/orgs/${acme}/members`)).status).toBe(200);
    const team = await ask(token, `/v1/orgs/${acme}/teams`, "POST", { name: "By token" });
    expect(team.status).toBe(201);
    const { body } = await running.call("GET", `/v1/orgs/${acme}/changes`);
    expect(body.items.at(-1).actor).toMatchObject({ email: claims.email });
  });

  test("opens no check, makes no organisation, and takes no session's rights", async () => {
    const token = await sign();
    const evaluation = {
      subject: { type: "user", id: claims.email },
      action: { name: "view" },
      resource: { type: "site", id: "hq" },
    };
    const check = await ask(token, `/orgs/${acme}/access/v1/evaluation`, "POST", evaluation);
    expect(check.status).toBe(403);
    expect((await ask(token, "/v1/orgs", "POST", { name: "New" })).status).toBe(403);
    for (const path of ["/v1/me/sessions", "/v1/me/passkeys"])
      expect((await ask(token, path)).status).toBe(403);
  });

  test("is worth nothing where nobody trusts the issuer, whoever it names", async () => {
    // Acme's issuer names the admin of Beta: inside Acme that is a stranger, and Beta takes no word of it.
    const token = await sign({ email: "bob@beta.example" });
    expect((await ask(token, `/v1/orgs/${beta}`)).status).toBe(401);
    expect((await ask(token, `/v1/orgs/${acme}`)).status).toBe(404);
    expect((await ask(token, "/v1/me/access")).body.items).toEqual([]);
    const pending = await running.call("GET", `/v1/orgs/${beta}/members`);
    const access = pending.body.items[0].id;
    expect((await ask(token, `/v1/me/access/${access}/accept`, "POST", {})).status).toBe(404);
  });

  test.each<[string, () => Promise<string> | string]>([
    ["of another audience", () => sign({ aud: "others" })],
    ["that has expired", () => sign({}, key, "one", "-2m")],
    ["whose address is not proven", () => sign({ email_verified: false })],
    ["without an address", () => sign({ email: undefined })],
    ["by an unknown key", async () => sign({}, await newKey("other"))],
    ["by another key under a known name", async () => sign({}, await newKey("x"), "one")],
    ["of an issuer that nobody trusts", () => sign({ iss: "https://issuer.example" })],
    [
      "without a signature",
      () => new UnsecuredJWT({ ...claims, iss, aud: "latchkey" }).setExpirationTime("5m").encode(),
    ],
    [
      "signed by the public key as a secret",
      () =>
        new SignJWT({ ...claims, iss, aud: "latchkey" })
          .setProtectedHeader({ alg: "HS256", kid: "one" })
          .setExpirationTime("5m")
          .sign(new TextEncoder().encode(JSON.stringify(key.jwk))),
    ],
    [
      "without an end",
      () =>
        new SignJWT({ ...claims, iss, aud: "latchkey" })
          .setProtectedHeader({ alg: "ES256", kid: "one" })
          .sign(key.privateKey),
    ],
  ])("%s is none", async (_, token) => {
    expect((await ask(await token(), `/v1/orgs/${acme}`)).status).toBe(401);
  });

  test.each([-10 * 86_400, 3_600])("issued %d seconds from now is none", async (seconds) => {
    const token = await new SignJWT({ ...claims, iss, aud: "latchkey" })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .setIssuedAt(Math.floor(Date.now() / 1_000) + seconds)
      .setExpirationTime("5m")
      .sign(key.privateKey);
    expect((await ask(token, `/v1/orgs/${acme}`)).status).toBe(401);
  });

  test("is not silenced by what other organisations trust", async () => {
    const own = async (headers: Record<string, string> = {}) => {
      const authorization = `Bearer ${await sign()}`;
      const response = await fetch(`${running.url}/v1/me/access`, {
        headers: { authorization, ...headers },
      });
      return response.status;
    };
    const at = `/v1/orgs/${beta}/issuers`;
    const trust = { issuer: iss, audience: "latchkey", jwksUrl: "http://127.0.0.1:9/jwks" };
    const { body } = await running.call("POST", at, trust);
    expect(await own()).toBe(200);
    await running.call("PATCH", `${at}/${body.id}`, { jwksUrl: `${iss}/beta` });
    expect([await own(), await own({ "access-org": String(acme) })]).toEqual([401, 200]);
    expect((await running.call("DELETE", `${at}/${body.id}`, {})).status).toBe(204);
    expect(await own()).toBe(200);
  });

  test("is taken by each of many organisations that trust its issuer", async () => {
    const trusting = [acme];
    for (let n = 0; n < 52; n++) {
      const admin = { name: "Admin", email: claims.email };
      const made = await running.call("POST", "/v1/orgs", { name: `Org ${n}`, admin });
      const at = `/v1/orgs/${made.body.id}/issuers`;
      await running.call("POST", at, { issuer: iss, audience: "latchkey" });
      trusting.push(made.body.id);
    }
    const token = await sign();
    // A pending member is told of no org; what must not be is that nobody knows the token.
    for (const org of trusting) expect((await ask(token, `/v1/orgs/${org}`)).status).not.toBe(401);
  }, 60_000);

  test("within a minute of its end still counts, for clocks differ", async () => {
    expect((await ask(await sign({}, key, "one", "-20s"), `/v1/orgs/${acme}`)).status).toBe(200);
  });

  test("cannot lend itself to another", async () => {
    const response = await fetch(`${running.url}/v1/orgs/${acme}`, {
      headers: { authorization: `Bearer ${await sign()}`, "on-behalf-of": "bob@beta.example" },
    });
    expect(response.status).toBe(403);
  });
});

test("keys are kept, and fetched anew when the issuer has rotated", async () => {
  const before = fetched;
  for (let n = 0; n < 5; n++) await ask(await sign(), `/v1/orgs/${acme}`);
  expect(fetched).toBe(before);
  // A new server process has no keys yet, and no half minute to wait.
  const next = await newKey("two");
  jwks = { keys: [next.jwk] };
  await running.kill();
  await running.start();
  expect((await ask(await sign({}, next), `/v1/orgs/${acme}`)).status).toBe(200);
  expect((await ask(await sign(), `/v1/orgs/${acme}`)).status).toBe(401);
}, 60_000);

test("an issuer that is given up vouches for nobody, and one that cannot be reached is a 503", async () => {
  const list = await running.call("GET", `/v1/orgs/${acme}/issuers`);
  const at = `/v1/orgs/${acme}/issuers/${list.body.items[0].id}`;
  const next = await newKey("three");
  jwks = { keys: [next.jwk] };
  await running.call("PATCH", at, { jwksUrl: "http://127.0.0.1:9/jwks" });
  expect((await ask(await sign({}, next), `/v1/orgs/${acme}`)).status).toBe(503);
  await running.call("PATCH", at, { jwksUrl: `${iss}/anew` });
  expect((await ask(await sign({}, next), `/v1/orgs/${acme}`)).status).toBe(200);
  expect((await running.call("DELETE", at, {})).status).toBe(204);
  expect((await ask(await sign({}, next), `/v1/orgs/${acme}`)).status).toBe(401);
});
