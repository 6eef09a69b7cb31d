import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { executablePath, open, type Opened } from "./chromium.ts";

/** A person at a real browser: pages, mails, and a passkey. Where there is no Chromium it is left out. */

describe.skipIf(executablePath === undefined)("in a browser", () => {
  const axe = readFileSync(
    resolve(import.meta.dirname, "../../node_modules/axe-core/axe.min.js"),
    "utf8",
  );
  const errors: string[] = [];
  let opened: Opened;
  let browser: Browser;
  let page: Page;
  let devtools: CDPSession;
  let base: string;

  beforeAll(async () => {
    opened = await open();
    ({ base, browser } = opened);
    const context = await browser.newContext({ locale: "en-US" });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    devtools = await context.newCDPSession(page);
  });

  afterAll(() => opened?.close());

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
    expect(await violations()).toEqual([]);
  });

  async function violations() {
    const { result } = await devtools.send("Runtime.evaluate", {
      expression: `${axe}; axe.run().then(({ violations }) => violations.map(({ id }) => id))`,
      awaitPromise: true,
      returnByValue: true,
    });
    return result.value as unknown;
  }

  async function call(method: string, path: string, body?: object, person?: string) {
    const response = await fetch(base + path, {
      method,
      headers: {
        authorization: "Bearer root",
        "content-type": "application/json",
        ...(person === undefined ? {} : { "on-behalf-of": person }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(response.status).toBeLessThan(300);
    return (await response.json()) as { id: number; items: { id: string }[] };
  }

  describe("the settings of an organisation", () => {
    const ada = "ada@acme.example";
    let settings: string;

    beforeAll(async () => {
      const made = await call("POST", "/v1/orgs", {
        name: "Acme",
        admin: { name: "Ada", email: ada },
      });
      const at = `/v1/orgs/${made.id}`;
      settings = `/${made.id}/settings`;
      const members = await call("GET", `${at}/members`);
      const id = members.items[0]?.id ?? "";
      await call("POST", `/v1/me/access/${id}/accept`, {}, ada);
      await call("PUT", `${at}/resources/site/hq`, { name: "HQ", tags: ["North"] });
      await call("POST", `${at}/teams`, { name: "Field" });
      for (let n = 0; n < 9; n++)
        await call("POST", `${at}/members`, {
          name: `Person ${n}`,
          email: `p${n}@acme.example`,
          role: "viewer",
          scope: { tags: ["North"] },
        });
    });

    test.each(
      [
        "your-access why why?person=ada@acme.example&resource=site:hq why/give?person=p1@acme.example&resource=site:hq access-review matrix map timeline timeline?person=ada@acme.example team-members team-members/new teams teams/new shared-by-us shared-by-us/new shared-with-us sharing sharing/several sharing/site/hq history history/1 history/as-of?resource=site:hq resources resources/new resources/import resources/site/hq resources/site/hq/access tags tags/North collaborations collaborations/new sub-workspaces sub-workspaces/new organisation",
        "types types/new types/of/project types/role-sets/new types/role-sets/standard libraries libraries/new webhooks webhooks/new mails keys keys/new issuers issuers/new",
      ].flatMap((paths) => paths.split(" ")),
    )("%s is accessible, wide and narrow, light and dark", async (path) => {
      for (const [width, colorScheme] of [
        [1200, "light"],
        [360, "dark"],
      ] as const) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        await page.goto(`${base}${settings}/${path}`);
        expect(await violations()).toEqual([]);
        const beyond = await page.evaluate<number>(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        expect(beyond).toBe(0);
      }
    });

    test("a table is filtered as one types, and its address says so", async () => {
      await page.goto(`${base}${settings}/team-members`);
      await page.fill("input[name=q]", "Person 4");
      await page.waitForURL(/q=Person/);
      expect(await page.locator("tbody tr").count()).toBe(1);
    });

    test("without any script, a member is invited, seen and removed", async () => {
      const context = await browser.newContext({
        javaScriptEnabled: false,
        storageState: await page.context().storageState(),
      });
      const still = await context.newPage();
      await still.goto(`${base}${settings}/team-members/new`);
      await still.fill("#f-name", "Grace");
      await still.fill("#f-email", "grace@acme.example");
      await still.check("#scope-tags");
      await still.check("#tag-0");
      await still.click("button[value=check]");
      expect(await still.textContent("main")).toContain("Grace will be viewer of tagged North");
      await still.click("button[value=save]");
      expect(await still.textContent("[role=status]")).toContain("on its way");
      await still.goto(`${base}${settings}/team-members?q=grace`);
      await still.click("tbody th a");
      await still.click("main >> text=Remove this member");
      expect(await still.textContent("main")).toContain("cannot be undone");
      await still.click("button.danger");
      expect(await still.textContent("[role=status]")).toContain("Removed");
      await context.close();
    });

    test("without any script, resources are imported from a file and tagged at once", async () => {
      const context = await browser.newContext({
        javaScriptEnabled: false,
        storageState: await page.context().storageState(),
      });
      const still = await context.newPage();
      await still.goto(`${base}${settings}/resources/import`);
      const rows = Array.from({ length: 600 }, (_, n) => `site,f${n},Farm ${n}`);
      await still.setInputFiles("#f-file", {
        name: "farms.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(["type,id,name", ...rows, "site,,Nowhere"].join("\n")),
      });
      await still.click("main form button");
      await still.waitForLoadState("load");
      expect(await still.textContent(".import")).toContain("Taken: 600. Refused: 1.");
      expect(await still.locator("progress:visible").count()).toBe(1);
      await still.goto(`${base}${settings}/resources?q=Farm+59`);
      await still.check("tbody tr:nth-child(1) input");
      await still.check("tbody tr:nth-child(2) input");
      await still.click("button[value=choose]");
      await still.fill("#f-add", "Dairy");
      await still.click("button[value=save]");
      await still.goto(`${base}${settings}/tags/dairy`);
      expect(await still.textContent("main")).toContain("2 resources");
      await context.close();
    });
  });

  test("nothing was blocked or failed", () => {
    expect(errors).toEqual([]);
  });
});
