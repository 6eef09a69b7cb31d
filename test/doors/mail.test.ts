import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { rendered } from "../../src/doors/queues/mail.ts";
import { EVENTS, type EventName } from "../../src/events.ts";
import {
  accept,
  as,
  Browser,
  call,
  expectProblem,
  linkFor,
  mailTo,
  newMember,
  newOrg,
  someone,
} from "../support/http.ts";

/** What mails say, to whom they go, and how they are stopped. */

const { DB } = env as unknown as { DB: D1Database };
const terms = { role: "viewer", scope: { all: true } };

interface MailKind {
  told: readonly string[];
  mails?: readonly string[];
  informs?: true;
}
const KINDS = (Object.entries(EVENTS) as [EventName, MailKind][]).flatMap(([event, kind]) =>
  [...(kind.told.includes("person") ? ["person"] : []), ...(kind.mails ?? [])].map(
    (to) => [event, to, kind.informs ?? false] as const,
  ),
);

/** A mail of an event, as the record would have it. */
const rowOf = (event: string, to: string, more: object = {}) => ({
  id: "mail_test",
  org: 7,
  user: "usr_told",
  email: "told@people.example",
  kind: event,
  at: Date.UTC(2026, 10, 25),
  data: JSON.stringify({
    email: "who@people.example",
    to: "who@people.example",
    name: "North",
    type: "site",
    role: "viewer",
    owner: "Owner Ltd",
    partner: "12",
    expiresAt: "2027-01-31T12:00:00.000Z",
    org: { id: 7, name: "Acme" },
    toOrg: to === "person" ? null : to === "org" ? 7 : 8,
    ...(to === "person" ? {} : { us: to === "org" ? "Acme" : "Beta" }),
    actor: { id: "usr_actor", email: "actor@people.example" },
    ...more,
  }),
});
const say = (event: string, to: string, more?: object) =>
  rendered(rowOf(event, to, more), "https://latchkey.example", "root");

