import { expect, test } from "vitest";
import { Browser, call, newMember, newOrg } from "../support/http.ts";

test("a team is made, filled, given a rule, renamed and deleted by its name", async () => {
  const org = await newOrg("Teams");
  const admin = await new Browser().signIn(org.admin);
  const at = (path: string) => `/${org.id}/settings/${path}`;
  const one = await newMember(org.at);
  const two = await newMember(org.at);

  const nameless = await admin.form(at("teams/new"), { name: " " });
  expect(nameless.status).toBe(400);
  expect(nameless.body).toMatch(/id="f-name"[^>]*aria-describedby="f-name-error"/);
  const made = await admin.form(at("teams/new"), { name: "Field" });
  const own = (made.headers.get("location") ?? "").replace("?done=added", "");
  const inApi = `${org.at}/teams/${own.split("/").at(-1)}`;
  const taken = await admin.form(at("teams/new"), { name: "Field" });
  expect(taken.status).toBe(409);
  expect(taken.body).toContain('value="Field"');

  const found = await admin.form(`${own}/members/new`, {
    member: two.id,
    find: one.email,
    step: "find",
  });
  expect(found.body).toContain(one.email);
  expect(found.body).toMatch(new RegExp(`value="${two.id}"[^>]*checked`));
  expect(found.body).not.toContain(org.adminMember);
  const both = `member=${one.id}&member=${two.id}&step=save`;
  const added = await admin.call("POST", `${own}/members/new`, both, {
    "content-type": "application/x-www-form-urlencoded",
  });
  expect(added.status).toBe(303);
  expect((await call("GET", inApi)).body.members).toBe(2);
  expect((await admin.call("GET", `${own}/members/new`)).body).not.toContain(one.email);

  const terms = { role: "commenter", scope: "all" };
  const seen = await admin.form(`${own}/rules/new`, { ...terms, step: "check" });
  expect(seen.body).toContain("Field will be commenter of everything");
  expect((await admin.form(`${own}/rules/new`, { ...terms, step: "save" })).status).toBe(303);
  const [grant] = (await call("GET", inApi)).body.grants;
  const changed = { role: "viewer", scope: "all", step: "save" };
  expect((await admin.form(`${own}/rules/${grant.id}`, changed)).status).toBe(303);
  expect((await admin.call("GET", at("teams"))).body).toContain("viewer, everything");
  // A rule is on the page of whom it names, and on no other.
  const elsewhere = at(`team-members/${one.id}/rules/${grant.id}`);
  expect((await admin.call("GET", elsewhere)).status).toBe(404);

  const out = `${own}/members/${one.id}/remove`;
  expect((await admin.form(out)).body).toContain("Take");
  expect((await admin.form(out, { sure: "yes" })).status).toBe(303);
  expect((await call("GET", inApi)).body.members).toBe(1);
  expect((await admin.form(own, { name: "Site crew" })).status).toBe(303);
  expect((await call("GET", inApi)).body.name).toBe("Site crew");
  expect((await admin.form(`${own}/rules/${grant.id}/remove`, { sure: "yes" })).status).toBe(303);
  expect((await call("GET", inApi)).body.grants).toEqual([]);

  expect((await admin.form(`${own}/remove`)).body).toContain("its members (1) lose");
  expect((await admin.form(`${own}/remove`, { sure: "yes" })).status).toBe(422);
  expect((await admin.form(`${own}/remove`, { sure: "Site crew" })).status).toBe(303);
  expect((await call("GET", inApi)).status).toBe(404);
});
