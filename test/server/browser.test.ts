import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Browser, type CDPSession, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boot, type Server } from "../../src/local/server.ts";

/** A person at a real browser: pages, mails, and a passkey. Where there is no Chromium it is left out. */

const executablePath = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));

describe.skipIf(executablePath === undefined)("in a browser", () => {
  const state = mkdtempSync(join(tmpdir(), "latchkey-browser-"));
  const axe = readFileSync(
    resolve(import.meta.dirname, "../../node_modules/axe-core/axe.min.js"),
    "utf8",
  );
  const errors: string[] = [];
  let server: Server;
  let browser: Browser;
  let page: Page;
  let devtools: CDPSession;
  let base: string;

  beforeAll(async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    probe.close();
    base = `http://localhost:${port}`;
    const vars = { LATCHKEY_ROOT_KEY: "root", ORIGIN: base, DEV_MAIL: "1" };
    server = await boot({ port, state, vars });
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
    });
    const context = await browser.newContext({ locale: "en-US" });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    devtools = await context.newCDPSession(page);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(state, { recursive: true, force: true });
  });

  test("a mailed link signs in, in the browser that asked", async () => {
    await page.goto(`${base}/your-account`);
    await page.fill("#email", "ada@acme.example");
    await page.click("main button[type=submit]");
    await page.goto(`${base}/dev/mail`);
    await page.click("td a");
    await page.click(".said a");
    expect(await page.textContent("main")).toContain("ada@acme.example");
    await page.click("main button[type=submit]");
    expect(new URL(page.url()).pathname).toBe("/your-account");
  });

  test("a passkey is made, and signs in", async () => {
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.fill("#passkey-name", "Laptop");
    await page.click("[data-passkey=register]");
    await page.waitForSelector("text=Laptop");
    await page.click("header button");
    await page.waitForURL(`${base}/sign-in`);
    await page.click("[data-passkey=sign-in]");
    await page.waitForURL(`${base}/your-access`);
    await page.goto(`${base}/your-account`);
    expect(await page.textContent("main")).toContain("with passkey");
  });

  test.each([
    "/sign-in",
    "/sign-in/sent",
    "/your-access",
    "/your-account",
    "/change-address",
    "/dev/mail",
    "/docs",
  ])("%s is accessible", async (path) => {
    await page.goto(base + path);
    const { result } = await devtools.send("Runtime.evaluate", {
      expression: `${axe}; axe.run().then(({ violations }) => violations.map(({ id }) => id))`,
      awaitPromise: true,
      returnByValue: true,
    });
    expect(result.value).toEqual([]);
  });

  test("nothing was blocked or failed", () => {
    expect(errors).toEqual([]);
  });
});