describe("what a mail says", () => {
  for (const [language, until] of [
    ["en", "January 31, 2027"],
    ["fr", "31 janvier 2027"],
  ] as const)
    test.each(KINDS)(`${language}: %s to %s`, async (event, to, informs) => {
      const { subject, text, html, headers } = await say(event, to, { language });
      for (const said of [subject, text, html]) expect(said).not.toMatch(/\{\w+\}|undefined|null/);
      expect(html).toContain(`lang="${language}"`);
      expect(subject.length).toBeGreaterThan(10);
      const links = [...text.matchAll(/https:\S+/g)].map(([link]) => link);
      expect(links).toHaveLength(informs ? 2 : 1);
      for (const link of links) {
        expect(link).toMatch(/^https:\/\/latchkey\.example\//);
        expect(html).toContain(`href="${link}"`);
      }
      // Nothing is loaded, so nobody learns who reads it.
      expect(html).not.toMatch(/<img|<script|url\(|src=/);
      expect(headers["X-Latchkey-Mail"]).toBe("mail_test");
      expect(headers["List-Unsubscribe"]).toBe(informs ? `<${links[1]}>` : undefined);
      if (event === "share.offered") expect(text).toContain(until);
    });

  test("the languages differ, and what is not there is not spoken of", async () => {
    const en = await say("share.offered", "person", { language: "en" });
    const fr = await say("share.offered", "person", { language: "fr" });
    expect(en.subject).toBe("Acme shares with you");
    expect(fr.subject).toBe("Acme partage avec vous");
    expect(en.text).toContain("Your role would be: viewer.");
    expect(fr.text).toContain("Votre rôle serait : lecteur.");
    const endless = await say("share.offered", "person", { expiresAt: null, role: undefined });
    expect(endless.text).not.toMatch(/end on|role/);
    const own = await say("share.offered", "person", { role: "crew.captain" });
    expect(own.text).toContain("crew.captain");
  });

  test("who acted is a person, an application, or Latchkey itself", async () => {
    const by = async (id: string) =>
      (await say("member.removed", "person", { actor: { id, email: null } })).text;
    expect(await by("platform")).toContain("Latchkey’s support took you out of Acme");
    expect(await by("latchkey")).toContain("Latchkey took you out of Acme");
    expect(await by("key_7_1_0")).toContain("An application of Acme took you out of Acme");
  });

  test("names bring no markup, no header and no message of their own", async () => {
    const name = `<script>alert(1)</script>"><img src=x>\r\nBcc: all@people.example\u202e`;
    const long = "x".repeat(5_000);
    const { subject, text, html } = await say("share.offered", "partner", {
      org: { id: 7, name },
      us: long,
    });
    expect(html).not.toMatch(/<script|<img/);
    expect(html).toContain("&lt;script&gt;");
    // oxlint-disable-next-line no-control-regex -- none of them may be there
    expect(subject).not.toMatch(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e]/);
    expect(subject.length).toBeLessThanOrEqual(200);
    expect(text).not.toMatch(/^Bcc:/m);
    expect(text.length).toBeLessThan(2_000);
  });

  test("the same row says the same, again and again", async () => {
    expect(await say("member.invited", "person")).toEqual(await say("member.invited", "person"));
  });

  test("a mail to sign in has the same layout, in both languages", async () => {
    for (const language of ["en", "fr"]) {
      const row = rowOf("sign-in", "person", { signIn: "sig_1", language });
      const { html, text, headers } = await rendered(row, "https://latchkey.example", "root");
      expect(html).toContain(`lang="${language}"`);
      expect(text).toMatch(/https:\/\/latchkey\.example\/sign-in\/\S+/);
      expect(headers).not.toHaveProperty("List-Unsubscribe");
    }
  });
});

interface Row {
  email: string;
  kind: string;
  data: string;
}
const settled = async (tree: number) => {
  for (let n = 0; n < 100; n++) {
    const waiting = await DB.prepare(
      `select count(*) as n from outbox where tree = ? and doneAt is null`,
    )
      .bind(tree)
      .first<{ n: number }>();
    if (waiting?.n === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the outbox does not empty");
};
/** Who is mailed what by an edit, in these orgs' trees. */
async function mailsBy(trees: readonly number[], edit: () => Promise<unknown>) {
  for (const tree of trees) await settled(tree);
  const last = await DB.prepare(`select coalesce(max(rowid), 0) as n from mails`).first<{
    n: number;
  }>();
  await edit();
  for (const tree of trees) await settled(tree);
  const made = await DB.prepare(
    `select email, kind, data from mails where rowid > ? and tree in (select value from json_each(?)) order by email`,
  )
    .bind(last?.n ?? 0, JSON.stringify(trees))
    .all<Row>();
  return made.results.map(({ email, kind }) => `${kind} ${email}`).toSorted();
}

const ok = async (reply: ReturnType<typeof call>) => {
  const { status, body } = await reply;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body;
};

describe("who is told", () => {
  let acme: Awaited<ReturnType<typeof newOrg>>;
  let beta: Awaited<ReturnType<typeof newOrg>>;
  let trees: number[];
  let second: string;
  beforeAll(async () => {
    [acme, beta] = [await newOrg("Acme"), await newOrg("Beta")];
    trees = [acme.id, beta.id];
    ({ email: second } = await newMember(beta.at, "admin"));
  });

  test("who is invited: with a link that signs in, where the invitation can be accepted", async () => {
    const email = someone("invited");
    const expiresAt = "2030-01-31T00:00:00.000Z";
    const made = await ok(
      call(
        "POST",
        `${acme.at}/members`,
        { name: "I", email, ...terms, role: "collaborator", expiresAt },
        as(acme.admin),
      ),
    );
    const { text, subject } = await rendered(
      await mailTo(email, "member.invited"),
      "http://latchkey.test",
      "root",
    );
    expect(subject).toBe(`${acme.admin} invites you to Acme`);
    expect(text).toContain("Your role there would be: collaborator.");
    expect(text).toContain("January 31, 2030");
    const browser = new Browser();
    const link = await linkFor(email, "member.invited");
    expect((await browser.call("POST", link, {})).status).toBe(200);
    await ok(browser.call("POST", `/v1/me/access/${made.id}/accept`, {}));
  });

  test("[R11] who was invited, again; and who withdraws tells it in a word", async () => {
    const email = someone("again");
    const made = await ok(call("POST", `${acme.at}/members`, { name: "A", email, ...terms }));
    expect(
      await mailsBy(trees, () => call("POST", `${acme.at}/members/${made.id}/resend`, {})),
    ).toEqual([`member.invited ${email}`]);
    expect(await mailsBy(trees, () => call("DELETE", `${acme.at}/members/${made.id}`))).toEqual([
      `member.removed ${email}`,
    ]);
  });

  test("who invited, when it is accepted or declined; nobody of what they did themselves", async () => {
    const invite = async (email: string) =>
      (await ok(call("POST", `${acme.at}/members`, { name: "J", email, ...terms }, as(acme.admin))))
        .id as string;
    const [joins, declines] = [someone("joins"), someone("declines")];
    const [one, other] = [await invite(joins), await invite(declines)];
    expect(await mailsBy(trees, () => accept(one, joins))).toEqual([`member.joined ${acme.admin}`]);
    expect(
      await mailsBy(trees, () => call("POST", `/v1/me/access/${other}/decline`, {}, as(declines))),
    ).toEqual([`member.declined ${acme.admin}`]);
  });

  test("[R15] a person with whom is shared, of all that becomes of it; and who shared", async () => {
    const email = someone("outside");
    const to = { email, name: "Out" };
    let id = "";
    const by = as(acme.admin);
    expect(
      await mailsBy(trees, async () => {
        id = (await ok(call("POST", `${acme.at}/shares`, { to, ...terms }, by))).id as string;
      }),
    ).toEqual([`share.offered ${email}`]);
    expect(
      await mailsBy(trees, () => call("POST", `${acme.at}/shares/${id}/resend`, {}, by)),
    ).toEqual([`share.offered ${email}`]);
    expect(await mailsBy(trees, () => accept(id, email))).toEqual([`share.accepted ${acme.admin}`]);
    expectProblem(await call("POST", `${acme.at}/shares/${id}/resend`, {}, by), 409, "conflict");
    expect(
      await mailsBy(trees, () =>
        call("PATCH", `${acme.at}/shares/${id}`, { role: "commenter" }, by),
      ),
    ).toEqual([`share.changed ${email}`]);
    expect(
      await mailsBy(trees, () => call("DELETE", `${acme.at}/shares/${id}`, undefined, by)),
    ).toEqual([`share.removed ${email}`]);
  });

  test("[R16] the admins of an org with which is shared, and then of the one that shares", async () => {
    let share = "";
    const betas = (kind: string) =>
      [beta.admin, second].toSorted().map((email) => `${kind} ${email}`);
    expect(
      await mailsBy(trees, async () => {
        const body = { to: { org: beta.id }, ...terms };
        share = (await ok(call("POST", `${acme.at}/shares`, body, as(acme.admin)))).id as string;
      }),
    ).toEqual([...betas("collaboration.asked"), ...betas("share.offered")]);
    expect(
      await mailsBy(trees, () =>
        call("POST", `${acme.at}/shares/${share}/resend`, {}, as(acme.admin)),
      ),
    ).toEqual(betas("share.offered"));
    const row = await mailTo(second, "share.offered");
    const { text } = await rendered(row, "http://latchkey.test", "root");
    expect(text).toContain(`/${beta.id}/settings/shared-with-us`);
    expect(text).toContain(acme.admin);
    expect(Object.keys(JSON.parse(row.data)).toSorted()).toEqual([
      "actor",
      "expiresAt",
      "language",
      "org",
      "role",
      "share",
      "toOrg",
      "us",
    ]);

    const at = `${beta.at}/received-shares/${share}`;
    const accepted = await mailsBy(trees, () => call("POST", `${at}/accept`, {}, as(beta.admin)));
    expect(accepted.toSorted()).toEqual([
      `collaboration.accepted ${acme.admin}`,
      `share.accepted ${acme.admin}`,
    ]);
    expectProblem(await call("POST", `${acme.at}/shares/${share}/resend`, {}), 409, "conflict");

    // A rule: whom it names; whom a team is, without who made it.
    const { id, email } = await newMember(beta.at);
    const pending = someone("pending");
    const waits = await ok(
      call("POST", `${beta.at}/members`, { name: "P", email: pending, ...terms }),
    );
    const team = await ok(call("POST", `${beta.at}/teams`, { name: "Crew" }));
    const admin = beta.adminMember;
    for (const member of [id, admin])
      await ok(call("PUT", `${beta.at}/teams/${team.id}/members/${member}`, {}));
    const rule = (to: unknown) => () =>
      call("POST", `${at}/rules`, { to, role: "viewer", scope: { all: true } }, as(beta.admin));
    expect(await mailsBy(trees, rule({ member: id }))).toEqual([`rule.added ${email}`]);
    expect(await mailsBy(trees, rule({ member: waits.id }))).toEqual([]);
    expect(await mailsBy(trees, rule({ team: team.id }))).toEqual([`rule.added ${email}`]);
    expect((await mailsBy(trees, rule("members"))).toSorted()).toEqual(
      [email, second].toSorted().map((one) => `rule.added ${one}`),
    );
    expect(await mailsBy(trees, rule("admins"))).toEqual([`rule.added ${second}`]);
    const told = await rendered(await mailTo(email, "rule.added"), "http://latchkey.test", "root");
    expect(told.text).toContain(`${beta.admin} lets you use what Acme shares with Beta.`);

    expect(
      await mailsBy(trees, () =>
        call("PATCH", `${acme.at}/shares/${share}`, {
          role: "viewer",
          expiresAt: "2031-01-01T00:00:00Z",
        }),
      ),
    ).toEqual(betas("share.changed"));
    expect(await mailsBy(trees, () => call("DELETE", `${acme.at}/shares/${share}`))).toEqual(
      betas("share.removed"),
    );
  });

  test("whom a grant reaches; a team past a thousand people is not written to one by one", async () => {
    const { id, email } = await newMember(acme.at);
    expect(
      await mailsBy(trees, () =>
        call("POST", `${acme.at}/members/${id}/grants`, {
          role: "commenter",
          scope: { tags: ["N"] },
        }),
      ),
    ).toEqual([`grant.added ${email}`]);
    const big = await newOrg("Big");
    const rows = Array.from({ length: 1_001 }, () => ({
      name: "M",
      email: someone("many"),
      role: "viewer",
      scope: { all: true },
      status: "active",
    }));
    const sent = { "content-type": "application/x-ndjson" };
    const ndjson = rows.map((row) => JSON.stringify(row)).join("\n");
    await ok(call("POST", `${big.at}/members/import`, ndjson, sent));
    const everyone = { to: "members", role: "viewer", scope: { all: true } };
    expect(await mailsBy([big.id], () => call("POST", `${big.at}/grants`, everyone))).toEqual([]);
  });

  test("[R27] who gets and who loses a role on the platform", async () => {
    const email = someone("platform");
    const made = await ok(call("POST", "/v1/platform/roles", { email, role: "sys_admin" }));
    const { text } = await rendered(
      await mailTo(email, "platformRole.granted"),
      "http://latchkey.test",
      "root",
    );
    expect(text).toContain("system administrator");
    await call("DELETE", `/v1/platform/roles/${made.id}`);
    await mailTo(email, "platformRole.removed");
  });

  test("a mail is in the language that its receiver chose; else in that of who acted", async () => {
    const setLanguage = (email: string, language: string) =>
      DB.prepare(`update users set language = ? where email = ?`).bind(language, email).run();
    const org = await newOrg("Langues");
    await setLanguage(org.admin, "fr");
    const invite = async (email: string) => {
      await ok(call("POST", `${org.at}/members`, { name: "L", email, ...terms }, as(org.admin)));
      return (await rendered(await mailTo(email, "member.invited"), "http://latchkey.test", "root"))
        .subject;
    };
    expect(await invite(someone("newcomer"))).toContain("vous invite");
    const known = someone("known");
    await newMember(acme.at, "viewer", known);
    await setLanguage(known, "en");
    expect(await invite(known)).toContain("invites you");
  });
});

describe("stopping mails", () => {
  const linkIn = async (email: string, kind: string) => {
    const { headers } = await rendered(await mailTo(email, kind), "http://latchkey.test", "root");
    expect(headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
    return /<http:\/\/latchkey\.test(\S+)>/.exec(headers["List-Unsubscribe"] ?? "")?.[1] ?? "";
  };
  const form = { authorization: null, "content-type": "application/x-www-form-urlencoded" };

  test("by one click of a mail program, about one org, and only what informs", async () => {
    const org = await newOrg("Chatty");
    const { id, email } = await newMember(org.at);
    const give = () =>
      call("POST", `${org.at}/members/${id}/grants`, { role: "commenter", scope: { tags: ["N"] } });
    expect(await mailsBy([org.id], give)).toEqual([`grant.added ${email}`]);
    const path = await linkIn(email, "grant.added");

    // Looking changes nothing: programs open links, too.
    const page = await call("GET", path, undefined, { authorization: null });
    expect(page.status).toBe(200);
    expect(page.body).toContain('method="post"');
    expect(await mailsBy([org.id], give)).toEqual([`grant.added ${email}`]);

    expect((await call("POST", path, "List-Unsubscribe=One-Click", form)).status).toBe(200);
    expect((await call("POST", path, "List-Unsubscribe=One-Click", form)).status).toBe(200);
    expect(await mailsBy([org.id], give)).toEqual([]);
    const other = await newOrg("Another");
    const there = await newMember(other.at, "viewer", email);
    expect(
      await mailsBy([other.id], () =>
        call("POST", `${other.at}/members/${there.id}/grants`, {
          role: "viewer",
          scope: { tags: ["N"] },
        }),
      ),
    ).toEqual([`grant.added ${email}`]);
    expect(await mailsBy([org.id], () => call("DELETE", `${org.at}/members/${id}`))).toEqual([
      `member.removed ${email}`,
    ]);

    expect((await call("POST", path, "again=1", form)).status).toBe(200);
    const back = await newMember(org.at, "viewer", email);
    expect(
      await mailsBy([org.id], () =>
        call("POST", `${org.at}/members/${back.id}/grants`, {
          role: "viewer",
          scope: { tags: ["N"] },
        }),
      ),
    ).toEqual([`grant.added ${email}`]);
  });

  test("only by a link of ours", async () => {
    const sign = await linkFor(await signedUp());
    for (const path of ["/unsubscribe/nothing", sign.replace("/sign-in/", "/unsubscribe/")]) {
      expect((await call("GET", path, undefined, { authorization: null })).status).toBe(404);
      expect((await call("POST", path, "List-Unsubscribe=One-Click", form)).status).toBe(404);
    }
  });

  async function signedUp(): Promise<string> {
    const email = someone("plain");
    await new Browser().call("POST", "/sign-in", { email });
    return email;
  }
});
