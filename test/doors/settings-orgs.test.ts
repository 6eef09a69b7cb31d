import { expect, test } from "vitest";
import { Browser, call, newMember, newOrg } from "../support/http.ts";

const ofOrg = (id: number, path: string) => `/${id}/settings/${path}`;

test("sub-workspaces are made below one another, changed, moved and deleted by their names", async () => {
  const root = await newOrg("Root");
  const admin = await new Browser().signIn(root.admin);
  const at = (path: string) => ofOrg(root.id, path);
  const named = async (name: string) => {
    const { items } = (await call("GET", `${root.at}/tree`)).body;
    return items.find((one: { name: string }) => one.name === name);
  };
  const nameless = await admin.form(at("sub-workspaces/new"), {
    parent: String(root.id),
    name: "",
    description: "Typed",
  });
  expect(nameless.status).toBe(400);
  expect(nameless.body).toMatch(/id="f-name"[^>]*aria-invalid/);
  expect(nameless.body).toContain("Typed</textarea>");
  const fields = { parent: String(root.id), name: "North", colored: "yes", color: "#aa3300" };
  expect((await admin.form(at("sub-workspaces/new"), fields)).status).toBe(303);
  const north = await named("North");
  expect(north).toMatchObject({ parent: root.id, color: "#aa3300", default: false });
  for (const [name, parent] of [
    ["Lille", north.id],
    ["South", root.id],
  ])
    await admin.form(at("sub-workspaces/new"), { parent: String(parent), name });
  const list = (await admin.call("GET", at("sub-workspaces"))).body as string;
  expect(list).toContain("North › ");
  expect(list).toContain('fill="#aa3300"');

  const lille = await named("Lille");
  const own = ofOrg(lille.id, "organisation");
  const said = { of: "org", name: "Lille", description: "In the north", default: "yes" };
  expect((await admin.form(own, said)).status).toBe(303);
  expect(await named("Lille")).toMatchObject({ description: "In the north", default: true });
  const kept = await admin.form(`${own}/remove`, { sure: "Lille" });
  expect(kept.status).toBe(409);
  expect((await admin.form(own, { ...said, default: "" })).status).toBe(303);

  const guest = await newMember(`/v1/orgs/${north.id}`);
  const south = await named("South");
  const below = (await admin.call("GET", `${own}/move`)).body as string;
  expect(below).toContain("Root › South");
  const inside = (await admin.call("GET", ofOrg(north.id, "organisation/move"))).body as string;
  expect(inside).not.toContain("Root › North");
  const asked = await admin.form(`${own}/move`, { parent: String(south.id) });
  expect(asked.status).toBe(409);
  expect(asked.body).toContain(guest.email);
  expect(asked.body).toContain("Lose access (1)");
  const confirm = /name="confirm" value="([^"]+)"/.exec(asked.body as string)?.[1] ?? "";
  const stale = await admin.form(`${own}/move`, { parent: String(south.id), confirm: "x" });
  expect(stale.status).toBe(412);
  expect((await admin.form(`${own}/move`, { parent: String(south.id), confirm })).status).toBe(303);
  expect((await named("Lille")).parent).toBe(south.id);
  expect((await call("GET", `/v1/orgs/${lille.id}/members`)).status).toBe(200);

  await call("PUT", `/v1/orgs/${lille.id}/resources/site/l1`, { name: "Depot" });
  const shown = await admin.form(ofOrg(south.id, "organisation/remove"));
  expect(shown.body).toContain("organisations, with this one</dt><dd>2<");
  expect(shown.body).toContain("resources</dt><dd>1<");
  const wrong = await admin.form(ofOrg(south.id, "organisation/remove"), { sure: "south-east" });
  expect(wrong.status).toBe(422);
  const gone = await admin.form(ofOrg(south.id, "organisation/remove"), { sure: "South" });
  expect(gone.headers.get("location")).toBe(`${at("sub-workspaces")}?done=removed`);
  expect(await named("Lille")).toBeUndefined();
});

