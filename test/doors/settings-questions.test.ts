import { beforeAll, describe, expect, test } from "vitest";
import { Browser, call, may, newMember, newOrg, someone } from "../support/http.ts";

const viewer = { role: "viewer", scope: { all: true } };

describe("why", () => {
  let org: Awaited<ReturnType<typeof newOrg>>;
  let admin: Browser;
  const ask = async (browser: Browser, query: Record<string, string>) => {
    const sent = new URLSearchParams(query).toString();
    return (await browser.call("GET", `/${org.id}/settings/why?${sent}`)).body as string;
  };
  beforeAll(async () => {
    org = await newOrg("Why");
    admin = await new Browser().signIn(org.admin);
    await call("PUT", `${org.at}/resources/site/hq`, { name: "HQ", tags: ["North"] });
  });

  test("says yes by each way, and no with what is missing and a way to mend it", async () => {
    const some = { role: "viewer", scope: { tags: ["South"] } };
    const { body: lea } = await call("POST", `${org.at}/members`, {
      name: "Lea",
      email: someone("lea"),
      status: "active",
      ...some,
    });
    const waits = await ask(admin, { person: lea.email, resource: "site:hq" });
    expect(waits).toContain("No.");
    const member = await newMember(org.at);
    const yes = await ask(admin, { person: org.admin, resource: "site:hq", action: "edit" });
    expect(yes).toContain("Yes.");
    const no = await ask(admin, { person: member.email, resource: "site:hq", action: "edit" });
    expect(no).toContain("No.");
    expect(no).toContain(`/team-members/${member.id}`);
    expect(no).toContain("/why/give");
    expect(await ask(admin, { person: "nobody@here.example", resource: "site:hq" })).toContain(
      "Invite a member",
    );
    const past = await ask(admin, { person: org.admin, resource: "site:hq", on: "2020-01-01" });
    expect(past).toContain("No.");
    expect(await ask(admin, { person: org.admin, resource: "nonsense" })).not.toContain("Yes.");
  });

  test("gives what is missing, after it has said what that means", async () => {
    const member = await newMember(org.at);
    expect(await may(org.id, member.email, "edit", "site:hq")).toBe(false);
    const of = { person: member.email, resource: "site:hq", action: "edit" };
    const path = `/${org.id}/settings/why/give`;
    const form = await admin.call("GET", `${path}?${new URLSearchParams(of).toString()}`);
    expect(form.body).toContain('value="standard.collaborator"');
    expect(form.body).not.toContain('value="standard.viewer"');
    const fields = { ...of, role: "standard.collaborator" };
    const seen = await admin.form(path, fields);
    expect(seen.status).toBe(200);
    expect(seen.body).toContain(member.email);
    expect(await may(org.id, member.email, "edit", "site:hq")).toBe(false);
    const given = await admin.form(path, { ...fields, sure: "yes" });
    expect(given.status).toBe(303);
    expect(await may(org.id, member.email, "edit", "site:hq")).toBe(true);
    expect((await admin.call("GET", given.headers.get("location") ?? "")).body).toContain("Yes.");
  });

  test("tells a member of themself alone, in their language", async () => {
    const member = await newMember(org.at);
    const own = await new Browser({ "accept-language": "fr" }).signIn(member.email);
    const said = await ask(own, { person: org.admin, resource: "site:hq", action: "delete" });
    expect(said).toContain("Non.");
    expect(said).not.toContain(org.admin);
    expect(said).not.toContain("/why/give");
  });
});

test("an access review is walked, asked about, answered and closed by its pages", async () => {
  const [acme, beta] = [await newOrg("Acme"), await newOrg("Beta")];
  await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ" });
  const offer = { to: { org: beta.id }, ...viewer };
  const { body: share } = await call("POST", `${acme.at}/shares`, offer);
  await call("POST", `${beta.at}/received-shares/${share.id}/accept`, {});
  const admin = await new Browser().signIn(acme.admin);
  const other = await new Browser().signIn(beta.admin);
  const started = await admin.form(`/${acme.id}/settings/access-review`, { of: "outside" });
  const page = started.headers.get("location") ?? "";
  expect(page).toMatch(/\/access-review\/rvw_/);
  expect((await admin.call("GET", page)).body).toContain("to be decided");
  const again = await admin.form(`/${acme.id}/settings/access-review`, { of: "outside" });
  expect(again.body).toContain('role="alert"');
  const decide = (fields: Record<string, string>) =>
    admin.form(`${page}/decide`, { item: share.id, to: "Beta", ...fields });
  expect((await decide({ act: "ask" })).status).toBe(303);
  const received = `/${beta.id}/settings/shared-with-us/${share.id}`;
  expect((await other.call("GET", received)).body).toContain("we still need this");
  expect((await other.form(`${received}/confirm`, {})).status).toBe(303);
  expect((await admin.call("GET", page)).body).toContain("still needed");
  const sure = await decide({ act: "end" });
  expect(sure.body).toContain("End what Beta has?");
  expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(true);
  expect((await decide({ act: "end", sure: "yes" })).status).toBe(303);
  expect(await may(acme.id, beta.admin, "view", "site:hq")).toBe(false);
  expect((await admin.form(`${page}/close`, {})).status).toBe(303);
  expect((await admin.call("GET", page)).body).toContain("closed");
});

test("pictures show who uses what, who shares with whom, and what was when, and say so as text", async () => {
  const [acme, beta] = [await newOrg("Acme"), await newOrg("Beta <b>")];
  await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ <i>" });
  await call("POST", `${acme.at}/shares`, { to: { org: beta.id }, ...viewer });
  const member = await newMember(acme.at);
  const admin = await new Browser().signIn(acme.admin);
  const see = async (path: string) =>
    (await admin.call("GET", `/${acme.id}/settings/${path}`)).body as string;
  const matrix = await see("matrix");
  expect(matrix).toMatch(/<rect[^>]*><title>[^<]*HQ &lt;i&gt;: /);
  expect(matrix).toContain(`<td>${member.email}</td>`);
  expect(await see("matrix?person=nobody@here.example")).toContain("nothing to show");
  const map = await see("map");
  expect(map).toMatch(/<line[^>]*class="waits"/);
  expect(map).toContain("Beta &lt;b&gt;");
  const grant = `${acme.at}/grants/${member.grant}`;
  const before = await see(`timeline?person=${encodeURIComponent(member.email)}`);
  expect(before).toContain("– now</title>");
  await call("DELETE", grant);
  const timeline = await see(`timeline?person=${encodeURIComponent(member.email)}`);
  expect(timeline).toMatch(/<rect[^>]*class="shade-2"/);
});
