import { describe, expect, test } from "vitest";
import { as, call, expectProblem, newMember, newOrg, someone } from "../support/http.ts";

const all = { all: true };
const hq = { type: "site", id: "hq" };

/** An instant between what was done before and what is done after. */
async function moment(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const at = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return at;
}

const could = async (at: string, org: string, subject: string, action = "view", resource = hq) => {
  const question = { subject: { id: subject }, action, resource };
  const reply = await call("POST", `${org}/history`, { at, question });
  expect(reply.status).toBe(200);
  return reply.body;
};

const whoCould = async (at: string, org: string) => {
  const reply = await call("POST", `${org}/history`, { at, question: { resource: hq } });
  expect(reply.status).toBe(200);
  return reply.body;
};

describe("who could reach it then, and by whose act", () => {
  test("through a member's coming, changes, a tag, and going", async () => {
    const acme = await newOrg("Acme");
    const before = await moment();
    await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ", tags: ["North"] });
    const { id, email, grant } = await newMember(acme.at, "viewer");
    const viewer = await moment();
    await call("PATCH", `${acme.at}/grants/${grant}`, { role: "collaborator" });
    const collaborator = await moment();
    await call("PATCH", `${acme.at}/grants/${grant}`, { scope: { tags: ["South"] } });
    const elsewhere = await moment();
    await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ", tags: ["south"] });
    const tagged = await moment();
    await call("DELETE", `${acme.at}/members/${id}`, {});
    const gone = await moment();
    await call("DELETE", `${acme.at}/resources/site/hq`, {});
    await call("PUT", `${acme.at}/resources/site/hq`, { name: "Another" });

    const decided = async (at: string, action: string) =>
      (await could(at, acme.at, email, action)).decision;
    expect(await decided(before, "view")).toBe(false);
    expect(await decided(viewer, "view")).toBe(true);
    expect(await decided(viewer, "edit")).toBe(false);
    expect(await decided(collaborator, "edit")).toBe(true);
    expect(await decided(elsewhere, "view")).toBe(false);
    expect(await decided(tagged, "edit")).toBe(true);
    expect(await decided(gone, "view")).toBe(false);

    const then = await could(collaborator, acme.at, email, "edit");
    expect(then).toMatchObject({
      at: collaborator,
      paths: [
        { steps: [{ kind: "grant", id: grant, role: "collaborator", scope: all, by: "platform" }] },
      ],
    });
    expect(then.says).toContain(`Acme gave ${email} the role “collaborator”`);
    const people = async (at: string) =>
      (await whoCould(at, acme.at)).items.map(
        ({ person, role }: { person: string; role: string }) => [person, role],
      );
    expect(await people(before)).toEqual([]);
    expect(Object.fromEntries(await people(viewer))).toEqual({
      [acme.admin]: "admin",
      [email]: "viewer",
    });
    expect(await people(gone)).toEqual([[acme.admin, "admin"]]);
    // Looking back leaves everything as it is.
    expect((await call("GET", `${acme.at}/resources/site/hq`)).body.name).toBe("Another");
    const explained = await call("POST", `${acme.at}/explain`, {
      subject: { id: email },
      action: "view",
      resource: hq,
      at: viewer,
    });
    expect(explained.body.decision).toBe(true);
  });

  test("[R16] a partner answers for its side as it was", async () => {
    const acme = await newOrg("Acme");
    const beta = await newOrg("Beta");
    await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ" });
    const { email } = await newMember(beta.at, "viewer");
    const offer = { to: { org: beta.id }, role: "collaborator", scope: all };
    const share = (await call("POST", `${acme.at}/shares`, offer)).body.id;
    const offered = await moment();
    const received = `${beta.at}/received-shares/${share}`;
    await call("POST", `${received}/accept`, {}, as(beta.admin));
    const accepted = await moment();
    const rule = { to: "members", role: "viewer", scope: all };
    const made = (await call("POST", `${received}/rules`, rule)).body.id;
    const ruled = await moment();
    await call("PATCH", `${received}/rules/${made}`, { role: "collaborator" });
    const raised = await moment();
    await call("DELETE", `${acme.at}/shares/${share}`, {});
    const decided = async (at: string, action: string, who = email) =>
      (await could(at, acme.at, who, action)).decision;
    expect(await decided(offered, "view")).toBe(false);
    expect(await decided(accepted, "view")).toBe(false);
    expect(await decided(accepted, "edit", beta.admin)).toBe(true);
    expect(await decided(ruled, "view")).toBe(true);
    expect(await decided(ruled, "edit")).toBe(false);
    expect(await decided(raised, "edit")).toBe(true);
    expect(await decided(await moment(), "view")).toBe(false);
    const asked = await whoCould(ruled, acme.at);
    expect(asked).toMatchObject({
      partners: [{ id: share, to: { org: beta.id } }],
      uncovered: ["partners"],
    });
    expect(JSON.stringify(asked)).not.toContain(email);
    // The receiver looks back through the share, while it has it.
    const other = (await call("POST", `${acme.at}/shares`, offer)).body.id;
    const pending = await moment();
    await call("POST", `${beta.at}/received-shares/${other}/accept`, {}, as(beta.admin));
    const through = async (at: string) => {
      const question = {
        subject: { id: beta.admin },
        action: "view",
        resource: { ...hq, share: other },
      };
      return (await call("POST", `${beta.at}/history`, { at, question }, as(beta.admin))).body;
    };
    expect(await through(pending)).toMatchObject({
      decision: false,
      missing: [{ lacks: [{ what: "unaccepted" }] }],
    });
    expect((await through(await moment())).decision).toBe(true);
  });

  test("before there was anything, and of what was deleted and purged since", async () => {
    const root = await newOrg("Root");
    const north = await newOrg("North", someone("north"), root.id);
    await call("PUT", `${north.at}/resources/site/hq`, { name: "HQ" });
    const then = await moment();
    await call("DELETE", north.at, { confirm: "North" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const at of ["1970-01-01T00:00:00Z", "2001-03-03T12:00:00Z"]) {
      expect((await could(at, root.at, north.admin)).decision).toBe(false);
      expect(await whoCould(at, root.at)).toMatchObject({ items: [], partners: [] });
    }
    expect((await could(then, root.at, north.admin)).decision).toBe(true);
    const people = (await whoCould(then, root.at)).items.map(
      (one: { person: string }) => one.person,
    );
    expect(people.toSorted()).toEqual([north.admin, root.admin].toSorted());
    expect((await could(await moment(), root.at, north.admin)).decision).toBe(false);
    for (const at of ["yesterday", "2024-02-30T00:00:00Z", 5, null])
      expectProblem(
        await call("POST", `${root.at}/history`, { at, question: { resource: hq } }),
        400,
        "invalid",
      );
  });

  test("an org that moved, a condition, and an instant that is still to come", async () => {
    const root = await newOrg("Root");
    const south = await newOrg("South", someone("south"), root.id);
    const north = await newOrg("North", someone("north"), root.id);
    const leaf = await newOrg("Leaf", someone("leaf"), north.id);
    await call("PUT", `${leaf.at}/resources/site/hq`, { name: "HQ" });
    const before = await moment();
    const asked = await call("PATCH", leaf.at, { parent: south.id });
    await call("PATCH", leaf.at, { parent: south.id, confirm: asked.body.preview.confirm });
    expect((await could(before, root.at, north.admin)).decision).toBe(true);
    expect((await could(before, root.at, south.admin)).decision).toBe(false);
    expect((await could(await moment(), root.at, south.admin)).decision).toBe(true);
    const at = new Date(Date.now() + 60_000).toISOString();
    const later = { at, question: { resource: hq } };
    expectProblem(await call("POST", `${root.at}/history`, later), 422, "invalid");
  });
});
