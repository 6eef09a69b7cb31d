import { expect, test } from "vitest";
import { call, expectWhole } from "./record.ts";

/*
 * No table can be dropped while a cursor is open: one row read of several, the cursor left where it
 * was, and every rebuild fails with SQLITE_LOCKED until the cursor is collected.
 */
test("a slice can be rebuilt after a check of a person whom two shares may reach", async () => {
  const owner = (await call("POST", "/v1/orgs", { name: "Owner" })).body.id;
  const partner = (await call("POST", "/v1/orgs", { name: "Partner" })).body.id;
  await call("PUT", `/v1/orgs/${owner}/resources/site/hq`, {});
  const member = await call("POST", `/v1/orgs/${partner}/members`, {
    name: "Pia",
    email: "pia@p.example",
  });
  await call(
    "POST",
    `/v1/me/access/${member.body.id}/accept`,
    {},
    { "on-behalf-of": "pia@p.example" },
  );
  for (let n = 0; n < 2; n++) {
    const share = await call("POST", `/v1/orgs/${owner}/shares`, {
      to: { org: partner },
      role: "viewer",
      scope: { all: true },
    });
    const at = `/v1/orgs/${partner}/received-shares/${share.body.id}`;
    expect((await call("POST", `${at}/accept`, {})).status).toBe(200);
    const rule = { to: "members", role: "viewer", scope: { all: true } };
    expect((await call("POST", `${at}/rules`, rule)).status).toBe(201);
  }
  const check = () =>
    call("POST", `/orgs/${owner}/access/v1/evaluation`, {
      subject: { type: "user", id: "pia@p.example" },
      action: { name: "view" },
      resource: { type: "site", id: "hq" },
    });
  for (let n = 0; n < 10; n++) expect((await check()).body).toEqual({ decision: true });
  expect((await call("POST", `/v1/orgs/${owner}/rebuild`)).status).toBe(200);
  expect((await check()).body).toEqual({ decision: true });
  await expectWhole(owner);
});
