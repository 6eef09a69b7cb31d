import { describe, expect, test } from "vitest";
import { Authenticator } from "../support/authenticator.ts";
import { accept, as, Browser, call, expectProblem, newOrg, someone } from "../support/http.ts";

async function register(browser: Browser, authenticator: Authenticator, name = "Laptop") {
  const options = await browser.call("POST", "/v1/me/passkeys/options", {});
  expect(options.status).toBe(200);
  const response = await authenticator.make(options.body);
  return browser.call("POST", "/v1/me/passkeys", { name, response });
}

async function show(browser: Browser, authenticator: Authenticator) {
  const options = await browser.call("POST", "/sign-in/passkey/options", {});
  expect(options.status).toBe(200);
  const response = await authenticator.show(options.body);
  return browser.call("POST", "/sign-in/passkey", { response });
}

async function withPasskey(email = someone()) {
  const browser = await new Browser().signIn(email);
  const authenticator = new Authenticator();
  expect(await register(browser, authenticator)).toMatchObject({
    status: 201,
    body: { id: authenticator.id, name: "Laptop", lastUsedAt: null },
  });
  return { email, browser, authenticator };
}

test("a passkey is registered, listed, signs in, and is removed", async () => {
  const { email, browser, authenticator } = await withPasskey();
  const other = new Browser();
  expect(await show(other, authenticator)).toMatchObject({
    status: 200,
    body: { user: { email } },
  });
  expect((await other.call("GET", "/v1/me")).body).toMatchObject({
    email,
    session: { method: "passkey", strong: true },
  });
  const { items } = (await other.call("GET", "/v1/me/passkeys")).body;
  expect(items).toMatchObject([{ id: authenticator.id, lastUsedAt: expect.any(String) }]);
  expect((await browser.call("GET", "/your-account")).body).toContain("Laptop");

  const at = `/v1/me/passkeys/${authenticator.id}`;
  expect((await other.call("DELETE", at)).status).toBe(204);
  expectProblem(await other.call("DELETE", at), 404);
  expectProblem(await show(new Browser(), authenticator), 401, "unauthenticated");
});

test("as a second step it makes the session strong, and ends the weak one", async () => {
  const { email, authenticator } = await withPasskey();
  const browser = await new Browser().signIn(email);
  const weak = `__Host-session=${browser.cookies.get("__Host-session")}`;
  expect((await browser.call("GET", "/v1/me")).body.session.strong).toBe(false);
  await show(browser, authenticator);
  expect((await browser.call("GET", "/v1/me")).body.session.strong).toBe(true);
  expectProblem(await new Browser({ cookie: weak }).call("GET", "/v1/me"), 401);
});

test("an org's admins need one where it says so", async () => {
  const org = await newOrg("Strict");
  const { email, authenticator } = await withPasskey();
  const made = await call("POST", `${org.at}/members`, {
    name: "Boss",
    email,
    role: "admin",
    scope: { all: true },
  });
  await accept(made.body.id, email);
  const browser = await new Browser().signIn(email);
  expect((await browser.call("GET", `${org.at}/members`)).status).toBe(200);
  await show(browser, authenticator);
  expect((await browser.call("PATCH", org.at, { strongAdmins: true })).status).toBe(200);
  expect((await browser.call("GET", `${org.at}/members`)).status).toBe(200);
  await browser.signIn(email);
  const refused = await browser.call("GET", `${org.at}/members`);
  expectProblem(refused, 403, "strong_authentication_needed");
  await show(browser, authenticator);
  expect((await browser.call("GET", `${org.at}/members`)).status).toBe(200);
});

