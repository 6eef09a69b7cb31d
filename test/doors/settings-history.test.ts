import { expect, test } from "vitest";
import { Browser, call, newMember, newOrg } from "../support/http.ts";

test("the history says who did what and why, newest first, and is searched by its address", async () => {
  const org = await newOrg("History");
  const browser = await new Browser().signIn(org.admin);
  const { email, grant } = await newMember(org.at);
  await call("PATCH", `${org.at}/grants/${grant}`, { role: "commenter", reason: "The audit" });
  const at = `/${org.id}/settings/history`;
  const get = async (query: string) => (await browser.call("GET", at + query)).body as string;
  const all = await get("");
  expect(all).toContain("The audit");
  expect(all.indexOf("grant.changed")).toBeLessThan(all.indexOf("member.invited"));
  const filtered = await get("?what=grant.changed");
  expect(filtered.match(/<th scope="row">/g)).toHaveLength(1);
  expect((await get(`?who=${encodeURIComponent(email)}`)).match(/<th scope="row">/g)).toHaveLength(
    1,
  );
  expect(await get("?q=the+audit")).toContain("commenter");
  expect(await get("?before=2")).not.toContain("The audit");
  const csv = await get("?format=csv&what=grant.changed");
  expect(csv.trim().split("\r\n")).toHaveLength(2);
  const id = /settings\/history\/(\d+)/.exec(filtered)?.[1] ?? "";
  const one = await get(`/${id}`);
  expect(one).toContain("What it did to people");
  expect(one).toContain(`${email}: viewer`);
  expect((await browser.call("GET", `${at}/999999`)).status).toBe(404);
  expect((await browser.call("GET", `${at}/1e3`)).status).toBe(404);
});

test("who had access to a resource at an instant is asked by its address", async () => {
  const org = await newOrg("Then");
  const browser = await new Browser().signIn(org.admin);
  await call("PUT", `${org.at}/resources/site/hq`, { name: "Headquarters" });
  const before = new Date().toISOString().slice(0, -1);
  const { email } = await newMember(org.at);
  const at = `/${org.id}/settings/history/as-of`;
  const named = await browser.call("GET", `${at}?resource=headq`);
  expect(named.body).toContain("resource=site%3Ahq");
  const now = await browser.call("GET", `${at}?resource=site:hq`);
  expect(now.body).toContain(email);
  const then = await browser.call("GET", `${at}?resource=site:hq&on=${before}`);
  expect(then.status).toBe(200);
  expect(then.body).not.toContain(email);
  const wrong = await browser.call("GET", `${at}?resource=site:hq&on=nonsense`);
  expect(wrong.status).toBe(400);
  expect(wrong.body).toContain('value="nonsense"');
  expect(wrong.body).toContain('role="alert"');
  expect((await browser.call("GET", `${at}?resource=site:none`)).status).toBeLessThan(500);
});
