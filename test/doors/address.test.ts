import { env } from "cloudflare:workers";
import {
  createExecutionContext,
  createScheduledController,
  waitOnExecutionContext,
} from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import worker from "../../src/worker.ts";
import {
  Browser,
  call,
  expectProblem,
  linkFor,
  mailTo,
  may,
  newMember,
  newOrg,
  someone,
} from "../support/http.ts";

const { DB } = env as unknown as { DB: D1Database };

/** A person who is a member of two organisations' trees, and signed in twice. */
async function known() {
  const from = someone("old");
  const [one, two] = [await newOrg("One"), await newOrg("Two")];
  for (const org of [one, two]) {
    await call("PUT", `${org.at}/resources/site/hq-${org.id}`, { name: "HQ" });
    await newMember(org.at, "viewer", from);
  }
  const [here, there] = [await new Browser().signIn(from), await new Browser().signIn(from)];
  const views = (email: string) =>
    Promise.all([one, two].map(({ id }) => may(id, email, "view", `site:hq-${id}`)));
  return { from, to: someone("new"), one, two, here, there, views };
}

test("an address changes when both were proven; trees follow, and sessions elsewhere end", async () => {
  const { from, to, one, two, here, there, views } = await known();
  const asked = await here.call("POST", "/v1/me/email", { email: to });
  expect(asked).toMatchObject({ status: 202, body: { status: "sent", email: to } });

  const oldLink = await linkFor(from, "address.old");
  expect((await new Browser().call("GET", oldLink)).body).toContain(from);
  expect((await new Browser().form(oldLink)).body).toContain("other address");
  expect((await here.call("GET", "/v1/me")).body.email).toBe(from);
  expect((await new Browser().form(oldLink)).status).toBe(410);

  const made = await new Browser().form(await linkFor(to, "address.new"));
  expect(made).toMatchObject({ status: 200 });
  expect((await here.call("GET", "/v1/me")).body.email).toBe(to);
  expectProblem(await there.call("GET", "/v1/me"), 401);

  expect(await views(to)).toEqual([true, true]);
  expect(await views(from)).toEqual([false, false]);
  for (const org of [one, two]) {
    const { items } = (await call("GET", `${org.at}/members`)).body;
    expect(items.map((item: { email: string }) => item.email)).toContain(to);
    const history = (await call("GET", `${org.at}/changes`)).body.items;
    expect(
      history.filter((item: { what: string }) => item.what === "person.readdress"),
    ).toMatchObject([
      { actor: { id: "latchkey" }, events: [{ name: "person.readdressed", data: { from, to } }] },
    ]);
  }
  expect(await mailTo(from, "address.made")).toMatchObject({ email: from });
  const again = await new Browser().signIn(to);
  expect((await again.call("GET", "/v1/me/access")).body.items).toHaveLength(2);
});

test("in the other order, too", async () => {
  const { from, to, here, views } = await known();
  await here.form("/change-address", { email: to });
  await new Browser().form(await linkFor(to, "address.new"));
  expect(await views(to)).toEqual([false, false]);
  await new Browser().form(await linkFor(from, "address.old"));
  expect(await views(to)).toEqual([true, true]);
});

test("a tree that could not follow at once does later", async () => {
  const { from, to, here, views } = await known();
  await here.call("POST", "/v1/me/email", { email: to });
  await new Browser().form(await linkFor(from, "address.old"));
  const { ACCESS_MAP } = env as unknown as { ACCESS_MAP: DurableObjectNamespace };
  const gone = vi.spyOn(Object.getPrototypeOf(ACCESS_MAP), "getByName").mockImplementation(() => {
    throw new Error("cut off");
  });
  const made = await new Browser().form(await linkFor(to, "address.new"));
  expect(made.status).toBe(200);
  gone.mockRestore();
  expect(await views(to)).toEqual([false, false]);

  const sweep = async () => {
    const ctx = createExecutionContext();
    await worker.scheduled(createScheduledController(), env as never);
    await waitOnExecutionContext(ctx);
  };
  await sweep();
  expect(await views(to)).toEqual([true, true]);
  await DB.prepare(`update addressChanges set madeAt = 1 where toEmail = ?`).bind(to).run();
  await sweep();
  const settled = await DB.prepare(`select followedAt from addressChanges where toEmail = ?`)
    .bind(to)
    .first();
  expect(settled?.["followedAt"]).toEqual(expect.any(Number));
});