describe("what proves nothing is refused", () => {
  const asked = async () => {
    const known = await withPasskey();
    const browser = new Browser();
    const options = (await browser.call("POST", "/sign-in/passkey/options", {})).body;
    return { ...known, browser, options };
  };

  test("an answer that comes again", async () => {
    const { browser, options, authenticator } = await asked();
    const response = await authenticator.show(options);
    expect((await browser.call("POST", "/sign-in/passkey", { response })).status).toBe(200);
    expectProblem(await browser.call("POST", "/sign-in/passkey", { response }), 401);
  });

  test("an answer to another browser's challenge", async () => {
    const { options, authenticator } = await asked();
    const thief = new Browser();
    await thief.call("POST", "/sign-in/passkey/options", {});
    const response = await authenticator.show(options);
    expectProblem(await thief.call("POST", "/sign-in/passkey", { response }), 401);
    expectProblem(await new Browser().call("POST", "/sign-in/passkey", { response }), 401);
  });

  test("a challenge that nobody gave out", async () => {
    const { browser, authenticator } = await asked();
    const response = await authenticator.show({ challenge: "bWFkZSB1cA" });
    expectProblem(await browser.call("POST", "/sign-in/passkey", { response }), 401);
  });

  test("a signature of another key", async () => {
    const { browser, options, authenticator } = await asked();
    const forged = await new Authenticator().show(options);
    const response = { ...forged, id: authenticator.id, rawId: authenticator.id };
    expectProblem(await browser.call("POST", "/sign-in/passkey", { response }), 401);
  });

  test("an authenticator that did not verify its user", async () => {
    const { browser, options, authenticator } = await asked();
    authenticator.verifies = false;
    const response = await authenticator.show(options);
    expectProblem(await browser.call("POST", "/sign-in/passkey", { response }), 401);
  });

  test("a counter that went back", async () => {
    const { browser, options, authenticator } = await asked();
    authenticator.counter = 0;
    const response = await authenticator.show(options);
    expectProblem(await browser.call("POST", "/sign-in/passkey", { response }), 401);
  });

  test.each([
    ["https://evil.example", "latchkey.test"],
    ["http://latchkey.test", "evil.example"],
  ])("an authenticator that was led to %s for %s", async (origin, rpId) => {
    const browser = await new Browser().signIn(someone());
    const made = await register(browser, new Authenticator(origin, rpId));
    expectProblem(made, 422, "invalid");
  });

  test.each([
    {},
    { response: {} },
    { response: { id: "x" } },
    { response: { id: "x", response: {} } },
  ])("something else: %j", async (body) => {
    const { browser, authenticator } = await withPasskey();
    for (const path of ["/sign-in/passkey", "/v1/me/passkeys"])
      expect((await browser.call("POST", path, body)).status).toBeOneOf([400, 401, 422]);
    const known = { response: { id: authenticator.id, response: {} } };
    expectProblem(await browser.call("POST", "/sign-in/passkey", known), 401);
  });

  test("a registration for somebody else's challenge", async () => {
    const mine = await new Browser().signIn(someone());
    const theirs = await new Browser().signIn(someone());
    const options = await mine.call("POST", "/v1/me/passkeys/options", {});
    const response = await new Authenticator().make(options.body);
    expectProblem(await theirs.call("POST", "/v1/me/passkeys", { response }), 422);
  });
});

test("a passkey is one person's", async () => {
  const { authenticator } = await withPasskey();
  const other = await new Browser().signIn(someone());
  expectProblem(await register(other, authenticator), 409, "conflict");
  expectProblem(await other.call("DELETE", `/v1/me/passkeys/${authenticator.id}`), 404);
});

test("who has one changes them only by showing one; the platform helps who lost it", async () => {
  const { email, authenticator } = await withPasskey();
  const weak = await new Browser().signIn(email);
  const at = `/v1/me/passkeys/${authenticator.id}`;
  for (const reply of [
    await weak.call("POST", "/v1/me/passkeys/options", {}),
    await weak.call("DELETE", at),
  ])
    expectProblem(reply, 403, "strong_authentication_needed");
  const form = await weak.form("/your-account/passkeys/remove", { passkey: authenticator.id });
  expect(form.status).toBe(403);
  expect((await call("DELETE", at, {}, as(email))).status).toBe(204);
  expect((await register(weak, new Authenticator())).status).toBe(201);
});

test("what is asked of a browser tells of nobody", async () => {
  const { body } = await new Browser().call("POST", "/sign-in/passkey/options", {});
  expect(body.allowCredentials ?? []).toEqual([]);
});

test("another site's page signs nobody in", async () => {
  const sent = { origin: "https://evil.example" };
  for (const path of ["/sign-in/passkey/options", "/sign-in/passkey"])
    expectProblem(await new Browser(sent).call("POST", path, {}), 403);
});
