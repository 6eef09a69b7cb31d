import { beforeAll, describe, expect, test } from "vitest";
import { valuesIn, valuesText } from "../../src/doors/pages/settings/libraries.tsx";
import { rolesIn, rolesText } from "../../src/doors/pages/settings/types.tsx";
import { Browser, call, newMember, newOrg } from "../support/http.ts";

let org: Awaited<ReturnType<typeof newOrg>>;
let admin: Browser;
const at = (path: string) => `/${org.id}/settings/${path}`;

beforeAll(async () => {
  org = await newOrg("Roles");
  admin = await new Browser().signIn(org.admin);
});

describe("roles as lines", () => {
  test.each([
    [[{ name: "viewer", actions: ["view", "list"] }]],
    [[{ name: "none", actions: [] }]],
    [[{ name: "a", actions: ["x, y", { name: "edit", condition: "a, b: c" }, "z"] }]],
  ])("%j come back as they were, in any order of a role's actions", (roles) => {
    const read = rolesIn(rolesText(roles)) as typeof roles;
    expect(read.map(({ name }) => name)).toEqual(roles.map(({ name }) => name));
    for (const [n, { actions }] of roles.entries())
      expect(new Set(read[n]?.actions)).toEqual(new Set(actions));
  });

  test("what is none is named by its line", () => {
    expect(rolesIn("  view")).toEqual({ line: 1 });
    expect(rolesIn("viewer: view\n\nnonsense")).toEqual({ line: 3 });
  });
});

test("the values of a library as lines keep what stands in no line", () => {
  const values = [
    { value: "n", label: "North", color: "#f00" },
    { value: "s", properties: { a: 1 } },
  ];
  expect(valuesIn(valuesText(values), values)).toEqual(values);
  const odd = [{ value: "a|b" }];
  expect(valuesIn(valuesText(odd), odd)).toEqual(odd);
  expect(valuesIn("[nonsense", [])).toBeNull();
  expect(valuesIn("{}", [])).toEqual([{ value: "{}" }]);
});

test("a role set is defined by lines, shown as a table, and not where it is wrong", async () => {
  const path = at("types/role-sets/new");
  const bad = await admin.form(path, { name: "docs", ordered: "yes", roles: "reader" });
  expect(bad.status).toBe(422);
  expect(bad.body).toContain("Line 1 is no role");
  expect(bad.body).toMatch(/id="f-roles"[^>]*aria-invalid="true"[^>]*>reader</);
  const flawed = await admin.form(path, { name: "docs", roles: "reader: view\n  edit if ((" });
  expect(flawed.status).toBe(422);
  expect(flawed.body).toContain("reader, edit:");
  const roles = "reader: view\nwriter: view, edit";
  expect((await admin.form(path, { name: "docs", ordered: "yes", roles })).status).toBe(303);
  expect((await call("GET", `${org.at}/role-sets/docs`)).body).toMatchObject({
    ordered: true,
    roles: [
      { name: "reader", actions: ["view"] },
      { name: "writer", actions: ["view", "edit"] },
    ],
  });
  expect((await admin.form(path, { name: "docs", roles })).status).toBe(409);
  const shown = (await admin.call("GET", at("types/role-sets/docs"))).body as string;
  expect(shown).toContain(">reader: view\nwriter: view, edit<");
  expect(shown.match(/aria-label="yes"/g)).toHaveLength(3);
  expect((await admin.call("GET", at("types/role-sets/standard"))).body).toContain(
    "stays as it is",
  );
  expect((await admin.form(at("types/role-sets/standard"), { roles })).status).not.toBe(303);
});

test("[R26] a type is defined; what that takes from people is shown before it is done", async () => {
  await call("PUT", `${org.at}/role-sets/files`, {
    roles: [{ name: "reader", actions: ["read"] }],
  });
  const { email } = await newMember(org.at);
  const type = { roleSet: "files", adminAccess: "implicit" };
  const wrong = await admin.form(at("types/new"), { ...type, name: "file", ownerRole: "nonsense" });
  expect(wrong.status).toBe(422);
  expect(wrong.body).toMatch(/id="f-ownerRole"[^>]*value="nonsense"[^>]*aria-invalid="true"/);
  expect((await admin.form(at("types/new"), { ...type, name: "file" })).status).toBe(303);
  expect((await call("GET", `${org.at}/types/file`)).body).toMatchObject({ roleSet: "files" });
  await call("PUT", `${org.at}/resources/site/hq`, { name: "HQ" });
  const asked = await admin.form(at("types/of/site"), { ...type, memberCreates: "yes" });
  expect(asked.status).toBe(409);
  expect(asked.body).toContain(email);
  const confirm = /name="confirm" value="([^"]+)"/.exec(asked.body as string)?.[1] ?? "";
  const sure = { ...type, memberCreates: "yes", confirm };
  expect((await admin.form(at("types/of/site"), sure)).status).toBe(303);
  expect((await call("GET", `${org.at}/types/site`)).body).toMatchObject({
    roleSet: "files",
    memberCreates: true,
  });
  const own = at("types/of/file/remove");
  expect((await admin.form(own)).body).toContain("Type file to confirm");
  expect((await admin.form(own, { sure: "file" })).status).toBe(303);
  const inUse = await admin.form(at("types/role-sets/files/remove"), { sure: "files" });
  expect(inUse.status).toBe(409);
});

test("a library is added, changed, copied and removed; members only look", async () => {
  const values = "n | North | #f00\ns";
  const twice = await admin.form(at("libraries/new"), { name: "regions", values: "n\nn" });
  expect(twice.status).toBe(422);
  expect(twice.body).toContain("is there twice");
  expect((await admin.form(at("libraries/new"), { name: "regions", values })).status).toBe(303);
  expect((await admin.form(at("libraries/new"), { name: "regions", values })).status).toBe(409);
  const own = at("libraries/regions");
  expect((await admin.form(own, { values: "n | North\nw" })).status).toBe(303);
  expect((await call("GET", `${org.at}/libraries/regions`)).body.values).toEqual([
    { value: "n", label: "North" },
    { value: "w" },
  ]);
  const member = await new Browser().signIn((await newMember(org.at)).email);
  expect((await member.call("GET", own)).body).not.toContain("<textarea");
  expect((await member.form(own, { values: "x" })).status).toBe(403);
  const other = await newOrg("Other", org.admin);
  const nowhere = await admin.form(`${own}/copy`, { to: "999999" });
  expect(nowhere.status).toBe(422);
  expect(nowhere.body).toContain("There is no such organisation");
  const copied = await admin.form(`${own}/copy`, { to: String(other.id), onConflict: "" });
  expect(copied.status).toBe(303);
  expect((await call("GET", `${other.at}/libraries/regions`)).body.count).toBe(2);
  expect((await admin.form(own, { values: "n | The North\nw" })).status).toBe(303);
  const again = await admin.form(`${own}/copy`, { to: String(other.id), onConflict: "" });
  expect(again.status).toBe(409);
  const kept = await admin.form(`${own}/copy`, { to: String(other.id), onConflict: "keep" });
  expect(kept.status).toBe(303);
  expect((await admin.form(`${own}/remove`, { sure: "yes" })).status).toBe(422);
  expect((await admin.form(`${own}/remove`, { sure: "regions" })).status).toBe(303);
  expect((await admin.call("GET", own)).status).toBe(404);
});
