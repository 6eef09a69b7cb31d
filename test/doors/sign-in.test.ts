import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { rendered } from "../../src/doors/queues/mail.ts";
import {
  as,
  Browser,
  call,
  expectProblem,
  linkFor,
  mailTo,
  newOrg,
  someone,
} from "../support/http.ts";

const { DB } = env as unknown as { DB: D1Database };
const terms = { role: "viewer", scope: { all: true } };

describe("asking for a link", () => {
  test("the answer does not tell whether an address is known", async () => {
    const known = someone("known");
    await new Browser().signIn(known);
    const seen = async (email: string) => {
      const asked = await new Browser().call("POST", "/sign-in", { email });
      const sent = await new Browser().form("/sign-in", { email });
      const shape = (set: string[]) => set.map((one) => one.replace(/=[\w-]{43};/, "=…;"));
      return [asked, sent].map(({ status, headers, body }) => ({
        status,
        body,
        location: headers.get("location"),
        cookies: shape(headers.getSetCookie()),
      }));
    };
    const unknown = someone("unknown");
    expect(await seen(known)).toEqual(await seen(unknown));
    expect((await seen(known))[0]).toMatchObject({ status: 202, body: { status: "sent" } });
    expect(await mailTo(unknown)).toMatchObject({ kind: "sign-in", email: unknown });
    const users = await DB.prepare(`select count(*) as n from users where email = ?`)
      .bind(unknown)
      .first();
    expect(users).toEqual({ n: 0 });
  });

  test("what is no address is said to be none", async () => {
    expectProblem(await new Browser().call("POST", "/sign-in", { email: "no" }), 400, "invalid");
    const page = await new Browser().form("/sign-in", { email: "no" });
    expect(page.status).toBe(400);
    expect(page.body).toContain('aria-invalid="true"');
  });

  test("the record holds no secret, and the mail says the same each time", async () => {
    const email = someone();
    await new Browser().call("POST", "/sign-in", { email });
    const mail = await mailTo(email);
    const once = await rendered(mail, "http://latchkey.test", "root");
    expect(await rendered(mail, "http://latchkey.test", "root")).toEqual(once);
    const token = /sign-in\/(\S+)/.exec(once.text)?.[1] ?? "";
    expect(JSON.stringify(mail)).not.toContain(token.split(".")[2]);
    expect(await rendered(mail, "http://latchkey.test", "another key")).not.toEqual(once);
  });

  test("the mail is in the language of who asked", async () => {
    const email = someone();
    await new Browser({ "accept-language": "fr-FR,fr;q=0.9" }).call("POST", "/sign-in", { email });
    const { subject } = await rendered(await mailTo(email), "http://latchkey.test", "root");
    expect(subject).toBe("Votre lien de connexion à Latchkey");
  });

  test("an address is sent a limited number of links, whoever asks", async () => {
    const email = someone();
    const replies = [];
    for (let n = 0; n < 6; n++)
      replies.push(await new Browser().call("POST", "/sign-in", { email }));
    expect(replies.slice(0, 5).map((reply) => reply.status)).toEqual([202, 202, 202, 202, 202]);
    expectProblem(replies[5] as never, 429, "rate_limited");
    expect(Number(replies[5]?.headers.get("retry-after"))).toBeGreaterThan(1);
  });

  test("a network makes a limited number of attempts, of whatever kind", async () => {
    const browser = new Browser({ "cf-connecting-ip": "2001:db8:1:2::1" });
    for (let n = 0; n < 60; n++)
      await browser.call(
        "POST",
        `/sign-in/${n}.guess.guess`,
        {},
        { "cf-connecting-ip": `2001:db8:1:2::${n}` },
      );
    expectProblem(await browser.call("POST", "/sign-in/guess", {}), 429, "rate_limited");
    expectProblem(
      await browser.call("POST", "/sign-in", { email: someone() }),
      429,
      "rate_limited",
    );
    const elsewhere = new Browser({ "cf-connecting-ip": "2001:db8:1:3::1" });
    expect((await elsewhere.call("POST", "/sign-in", { email: someone() })).status).toBe(202);
  });
});

