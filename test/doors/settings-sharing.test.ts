import { beforeAll, expect, test } from "vitest";
import { as, Browser, call, newMember, newOrg } from "../support/http.ts";

let org: Awaited<ReturnType<typeof newOrg>>;
let admin: Browser;
let guest: Awaited<ReturnType<typeof newMember>>;
const at = (path: string) => `/${org.id}/settings/sharing${path}`;

beforeAll(async () => {
  org = await newOrg("Sharing");
  admin = await new Browser().signIn(org.admin);
  guest = await newMember(org.at);
  for (const id of ["p1", "p2"]) await putProject(id);
});

/** A project is nobody's until they take it in the open: the page of sharing offers that [R7]. */
async function putProject(id: string) {
  await call("PUT", `${org.at}/resources/project/${id}`, { name: `Project ${id}` });
  const opened = await admin.call("GET", `/${org.id}/settings/sharing?ref=project:${id}`);
  expect(opened.headers.get("location")).toBe(at(`/project/${id}`));
  const page = await admin.call("GET", at(`/project/${id}`));
  expect(page.body).toContain("Take access myself");
  expect(page.body).not.toContain("Let others in<");
  expect((await admin.form(at(`/project/${id}/elevate`))).status).toBe(303);
}

const rolesOf = async (): Promise<string[]> => {
  const { body } = await admin.call("GET", at("/project/p1"));
  return [...(body as string).matchAll(/name="role" value="([^"]+)"/g)].map(
    ([, role]) => role ?? "",
  );
};

test("[R29] several resources at once: what is missing is said in words, what was typed stays", async () => {
  const [role = ""] = await rolesOf();
  const wrong = await admin.form(at("/several"), { resource: "project:p1", role, step: "save" });
  expect(wrong.status).toBe(400);
  expect(wrong.body).toContain("Say who");
  expect(wrong.body).toMatch(/value="project:p1"[^>]*checked/);
  const found = await admin.form(at("/several"), { find: "p2", emails: guest.email, step: "find" });
  expect(found.body).toContain(guest.email);
  expect(found.body).toContain("project:p2");
  expect(found.body).not.toContain("project:p1");
  const unknown = await admin.form(at("/several"), {
    resource: "project:p1",
    emails: "nobody@x.example",
    role,
    step: "save",
  });
  expect(unknown.status).toBe(422);
  expect(unknown.body).toContain('aria-invalid="true"');
  const fields = { resource: "project:p1", emails: guest.email, role };
  const looked = await admin.form(at("/several"), { ...fields, step: "check" });
  expect(looked.body).toContain("What it will mean");
  expect((await admin.form(at("/several"), { ...fields, step: "save" })).status).toBe(303);
  const { body } = await call("GET", `${org.at}/resources/project/p1/recipients`);
  expect(body.items).toContainEqual(
    expect.objectContaining({ to: expect.objectContaining({ email: guest.email }) }),
  );
});

test("[R30] a member who holds a role that passes it on shares it, changes and takes it; others may not look", async () => {
  const holder = await newMember(org.at);
  const other = await newMember(org.at);
  const roles = await rolesOf();
  const top = roles.at(-1) ?? "";
  const lent = { members: "", emails: holder.email, role: top, step: "save" };
  expect((await admin.form(at("/project/p2"), lent)).status).toBe(303);
  const browser = await new Browser().signIn(holder.email);
  const page = await browser.call("GET", at("/project/p2"));
  expect(page.status).toBe(200);
  expect(page.body).toContain("Project p2");
  const given = { emails: other.email, role: roles[0] ?? "", until: "2099-12-31", step: "save" };
  expect((await browser.form(at("/project/p2"), given)).status).toBe(303);
  const path = `${org.at}/resources/project/p2/recipients`;
  const of = async (email: string) =>
    (await call("GET", path)).body.items.find(
      (one: { to: { email?: string } }) => one.to.email === email,
    );
  const made = await of(other.email);
  expect(made).toMatchObject({ expiresAt: "2099-12-31T23:59:59.000Z" });
  const own = at(`/project/p2/recipients/${made.id}`);
  expect((await browser.call("GET", own)).body).toContain('value="2099-12-31"');
  const changed = { role: roles[0] ?? "", until: "", reason: "Goes on", step: "save" };
  expect((await browser.form(own, changed)).status).toBe(303);
  expect(await of(other.email)).toMatchObject({ expiresAt: null, reason: "Goes on" });
  const outsider = await new Browser().signIn(other.email);
  expect((await outsider.call("GET", at("/project/p2"))).status).toBe(403);
  expect((await outsider.form(`${own}/remove`, { sure: "yes" })).status).toBe(403);
  expect((await browser.form(`${own}/remove`)).body).toContain("Take Project p2 from");
  expect((await browser.form(`${own}/remove`, { sure: "yes" })).status).toBe(303);
  expect(await of(other.email)).toBeUndefined();
});

