import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { accept, Browser, call, expectProblem, newOrg, someone } from "../support/http.ts";

const { DB } = env as unknown as { DB: D1Database };

describe("a session", () => {
  test("is its person on every route under /v1", async () => {
    const email = someone("ada");
    const browser = await new Browser().signIn(email);
    const made = await browser.call("POST", "/v1/orgs", { name: "Ada's" });
    expect(made.status).toBe(201);
    const at = `/v1/orgs/${made.body.id}`;
    expect((await browser.call("PATCH", at, { name: "Ada & Co" })).status).toBe(200);
    expect((await browser.call("GET", `${at}/members`)).body.items).toMatchObject([
      { email, status: "active" },
    ]);
    const history = await browser.call("GET", `${at}/changes`);
    expect(history.body.items.at(-1).actor.email).toBe(email);
    const stranger = await newOrg("Elsewhere");
    expectProblem(await browser.call("GET", stranger.at), 404);
  });

  test("[R27] has its person's platform role", async () => {
    const email = someone("super");
    const browser = await new Browser().signIn(email);
    const org = await newOrg("Governed");
    expectProblem(await browser.call("GET", org.at), 404);
    await call("POST", "/v1/platform/roles", { email, role: "super_admin" });
    expect((await browser.call("GET", org.at)).status).toBe(200);
  });

  test("never opens the check API", async () => {
    const email = someone();
    const browser = await new Browser().signIn(email);
    const org = (await browser.call("POST", "/v1/orgs", { name: "Own" })).body.id;
    const evaluation = {
      subject: { type: "user", id: email },
      action: { name: "view" },
      resource: { type: "site", id: "hq" },
    };
    for (const base of ["", `/orgs/${org}`])
      for (const path of ["evaluation", "evaluations"])
        expectProblem(await browser.call("POST", `${base}/access/v1/${path}`, evaluation), 401);
  });

  test("acts for nobody else", async () => {
    const browser = await new Browser().signIn(someone());
    const reply = await browser.call("GET", "/v1/me", undefined, { "on-behalf-of": someone() });
    expectProblem(reply, 403, "forbidden");
  });

  test("is never used where a key was sent", async () => {
    const browser = await new Browser().signIn(someone());
    const reply = await browser.call("GET", "/v1/me", undefined, { authorization: "Bearer none" });
    expectProblem(reply, 401);
  });
});

describe("writes from elsewhere", () => {
  const org = async (browser: Browser, sent: Record<string, string | null>) =>
    browser.call("POST", "/v1/orgs", { name: "Forged" }, sent);

  test.each([
    [{ origin: "https://evil.example" }],
    [{ origin: "null" }],
    [{ origin: "https://latchkey.test" }],
    [{ origin: "http://latchkey.test", "sec-fetch-site": "cross-site" }],
    [{ origin: null, "sec-fetch-site": "same-site" }],
    [{ origin: null, "content-type": "text/plain" }],
  ])("are refused: %j", async (sent) => {
    const browser = await new Browser().signIn(someone());
    expectProblem(await org(browser, sent), 403, "forbidden");
  });

  test("by forms of pages, too", async () => {
    const browser = await new Browser({}).signIn(someone());
    const form = (sent: Record<string, string | null>) =>
      browser.call("POST", "/your-account/language", "language=fr", {
        "content-type": "application/x-www-form-urlencoded",
        ...sent,
      });
    expect((await form({ origin: "https://evil.example" })).status).toBe(403);
    expect((await form({ origin: null })).status).toBe(403);
    expect((await form({})).status).toBe(303);
    expect((await browser.call("GET", "/your-account")).body).toContain('lang="fr"');
  });

  test("a read is not", async () => {
    const browser = await new Browser().signIn(someone());
    const sent = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await browser.call("GET", "/v1/me", undefined, sent)).status).toBe(200);
  });
});

