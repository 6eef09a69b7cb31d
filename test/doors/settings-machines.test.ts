import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { Browser, call, newMember, newOrg, someone } from "../support/http.ts";

const { DB } = env as unknown as { DB: D1Database };
let org: Awaited<ReturnType<typeof newOrg>>;
let admin: Browser;
const at = (path: string) => `/${org.id}/settings/${path}`;
const HOOK = "http://127.0.0.1:9/hook";

beforeAll(async () => {
  org = await newOrg("Machines");
  admin = await new Browser().signIn(org.admin);
});

/** The secret that a page shows once. */
function secretOf(reply: { status: number; headers: Headers; body: unknown }): string {
  expect(reply.status).toBe(200);
  expect(reply.headers.get("cache-control")).toBe("no-store");
  return /id="secret">([^<]+)</.exec(reply.body as string)?.[1] ?? "";
}

test("a webhook is added, its secret is shown once, and it is changed, rotated, disabled and removed", async () => {
  const wrong = await admin.form(at("webhooks/new"), { url: "nonsense", events: "team.created" });
  expect(wrong.status).toBe(422);
  expect(wrong.body).toMatch(
    /id="f-url"[^>]*value="nonsense"[^>]*aria-describedby="f-url-hint f-url-error"/,
  );
  expect(wrong.body).toMatch(/value="team.created" checked/);
  const fields = { name: "Portal", url: HOOK, events: "team.created" };
  const secret = secretOf(await admin.form(at("webhooks/new"), fields));
  expect(secret).toMatch(/^whsec_/);
  const hook = async () => (await call("GET", `${org.at}/webhooks`)).body.items[0];
  expect(await hook()).toMatchObject({ name: "Portal", url: HOOK, events: ["team.created"] });
  const { id } = await hook();
  const own = at(`webhooks/${id}`);
  expect((await admin.call("GET", own)).body).not.toContain(secret);
  const changed = { name: "Portal 2", url: HOOK, asymmetric: "yes" };
  expect((await admin.form(own, changed)).status).toBe(303);
  expect(await hook()).toMatchObject({ name: "Portal 2", events: ["*"], asymmetric: true });
  expect((await admin.form(own, { ...changed, url: "" })).status).toBe(400);
  expect((await admin.form(`${own}/rotate`)).body).toContain("The old one still signs");
  const next = secretOf(await admin.form(`${own}/rotate`, { sure: "yes" }));
  expect(next).not.toBe(secret);
  expect((await admin.form(`${own}/status`, { status: "disabled" })).status).toBe(303);
  expect((await admin.call("GET", own)).body).toContain(">Enable<");
  expect((await admin.form(`${own}/remove`)).body).toContain(HOOK);
  expect((await admin.form(`${own}/remove`, { sure: "yes" })).status).toBe(303);
  expect((await admin.call("GET", own)).status).toBe(404);
});

test("deliveries are seen, and sent again one by one or since a day", async () => {
  const made = await call("POST", `${org.at}/webhooks`, { url: HOOK, events: ["team.created"] });
  const own = at(`webhooks/${made.body.id}/deliveries`);
  expect((await admin.call("GET", own)).body).toContain("Send a test event");
  const tested = await admin.form(at(`webhooks/${made.body.id}/test`));
  expect(tested.headers.get("location")).toBe(`${own}?done=queued`);
  const all = async () =>
    (await call("GET", `${org.at}/webhooks/${made.body.id}/deliveries`)).body.items as {
      id: string;
    }[];
  expect(await all()).toHaveLength(1);
  const page = (await admin.call("GET", own)).body as string;
  const [, delivery = ""] = /name="delivery" value="([^"]+)"/.exec(page) ?? [];
  expect(delivery).toBe((await all())[0]?.id);
  expect((await admin.form(`${own}/again`, { delivery })).status).toBe(303);
  expect((await admin.form(`${own}/again`, { delivery: "dlv_none" })).status).toBe(404);
  const wrong = await admin.form(own, { since: "soon", which: "failed" });
  expect(wrong.status).toBe(400);
  expect(wrong.body).toContain('value="soon"');
  const since = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  expect((await admin.form(own, { since, which: "" })).status).toBe(303);
});

test("mails are seen by what became of them, and those that failed are sent again", async () => {
  const email = someone("mailed");
  await newMember(org.at, "viewer", email);
  const { items } = (await call("GET", `${org.at}/mails`)).body;
  const mail = items.find((one: { to: string }) => one.to === email);
  await DB.prepare("update mails set status = 'failed' where id = ?").bind(mail.id).run();
  expect((await admin.call("GET", at("mails?status=failed"))).body).toContain(email);
  expect((await admin.call("GET", at("mails?status=suppressed"))).body).not.toContain(email);
  expect((await admin.form(at(`mails/${mail.id}/send`))).status).toBe(303);
  expect((await call("GET", `${org.at}/mails/${mail.id}`)).body.status).not.toBe("failed");
});

test("a key is shown once, works, and is removed", async () => {
  const wrong = await admin.form(at("keys/new"), { name: "Portal" });
  expect(wrong.status).toBe(400);
  expect(wrong.body).toContain('value="Portal"');
  const token = secretOf(await admin.form(at("keys/new"), { name: "Portal", holds: "manage" }));
  const authorization = `Bearer ${token}`;
  const members = `${org.at}/members`;
  expect((await call("GET", members, undefined, { authorization })).status).toBe(200);
  const page = (await admin.call("GET", at("keys"))).body as string;
  expect(page).toContain("Portal");
  expect(page).not.toContain(token);
  const [, id = ""] = /keys\/(key_\w+)\/remove/.exec(page) ?? [];
  expect((await admin.form(at(`keys/${id}/remove`))).body).toContain("Remove the key Portal?");
  expect((await admin.form(at(`keys/${id}/remove`), { sure: "yes" })).status).toBe(303);
  expect((await call("GET", members, undefined, { authorization })).status).toBe(401);
});

test("an issuer is added, changed and trusted no longer", async () => {
  const fields = { issuer: "http://127.0.0.1:9", audience: "latchkey", claim: "", jwksUrl: "" };
  const wrong = await admin.form(at("issuers/new"), {
    ...fields,
    audience: "",
    algorithms: "ES256",
  });
  expect(wrong.status).toBe(400);
  expect(wrong.body).toMatch(/id="f-audience"[^>]*aria-invalid="true"/);
  expect(wrong.body).toMatch(/value="ES256" checked/);
  expect(wrong.body).not.toMatch(/value="RS256" checked/);
  expect((await admin.form(at("issuers/new"), { ...fields, algorithms: "ES256" })).status).toBe(
    303,
  );
  const [issuer] = (await call("GET", `${org.at}/issuers`)).body.items;
  expect(issuer).toMatchObject({ audience: "latchkey", claim: "email", algorithms: ["ES256"] });
  const own = at(`issuers/${issuer.id}`);
  const changed = { audience: "other", claim: "mail", jwksUrl: "", algorithms: "RS256" };
  expect((await admin.form(own, changed)).status).toBe(303);
  expect((await call("GET", `${org.at}/issuers/${issuer.id}`)).body).toMatchObject({
    audience: "other",
    claim: "mail",
    algorithms: ["RS256"],
  });
  expect((await admin.form(`${own}/remove`)).body).toContain("refused at once");
  expect((await admin.form(`${own}/remove`, { sure: "yes" })).status).toBe(303);
  expect((await admin.call("GET", own)).status).toBe(404);
});