describe("an address that is taken", () => {
  test("is told so by mail, and nobody else learns of it", async () => {
    const { from, here } = await known();
    const taken = someone("taken");
    await new Browser().signIn(taken);
    const free = await here.call("POST", "/v1/me/email", { email: someone("free") });
    const asked = await here.call("POST", "/v1/me/email", { email: taken });
    expect([asked.status, Object.keys(asked.body)]).toEqual([free.status, Object.keys(free.body)]);
    expect((await mailTo(taken, "address.taken")).data).toContain("change");
    await expect(mailTo(taken, "address.new")).rejects.toThrow("no mail");
    const waits = await new Browser().form(await linkFor(from, "address.old"));
    expect(waits.body).toContain("other address");
    expect((await here.call("GET", "/v1/me")).body.email).toBe(from);
  });

  test("even when it was taken meanwhile", async () => {
    const { from, to, here } = await known();
    await here.call("POST", "/v1/me/email", { email: to });
    await new Browser().form(await linkFor(from, "address.old"));
    await new Browser().signIn(to);
    expect((await new Browser().form(await linkFor(to, "address.new"))).status).toBe(409);
    expect((await here.call("GET", "/v1/me")).body.email).toBe(from);
  });
});

test("a later wish takes the place of an earlier one", async () => {
  const { from, to, here } = await known();
  await here.call("POST", "/v1/me/email", { email: to });
  const early = [await linkFor(from, "address.old"), await linkFor(to, "address.new")];
  await here.call("POST", "/v1/me/email", { email: someone("newer") });
  for (const link of early) expect((await new Browser().form(link)).status).toBe(410);
  expect((await here.call("GET", "/v1/me")).body.email).toBe(from);
});

test("one's own address is no other; what is none is refused", async () => {
  const { from, here } = await known();
  expectProblem(await here.call("POST", "/v1/me/email", { email: from }), 422, "invalid");
  expectProblem(await here.call("POST", "/v1/me/email", { email: "none" }), 400, "invalid");
  expect((await here.form("/change-address", { email: from })).status).toBe(400);
});

test("a platform role goes with its holder", async () => {
  const from = someone("manager");
  const to = someone("renamed");
  const org = await newOrg("Managed");
  await call("POST", "/v1/platform/roles", { email: from, role: "account_manager", org: org.id });
  const browser = await new Browser().signIn(from);
  await browser.call("POST", "/v1/me/email", { email: to });
  for (const [email, kind] of [
    [from, "address.old"],
    [to, "address.new"],
  ] as const)
    await new Browser().form(await linkFor(email, kind));
  expect((await browser.call("GET", `${org.at}/members`)).status).toBe(200);
  const roles = (await call("GET", "/v1/platform/roles")).body.items;
  expect(roles.map((held: { email: string }) => held.email)).toContain(to);
});

test("[R16] a partner that shares knows the person by the new address, too", async () => {
  const owner = await newOrg("Owner");
  await call("PUT", `${owner.at}/resources/site/far-${owner.id}`, { name: "Far" });
  const email = someone("partner");
  const receiver = await newOrg("Receiver", email);
  const offer = { to: { org: receiver.id }, role: "viewer", scope: { all: true } };
  const share = await call("POST", `${owner.at}/shares`, offer);
  await call("POST", `${receiver.at}/received-shares/${share.body.id}/accept`, {});
  const views = (who: string) => may(owner.id, who, "view", `site:far-${owner.id}`);
  expect(await views(email)).toBe(true);
  const to = someone("moved");
  const browser = await new Browser().signIn(email);
  await browser.call("POST", "/v1/me/email", { email: to });
  await new Browser().form(await linkFor(email, "address.old"));
  await new Browser().form(await linkFor(to, "address.new"));
  expect([await views(to), await views(email)]).toEqual([true, false]);
});