describe("ending", () => {
  test("one, elsewhere, at once; then all", async () => {
    const email = someone();
    const [here, there] = [
      await new Browser({ "user-agent": "Here" }).signIn(email),
      await new Browser({ "user-agent": "There" }).signIn(email),
    ];
    const { items } = (await here.call("GET", "/v1/me/sessions")).body;
    expect(items).toHaveLength(2);
    const other = items.find((one: { userAgent: string }) => one.userAgent === "There");
    expect(other).toMatchObject({ current: false, method: "mail" });
    expect(JSON.stringify(items)).not.toContain(here.cookies.get("__Host-session"));
    const gone = await here.call("DELETE", `/v1/me/sessions/${other.id}`);
    expect(gone.status).toBe(204);
    expectProblem(await there.call("GET", "/v1/me"), 401);
    expectProblem(await here.call("DELETE", `/v1/me/sessions/${other.id}`), 404);

    await there.signIn(email);
    expect((await there.call("DELETE", "/v1/me/sessions")).status).toBe(204);
    for (const browser of [here, there]) expectProblem(await browser.call("GET", "/v1/me"), 401);
  });

  test("nobody ends another's", async () => {
    const [mine, theirs] = [
      await new Browser().signIn(someone()),
      await new Browser().signIn(someone()),
    ];
    const { items } = (await theirs.call("GET", "/v1/me/sessions")).body;
    expectProblem(await mine.call("DELETE", `/v1/me/sessions/${items[0].id}`), 404);
    expect((await mine.form("/your-account/sessions", { session: items[0].id })).status).toBe(404);
    expect((await theirs.call("GET", "/v1/me")).status).toBe(200);
  });

  test("by signing out: the cookie goes, and its secret is worth nothing", async () => {
    const browser = await new Browser().signIn(someone());
    const stolen = `__Host-session=${browser.cookies.get("__Host-session")}`;
    const left = await browser.form("/sign-out");
    expect(left).toMatchObject({ status: 303 });
    expect(browser.cookies.has("__Host-session")).toBe(false);
    expectProblem(await new Browser({ cookie: stolen }).call("GET", "/v1/me"), 401);
  });

  test("signing in anew ends the session that the browser was in", async () => {
    const browser = await new Browser().signIn(someone());
    const old = `__Host-session=${browser.cookies.get("__Host-session")}`;
    await browser.signIn(someone());
    expectProblem(await new Browser({ cookie: old }).call("GET", "/v1/me"), 401);
  });

  test("after 30 days without use; use makes it last", async () => {
    const browser = await new Browser().signIn(someone());
    const { id } = (await browser.call("GET", "/v1/me")).body.session;
    const set = (lastSeenAt: number, expiresAt: number) =>
      DB.prepare(`update sessions set lastSeenAt = ?, expiresAt = ? where id = ?`)
        .bind(lastSeenAt, expiresAt, id)
        .run();
    const now = Date.now();
    await set(now - 29 * 86_400_000, now + 86_400_000);
    const reply = await browser.call("GET", "/v1/me");
    expect(reply.headers.getSetCookie()[0]).toContain("Max-Age=2592000");
    const { expiresAt } = (await browser.call("GET", "/v1/me")).body.session;
    expect(Date.parse(expiresAt)).toBeGreaterThan(now + 29 * 86_400_000);
    await set(now - 31 * 86_400_000, now - 1);
    expectProblem(await browser.call("GET", "/v1/me"), 401);
  });
});

test("an org can have its admins show a passkey", async () => {
  const org = await newOrg("Strict");
  const below = await call("POST", "/v1/orgs", { name: "Below", parent: org.id });
  const email = someone("boss");
  const made = await call("POST", `${org.at}/members`, {
    name: "Boss",
    email,
    role: "admin",
    scope: { all: true },
  });
  await accept(made.body.id, email);
  const browser = await new Browser().signIn(email);
  expectProblem(
    await browser.call("PATCH", org.at, { strongAdmins: true }),
    403,
    "strong_authentication_needed",
  );
  const set = await call("PATCH", org.at, { strongAdmins: true });
  expect(set.body).toMatchObject({ strongAdmins: true });
  for (const at of [org.at, `/v1/orgs/${below.body.id}`]) {
    expect((await browser.call("GET", at)).status).toBe(200);
    for (const reply of [
      await browser.call("GET", `${at}/members`),
      await browser.call("PATCH", at, { name: "Taken" }),
      await browser.call("POST", `${at}/keys`, { name: "key" }),
    ])
      expectProblem(reply, 403, "strong_authentication_needed");
  }
  await DB.prepare(
    `update sessions set strongAt = 1 where user = (select id from users where email = ?)`,
  )
    .bind(email)
    .run();
  expect((await browser.call("GET", `${org.at}/members`)).status).toBe(200);
  expect((await browser.call("PATCH", org.at, { strongAdmins: false })).status).toBe(200);
});
