import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { executablePath, open, type Opened } from "./chromium.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/format.ts";
import { play, type Answer, type Transport } from "../scenarios/player.ts";

/*
 * The guides' scenarios and the answers to frequent questions, clicked through: each person opens the
 * link of a mail, fills forms and answers offers in a browser of their own, and checks over HTTP tell
 * what changed. What has no page of its own is done over the API.
 */

/** A server's clock goes on by itself: of a scenario that goes to another time, what comes before. */
function now({ steps, ...scenario }: Scenario): Scenario {
  const later = steps.findIndex((step) => "at" in step && step.at > 0);
  return { ...scenario, steps: later < 0 ? steps : steps.slice(0, later) };
}

describe.skipIf(executablePath === undefined)("clicked through in a browser", () => {
  let opened: Opened;
  let browser: Browser;
  let base: string;
  /** With scripts or without: the pages do the same. */
  let scripts = true;
  const people = new Map<string, { context: BrowserContext; page: Page }>();
  let clicked = 0;

  beforeAll(async () => {
    opened = await open();
    ({ base, browser } = opened);
  });

  afterEach(async () => {
    vi.useRealTimers();
    for (const { context } of people.values()) await context.close();
    people.clear();
  });

  afterAll(() => opened?.close());

  async function call(method: string, path: string, body: unknown, by: string | null) {
    const response = await fetch(base + path, {
      method,
      headers: {
        authorization: "Bearer root",
        "content-type": "application/json",
        ...(by === null ? {} : { "on-behalf-of": by }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: Answer = { status: response.status, body: text ? JSON.parse(text) : null };
    expect(answer.status).not.toBe(500);
    return answer;
  }

  const items = async (path: string) =>
    (await call("GET", `${path}?limit=1000`, undefined, null)).body.items as Row[];
  interface Row {
    readonly id: string;
    readonly email?: string;
    readonly to?: { readonly email?: string; readonly org?: number } | string;
    readonly grants?: readonly { readonly id: string }[];
    readonly status?: string;
  }

  /** The person's browser, signed in by the link of a mail that they were sent. */
  async function browserOf(email: string): Promise<Page> {
    const known = people.get(email);
    if (known) return known.page;
    const context = await browser.newContext({ locale: "en-US", javaScriptEnabled: scripts });
    const page = await context.newPage();
    const mail = page.locator("tr", { hasText: email }).locator("a");
    const arrives = async () => {
      for (let tries = 0; tries < 10; tries++) {
        await page.goto(`${base}/dev/mail`);
        if ((await mail.count()) > 0) return true;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return false;
    };
    if (await arrives()) {
      await mail.last().click();
    } else {
      // Nobody has told them anything: they ask for a link themselves.
      await page.goto(`${base}/sign-in`);
      await page.fill("#email", email);
      await page.click("main button[type=submit]");
      expect(await arrives()).toBe(true);
      await mail.first().click();
    }
    await page.click(".said a");
    await page.click("main button[type=submit]");
    people.set(email, { context, page });
    return page;
  }

  interface Terms {
    readonly role: string;
    readonly scope: { all?: true; tags?: string[]; resources?: string[] };
    readonly expiresAt?: string;
  }

  /** Fills the form of a role on a scope, sees what it would mean, and saves it; was it done? */
  async function saved(page: Page, { role, scope, expiresAt }: Partial<Terms>): Promise<boolean> {
    const short = role?.replace(/^standard\./, "");
    if (short !== undefined) {
      const choice = page.locator(`input[name=role][value="${short}"]`);
      // What the share does not allow cannot be chosen.
      if (await choice.isDisabled()) return false;
      await choice.check();
    }
    if (scope) await page.check(`#scope-${Object.keys(scope)[0] ?? "all"}`);
    if (scope?.tags) {
      for (const box of await page.locator("input[name=tag]:checked").all()) await box.uncheck();
      await page.fill("#f-otherTags", scope.tags.join(", "));
    }
    const others: string[] = [];
    for (const ref of scope?.resources ?? []) {
      const box = page.locator(`input[name=resource][value="${ref}"]`);
      if ((await box.count()) > 0) await box.check();
      else others.push(ref);
    }
    if (scope?.resources) await page.fill("#f-otherResources", others.join(", "));
    if (expiresAt !== undefined) await page.fill("#f-until", expiresAt.slice(0, 10));
    await page.click("button[value=check]");
    await page.click("button[value=save]");
    return wasDone(page);
  }

  /** What the page after a form says: that it was done, or why it was not. */
  async function wasDone(page: Page): Promise<boolean> {
    const said = page.locator("[role=status], [role=alert]").first();
    await said.waitFor({ timeout: 10_000 });
    return (await said.getAttribute("role")) === "status";
  }

  type Made = (Row & { readonly grants?: Row["grants"] }) | undefined;
  /** What an edit does by clicks; answers with what was made, or null where there is no such page. */
  type Click = (
    page: Page,
    parts: readonly string[],
    body: never,
  ) => Promise<Made | boolean | null>;

  /** Removes something by its button, and says yes to what will be lost. */
  async function remove(page: Page, at: string, action: string): Promise<boolean> {
    await page.goto(base + at);
    const button = page.locator(`form[action$="${action}"] button`);
    if ((await button.count()) === 0) return false;
    await button.first().click();
    await page.click("button.danger");
    return wasDone(page);
  }

  const CLICKS: readonly (readonly [string, RegExp, Click])[] = [
    [
      "POST",
      /^\/v1\/orgs\/(\d+)\/members$/,
      async (
        page,
        [org = ""],
        { name, email, ...terms }: Terms & { name: string; email: string },
      ) => {
        await page.goto(`${base}/${org}/settings/team-members/new`);
        if ((await page.locator("#f-email").count()) === 0) return false;
        await page.fill("#f-name", name);
        await page.fill("#f-email", email);
        if (!(await saved(page, terms))) return false;
        return (await items(`/v1/orgs/${org}/members`)).find((one) => one.email === email);
      },
    ],
    [
      "DELETE",
      /^\/v1\/orgs\/(\d+)\/members\/(\w+)$/,
      (page, [org = "", member = ""]) =>
        remove(page, `/${org}/settings/team-members/${member}`, `/${member}/remove`),
    ],
    [
      "POST",
      /^\/v1\/orgs\/(\d+)\/grants$/,
      async (page, [org = ""], { to, ...terms }: Terms & { to: string | { member?: string } }) => {
        if (typeof to === "string" || to.member === undefined) return null;
        const known = new Set(
          (
            await call("GET", `/v1/orgs/${org}/members/${to.member}`, undefined, null)
          ).body.grants?.map((grant: Row) => grant.id),
        );
        await page.goto(`${base}/${org}/settings/team-members/${to.member}/rules/new`);
        if ((await page.locator("#f-scope").count()) === 0) return false;
        if (!(await saved(page, terms))) return false;
        const { body } = await call("GET", `/v1/orgs/${org}/members/${to.member}`, undefined, null);
        return body.grants.find((grant: Row) => !known.has(grant.id));
      },
    ],
    [
      "POST",
      /^\/v1\/orgs\/(\d+)\/shares$/,
      async (
        page,
        [org = ""],
        { to, ...terms }: Terms & { to: { email?: string; name?: string; org?: number } },
      ) => {
        const known = new Set((await items(`/v1/orgs/${org}/shares`)).map(({ id }) => id));
        await page.goto(`${base}/${org}/settings/shared-by-us/new`);
        if ((await page.locator("#f-org").count()) === 0) return false;
        if (to.org === undefined) {
          await page.check("input[name=with][value=person]");
          await page.fill("#f-name", to.name ?? "");
          await page.fill("#f-email", to.email ?? "");
        } else {
          await page.check("input[name=with][value=org]");
          await page.fill("#f-org", String(to.org));
        }
        if (!(await saved(page, terms))) return false;
        return (await items(`/v1/orgs/${org}/shares`)).find(({ id }) => !known.has(id));
      },
    ],
    [
      "PATCH",
      /^\/v1\/orgs\/(\d+)\/shares\/(\w+)$/,
      async (page, [org = "", share = ""], terms: Partial<Terms>) => {
        await page.goto(`${base}/${org}/settings/shared-by-us/${share}`);
        if ((await page.locator("#f-scope").count()) === 0) return false;
        return saved(page, terms);
      },
    ],
    [
      "DELETE",
      /^\/v1\/orgs\/(\d+)\/shares\/(\w+)$/,
      (page, [org = "", share = ""]) =>
        remove(page, `/${org}/settings/shared-by-us`, `/${share}/remove`),
    ],
    [
      "POST",
      /^\/v1\/me\/access\/(\w+)\/(accept|decline)$/,
      async (page, [access = "", act = ""]) => {
        await page.goto(`${base}/your-access`);
        const row = page.locator(`form:has(input[name=access][value="${access}"])`);
        const button = row.locator(`button[value=${act}]`);
        if ((await button.count()) === 0) return false;
        await button.click();
        await button.waitFor({ state: "detached" });
        return true;
      },
    ],
    [
      "POST",
      /^\/v1\/orgs\/(\d+)\/received-shares\/(\w+)\/(accept|decline)$/,
      async (page, [org = "", share = "", act = ""]) => {
        await page.goto(`${base}/${org}/settings/shared-with-us/${share}`);
        const button = page.locator(`form[action$="/${share}/${act}"] button`);
        if ((await button.count()) === 0) return false;
        await button.click();
        if (act === "decline") await page.click("button.danger");
        return wasDone(page);
      },
    ],
    [
      "POST",
      /^\/v1\/orgs\/(\d+)\/received-shares\/(\w+)\/rules$/,
      async (
        page,
        [org = "", share = ""],
        { to, ...terms }: Terms & { to: string | { member?: string; team?: string } },
      ) => {
        const at = `/v1/orgs/${org}/received-shares/${share}/rules`;
        const known = new Set((await items(at)).map(({ id }) => id));
        await page.goto(`${base}/${org}/settings/shared-with-us/${share}/rules/new`);
        const select = page.locator("select[name=to]");
        if ((await select.count()) === 0) return false;
        const value =
          typeof to === "string"
            ? to
            : to.team === undefined
              ? `member:${to.member}`
              : `team:${to.team}`;
        await select.selectOption(value);
        if (!(await saved(page, terms))) return false;
        return (await items(at)).find(({ id }) => !known.has(id));
      },
    ],
    [
      "DELETE",
      /^\/v1\/orgs\/(\d+)\/received-shares\/(\w+)\/rules\/(\w+)$/,
      (page, [org = "", share = "", rule = ""]) =>
        remove(page, `/${org}/settings/shared-with-us/${share}`, `/rules/${rule}/remove`),
    ],
  ];

  const byClicks: Transport = {
    async edit(method, path, body, by) {
      const found = CLICKS.find(([wanted, at]) => wanted === method && at.test(path));
      if (!found || by === null) return call(method, path, body, by);
      const page = await browserOf(by);
      const done = await found[2](page, found[1].exec(path)?.slice(1) ?? [], body as never);
      if (done === null) return call(method, path, body, by);
      clicked++;
      if (done === true) return { status: 200, body: {} };
      if (done) return { status: 201, body: done };
      // The pages let nobody do it; the API says why.
      const said = await page.textContent("main");
      const refused = await call(method, path, body, by);
      expect(refused.status, `${method} ${path} by clicks: ${said}`).toBeGreaterThanOrEqual(400);
      return refused;
    },
    async members(org) {
      return new Map(
        (await items(`/v1/orgs/${org}/members`)).map(({ email = "", id }) => [email, id]),
      );
    },
    async decide(org, asked) {
      const evaluations = asked.map(({ email, action, type, id }) => ({
        subject: { type: "user", id: email },
        action: { name: action },
        resource: { type, id },
      }));
      const path = `/orgs/${org}/access/v1/evaluations`;
      const { body } = await call("POST", path, { evaluations }, null);
      return body.evaluations.map((one: { decision: boolean }) => one.decision);
    },
  };

  SCENARIOS.forEach((one, index) =>
    test(
      one.name,
      async () => {
        // Every other one without any script.
        scripts = index % 2 === 0;
        clicked = 0;
        await play(now(one), byClicks, `clicked${index}`);
        const people = one.steps.some((step) => "invite" in step || "share" in step);
        expect(clicked).toBeGreaterThan(people ? 0 : -1);
      },
      120_000,
    ),
  );
});
