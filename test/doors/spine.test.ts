import { expect, test } from "vitest";
import { call } from "../support/http.ts";

test("[R8, R12] an invitation counts when it is accepted, and a removal at once", async () => {
  const org = await call("POST", "/v1/orgs", {
    name: "Acme",
    admin: { name: "Ada", email: "ada@acme.example" },
  });
  expect(org).toMatchObject({ status: 201, body: { name: "Acme" } });
  const at = `/v1/orgs/${org.body.id}`;
  expect(
    await call("PUT", `${at}/resources/site/hq`, { name: "HQ", tags: ["North"] }),
  ).toMatchObject({ status: 201 });
  const member = await call("POST", `${at}/members`, {
    name: "Sarah",
    email: "sarah@acme.example",
    role: "collaborator",
    scope: { tags: ["north"] },
  });
  expect(member).toMatchObject({ status: 201, body: { status: "pending", role: "collaborator" } });
  const check = async () =>
    (
      await call("POST", `/orgs/${org.body.id}/access/v1/evaluation`, {
        subject: { type: "user", id: "sarah@acme.example" },
        action: { name: "edit" },
        resource: { type: "site", id: "hq" },
      })
    ).body;
  expect(await check()).toEqual({ decision: false });
  const accepted = await call(
    "POST",
    `/v1/me/access/${member.body.id}/accept`,
    {},
    { "on-behalf-of": "sarah@acme.example" },
  );
  expect(accepted).toMatchObject({ status: 200, body: { id: member.body.id, status: "active" } });
  expect(await check()).toEqual({ decision: true });
  expect(await call("DELETE", `${at}/members/${member.body.id}`)).toMatchObject({ status: 204 });
  expect(await check()).toEqual({ decision: false });
});