test("the settings of an organisation are kept as they were chosen; those of its tree at its root", async () => {
  const root = await newOrg("Chooser");
  const below = await newOrg("Below", undefined, root.id);
  const admin = await new Browser().signIn(root.admin);
  const own = ofOrg(root.id, "organisation");
  const fields = {
    of: "settings",
    receives: "collaborators",
    autoAccept: "viewer",
    invitationDays: "30",
    shareDaysMax: "90",
    reminderDays: "30, 7",
    reviewMonths: "6",
    children: "company",
    deletion: "owners",
  };
  const wrong = await admin.form(own, { ...fields, invitationDays: "none" });
  expect(wrong.status).toBe(400);
  expect(wrong.body).toMatch(/id="f-invitationDays"[^>]*value="none"[^>]*aria-invalid/);
  expect((await admin.form(own, fields)).status).toBe(303);
  expect((await call("GET", root.at)).body).toMatchObject({
    receives: "collaborators",
    autoAccept: "viewer",
    invitationDays: 30,
    shareDaysMax: 90,
    reminderDays: [30, 7],
    reviewMonths: 6,
    children: "company",
    strongAdmins: false,
  });
  const none = { ...fields, autoAccept: "", shareDaysMax: "", reminderDays: "", reviewMonths: "" };
  expect((await admin.form(own, none)).status).toBe(303);
  expect((await call("GET", root.at)).body).toMatchObject({
    autoAccept: null,
    shareDaysMax: null,
    reminderDays: [],
    reviewMonths: null,
  });
  const strong = await admin.form(own, { ...none, strongAdmins: "yes" });
  expect(strong.status).toBe(403);
  expect(strong.body).toContain("/your-account");
  expect((await call("GET", `/v1/orgs/${below.id}`)).body).not.toHaveProperty("children");
  const page = (await admin.call("GET", ofOrg(below.id, "organisation"))).body as string;
  expect(page).toContain('id="f-receives"');
  expect(page).not.toContain('id="f-reviewMonths"');
});

test("[R31] a collaboration is asked for, agreed, seen both ways, and ended with what it carries", async () => {
  const asker = await newOrg("Asker");
  const asked = await newOrg("Asked");
  const one = await new Browser().signIn(asker.admin);
  const other = await new Browser().signIn(asked.admin);
  const wrong = await one.form(ofOrg(asker.id, "collaborations/new"), { with: "nobody" });
  expect(wrong.status).toBe(400);
  expect(wrong.body).toMatch(/id="f-with"[^>]*value="nobody"[^>]*aria-invalid/);
  const sent = await one.form(ofOrg(asker.id, "collaborations/new"), { with: ` ${asked.id} ` });
  const own = sent.headers.get("location")?.split("?")[0] ?? "";
  const id = own.split("/").at(-1) ?? "";
  const waiting = await one.call("GET", sent.headers.get("location") ?? "");
  expect(waiting.body).toContain("awaiting their answer");
  expect(waiting.body).not.toContain("/accept");
  const theirs = ofOrg(asked.id, `collaborations/${id}`);
  const list = await other.call("GET", ofOrg(asked.id, "collaborations"));
  expect(list.body).toContain("awaiting your answer");
  expect((await other.form(`${theirs}/remove`)).body).toContain("Decline the collaboration");
  expect((await other.form(`${theirs}/accept`)).status).toBe(303);
  await call("POST", `${asker.at}/shares`, {
    to: { org: asked.id },
    role: "viewer",
    scope: { all: true },
  });
  expect((await one.call("GET", own)).body).toContain("Shared by us (1)");
  expect((await other.call("GET", theirs)).body).toContain("Shared with us (1)");
  const ending = await other.form(`${theirs}/remove`);
  expect(ending.body).toContain("0 shares by us, 1 shares with us");
  expect((await other.form(`${theirs}/remove`, { sure: "yes" })).status).toBe(303);
  expect((await call("GET", `${asker.at}/collaborations/${id}`)).body.status).toBe("ended");
  expect((await one.call("GET", ofOrg(asker.id, "collaborations?status=ended"))).body).toContain(
    `Asked (${asked.id})`,
  );
});