test("[R28] a link is shown once, opened by a button, and ends with what it gave", async () => {
  await putProject("p3");
  const wrong = await admin.form(at("/project/p3/links"), { until: "2001-01-01" });
  expect(wrong.status).toBe(422);
  expect(wrong.body).toContain('value="2001-01-01"');
  const made = await admin.form(at("/project/p3/links"), {});
  expect(made.status).toBe(200);
  expect(made.headers.get("cache-control")).toBe("no-store");
  const [url = ""] = /http:\/\/latchkey\.test\/l\/[\w-]+/.exec(made.body as string) ?? [];
  expect((await admin.call("GET", at("/project/p3"))).body).not.toContain(url);
  const { pathname } = new URL(url);
  const nobody = await new Browser().call("GET", pathname);
  expect(nobody.headers.get("location")).toBe(`/sign-in?next=${encodeURIComponent(pathname)}`);
  // No access rule of theirs reaches it.
  const invited = await newMember(org.at);
  await call("DELETE", `${org.at}/grants/${invited.grant}`);
  const browser = await new Browser().signIn(invited.email);
  expect((await browser.call("GET", pathname)).status).toBe(200);
  const recipients = `${org.at}/resources/project/p3/recipients`;
  expect((await call("GET", recipients)).body.items).toHaveLength(1);
  const opened = await browser.form(pathname);
  expect(opened.body).toContain("Project p3");
  expect((await call("GET", recipients)).body.items).toHaveLength(2);
  expect((await browser.form(`${pathname}x`)).status).toBe(404);
  const { body } = await call(
    "GET",
    `${org.at}/resources/project/p3/links`,
    undefined,
    as(org.admin),
  );
  const own = at(`/project/p3/links/${body.items[0].id}/remove`);
  expect((await admin.form(own)).body).toContain("what it gave people ends");
  expect((await admin.form(own, { sure: "yes" })).status).toBe(303);
  expect((await call("GET", recipients)).body.items).toHaveLength(1);
  expect((await browser.form(pathname)).status).toBe(404);
});

test("[R30] a role above one's own is not offered, and says why", async () => {
  const roles = ["view", "recipients", "edit"].map((action, n) => ({
    name: ["low", "middle", "high"][n],
    actions: [action],
  }));
  await call("PUT", `${org.at}/role-sets/ladder`, { roles });
  await call("PUT", `${org.at}/types/plan`, { roleSet: "ladder" });
  await call("PUT", `${org.at}/resources/plan/one`, { name: "Plan" });
  const member = await newMember(org.at);
  const terms = { role: "ladder.middle", scope: { all: true } };
  expect((await call("POST", `${org.at}/members/${member.id}/grants`, terms)).status).toBe(201);
  const own = await new Browser().signIn(member.email);
  const { body } = await own.call("GET", at("/plan/one"));
  expect(body).toMatch(/value="ladder\.high"[^>]* disabled/);
  expect(body).not.toMatch(/value="ladder\.middle"[^>]* disabled/);
  expect(body).toContain("You hold no more than ladder: middle.");
  expect((await admin.call("GET", at("/plan/one"))).body).not.toMatch(/name="role"[^>]* disabled/);
});
