import { beforeAll, describe, expect, test } from "vitest";
import {
  as,
  call,
  expectProblem,
  may,
  newKey,
  newMember,
  newOrg,
  someone,
  withKey,
} from "../support/http.ts";

type Org = Awaited<ReturnType<typeof newOrg>>;

const patch = (org: { at: string }, body: unknown, sent = {}) => call("PATCH", org.at, body, sent);

describe("settings", () => {
  let root: Org;
  let below: Org;
  beforeAll(async () => {
    root = await newOrg("Settled");
    below = await newOrg("Below", someone("admin"), root.id);
  });

  test("an org shows its settings, and the root those of the tree", async () => {
    expect((await call("GET", root.at)).body).toMatchObject({
      deletion: "owners",
      children: "admins",
      subjectTypes: ["user"],
      receives: "anyone",
      autoAccept: null,
    });
    const { body } = await call("GET", below.at);
    expect(body).toMatchObject({ receives: "anyone", autoAccept: null });
    expect(body).not.toHaveProperty("deletion");
    expect(body).not.toHaveProperty("settings");
    const set = { receives: "collaborators", autoAccept: "commenter" };
    expect((await patch(below, set, as(below.admin))).body).toMatchObject(set);
    expect((await patch(below, { autoAccept: null })).body).toMatchObject({ autoAccept: null });
  });

  test.each([
    ["deletion", "platform"],
    ["children", "company"],
    ["subjectTypes", ["identity"]],
  ])("what holds for the tree is set at its root alone: %s", async (name, value) => {
    const reply = await patch(below, { [name]: value });
    expectProblem(reply, 422, "invalid");
    expect(reply.body.errors).toMatchObject([{ pointer: `/${name}` }]);
  });

  test("a role that there is not accepts nothing by itself", async () => {
    const reply = await patch(root, { autoAccept: "emperor" });
    expectProblem(reply, 422, "invalid");
    expect(reply.body.errors).toMatchObject([{ pointer: "/autoAccept" }]);
    expectProblem(await patch(root, { deletion: "nobody" }), 400, "invalid");
  });

  test("[R24] once deletion is the platform's, only the platform can give it back", async () => {
    const org = await newOrg("Guarded");
    expect((await patch(org, { deletion: "platform" }, as(org.admin))).status).toBe(200);
    expectProblem(await patch(org, { deletion: "owners" }, as(org.admin)), 403, "forbidden");
    expect((await patch(org, { name: "Still" }, as(org.admin))).body.deletion).toBe("platform");
    expect((await patch(org, { deletion: "owners" })).body.deletion).toBe("owners");
  });

  test("[R24] children: company keeps sub-workspaces to the root's admins", async () => {
    const body = { name: "Deeper", parent: below.id };
    expect((await call("POST", "/v1/orgs", body, as(below.admin))).status).toBe(201);
    await patch(root, { children: "company" }, as(root.admin));
    expectProblem(await call("POST", "/v1/orgs", body, as(below.admin)), 403, "forbidden");
    const key = await newKey(below.at, "manage");
    expectProblem(await call("POST", "/v1/orgs", body, withKey(key.token)), 403, "forbidden");
    expect((await call("POST", "/v1/orgs", body, as(root.admin))).status).toBe(201);
    await patch(root, { children: "admins" });
    expect((await call("POST", "/v1/orgs", body, as(below.admin))).status).toBe(201);
  });

  test("further subject types mean a user, too", async () => {
    await call("PUT", `${root.at}/resources/site/hq`, { name: "HQ" });
    const { email } = await newMember(root.at);
    const view = async (type: string) =>
      (
        await call("POST", `/orgs/${root.id}/access/v1/evaluation`, {
          subject: { type, id: email },
          action: { name: "view" },
          resource: { type: "site", id: "hq" },
        })
      ).body.decision;
    expect([await view("user"), await view("identity")]).toEqual([true, false]);
    const { body } = await patch(root, { subjectTypes: ["identity"] });
    expect(body.subjectTypes).toEqual(["user", "identity"]);
    expect([await view("user"), await view("identity")]).toEqual([true, true]);
    expect(await view("robot")).toBe(false);
    expect(await may(root.id, email, "view", "site:hq")).toBe(true);
  });
});