describe("using a link", () => {
  test("opening it changes nothing; its button signs in, once, and makes the account", async () => {
    const email = someone();
    const browser = new Browser();
    await browser.form("/sign-in", { email, next: "/your-account" });
    const link = await linkFor(email);
    const page = await browser.call("GET", link);
    expect(page.status).toBe(200);
    expect(page.body).toContain(email);
    expectProblem(await browser.call("GET", "/v1/me"), 401, "unauthenticated");

    const signedIn = await browser.form(link);
    expect(signedIn.status).toBe(303);
    expect(signedIn.headers.get("location")).toBe("/your-account");
    const cookie = signedIn.headers.getSetCookie().find((one) => one.includes("session"));
    expect(cookie).toMatch(/^__Host-session=[\w-]{43}; /);
    for (const part of ["Max-Age=2592000", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"])
      expect(cookie).toContain(part);
    expect((await browser.call("GET", "/v1/me")).body).toMatchObject({
      email,
      session: { method: "mail", strong: false, current: true },
    });
    const user = await DB.prepare(`select provenAt from users where email = ?`).bind(email).first();
    expect(user?.["provenAt"]).toEqual(expect.any(Number));

    const again = await browser.form(link);
    expect(again.status).toBe(410);
    expect(again.body).toContain("used already");
  });

  test("two at once: one signs in", async () => {
    const email = someone();
    const browser = new Browser();
    await browser.call("POST", "/sign-in", { email });
    const link = await linkFor(email);
    const both = await Promise.all([
      browser.call("POST", link, {}),
      browser.call("POST", link, {}),
    ]);
    expect(both.map((reply) => reply.status).toSorted((a, b) => a - b)).toEqual([200, 410]);
  });

  test("it works in the browser that asked, and is not used up by another", async () => {
    const email = someone();
    const browser = new Browser();
    await browser.call("POST", "/sign-in", { email });
    const link = await linkFor(email);
    const stranger = new Browser();
    expect((await stranger.form(link)).status).toBe(403);
    await stranger.call("POST", "/sign-in", { email: someone() });
    expect((await stranger.form(link)).status).toBe(403);
    expectProblem(await stranger.call("GET", "/v1/me"), 401);
    expect((await browser.form(link)).status).toBe(303);
  });

  test("it ends after 15 minutes", async () => {
    const email = someone();
    const browser = new Browser();
    await browser.call("POST", "/sign-in", { email });
    const mail = await mailTo(email);
    const late = { ...mail, at: mail.at - 15 * 60_000 - 1_000 };
    const { text } = await rendered(late, "http://latchkey.test", "root");
    const path = /latchkey\.test(\S+)/.exec(text)?.[1] ?? "";
    expect((await browser.form(path)).status).toBe(410);
    await DB.prepare(`update signIns set expiresAt = ? where email = ?`)
      .bind(Date.now() - 1, email)
      .run();
    expect((await browser.form(await linkFor(email))).status).toBe(410);
  });

  test.each(["a", "a.b.c", "x".repeat(2_000)])("a made-up link is none: %s", async (token) => {
    expect((await new Browser().call("GET", `/sign-in/${token}`)).status).toBe(410);
    expect((await new Browser().form(`/sign-in/${token}`)).status).toBe(410);
  });

  test("it never leads away from here", async () => {
    for (const next of ["//evil.example", "/\\evil.example", "https://evil.example", "evil"]) {
      const email = someone();
      const browser = new Browser();
      await browser.form("/sign-in", { email, next });
      const reply = await browser.form(await linkFor(email));
      expect(reply.headers.get("location")).toBe("/your-access");
    }
  });
});

describe("an invitation's link", () => {
  async function invited() {
    const org = await newOrg("Inviting");
    const email = someone("invited");
    const made = await call("POST", `${org.at}/members`, { name: "New", email, ...terms });
    expect(made.status).toBe(201);
    await expect.poll(() => mailTo(email, "member.invited").catch(() => null)).not.toBeNull();
    return { org, email, member: made.body.id as string };
  }

  test("[R8] it opens anywhere, makes the account, and leads to where it is accepted", async () => {
    const { org, email, member } = await invited();
    const browser = new Browser();
    const link = await linkFor(email, "member.invited");
    expect((await browser.call("GET", link)).body).toContain("invited");
    const signedIn = await browser.form(link);
    expect(signedIn.headers.get("location")).toBe("/your-access");
    const page = await browser.call("GET", "/your-access");
    expect(page.body).toContain("Inviting");
    expect(page.body).toContain('value="accept"');
    expectProblem(await browser.call("GET", org.at), 404);

    expect((await browser.form("/your-access", { access: member, act: "accept" })).status).toBe(
      303,
    );
    expect((await browser.call("GET", org.at)).status).toBe(200);
    expect((await new Browser().form(link)).status).toBe(410);
    expect((await browser.form("/your-access", { access: member, act: "leave" })).status).toBe(303);
    expectProblem(await browser.call("GET", org.at), 404);
  });

  test("accepting works for the address it was sent to, and no other", async () => {
    const { member } = await invited();
    const other = await new Browser().signIn(someone("other"));
    expect((await other.form("/your-access", { access: member, act: "accept" })).status).toBe(404);
    expectProblem(await other.call("POST", `/v1/me/access/${member}/accept`, {}), 404);
  });

  test("[R15] a share to an address without an account invites it, and can be declined", async () => {
    const org = await newOrg("Sharing");
    const email = someone("consultant");
    const share = await call("POST", `${org.at}/shares`, { to: { email, name: "Con" }, ...terms });
    await expect.poll(() => mailTo(email, "share.offered").catch(() => null)).not.toBeNull();
    const browser = new Browser();
    await browser.form(await linkFor(email, "share.offered"));
    expect(
      (await browser.form("/your-access", { access: share.body.id, act: "decline" })).status,
    ).toBe(303);
    expect((await browser.call("GET", "/v1/me/access", undefined, {})).body.items).toEqual([]);
    const seen = await call("GET", `${org.at}/shares/${share.body.id}`, undefined, as(org.admin));
    expect(seen.body.status).toBe("declined");
  });

  test("it ends after 14 days", async () => {
    const { email } = await invited();
    const mail = await mailTo(email, "member.invited");
    const late = { ...mail, at: mail.at - 14 * 86_400_000 - 1_000 };
    const { text } = await rendered(late, "http://latchkey.test", "root");
    const path = /latchkey\.test(\S+)/.exec(text)?.[1] ?? "";
    expect((await new Browser().form(path)).status).toBe(410);
  });
});
