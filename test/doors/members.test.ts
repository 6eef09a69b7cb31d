import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect, test } from "vitest";
import { as, call, expectProblem, may, newMember, newOrg, someone } from "../support/http.ts";

const lastUsed = async (at: string, member: string) => {
  const reply = await call("GET", `${at}/members/${member}`);
  expect(reply.status).toBe(200);
  const listed = (await call("GET", `${at}/members`)).body.items as { id: string }[];
  // A reading and a list say the same.
  expect(listed.find(({ id }) => id === member)).toMatchObject({ lastUsed: reply.body.lastUsed });
  return reply.body.lastUsed as string | null;
};
const today = () => new Date().toISOString().slice(0, 10);

/** The tree's object. */
const objectOf = (tree: number) =>
  (env as unknown as { ACCESS_MAP: DurableObjectNamespace }).ACCESS_MAP.getByName(String(tree));

test("a member was last used on the day of a check that said yes, in the org or below it", async () => {
  const { id, at } = await newOrg("Used");
  const below = (await call("POST", "/v1/orgs", { name: "Below", parent: id })).body.id;
  await call("PUT", `${at}/resources/site/hq`, {});
  await call("PUT", `/v1/orgs/${below}/resources/site/plant`, {});
  const [one, two, three] = [await newMember(at), await newMember(at), await newMember(at)];
  for (const member of [one, two, three]) expect(await lastUsed(at, member.id)).toBeNull();

  const before = today();
  expect(await may(id, one.email, "edit", "site:hq")).toBe(false);
  expect(await lastUsed(at, one.id)).toBeNull();
  expect(await may(id, one.email, "view", "site:hq")).toBe(true);
  expect(await may(id, two.email, "view", "site:plant")).toBe(true);
  for (const member of [one, two])
    expect([before, today()]).toContain(await lastUsed(at, member.id));

  // To look who may is no use; what a person does here is one.
  await call("POST", `/orgs/${id}/access/v1/search/subject`, {
    subject: { type: "user" },
    action: { name: "view" },
    resource: { type: "site", id: "hq" },
  });
  await call("GET", `${at}/access`);
  expect(await lastUsed(at, three.id)).toBeNull();
  expect((await call("GET", at, undefined, as(three.email))).status).toBe(200);
  expect([before, today()]).toContain(await lastUsed(at, three.id));
});

test("a use is no edit: the entity tag stays, and so does the revision", async () => {
  const { id, at } = await newOrg("Tagged");
  await call("PUT", `${at}/resources/site/hq`, {});
  const { id: member, email } = await newMember(at);
  const seen = await call("GET", `${at}/members/${member}`);
  expect(await may(id, email, "view", "site:hq")).toBe(true);
  const again = await call("GET", `${at}/members/${member}`);
  expect(again.body.lastUsed).not.toBe(seen.body.lastUsed);
  for (const name of ["etag", "access-revision"])
    expect(again.headers.get(name)).toBe(seen.headers.get(name));
  const tag = { "if-match": seen.headers.get("etag") };
  const renamed = await call("PATCH", `${at}/members/${member}`, { name: "New" }, tag);
  expect(renamed.status).toBe(200);
  expect(renamed.body.lastUsed).toBe(again.body.lastUsed);
  const stale = await call("PATCH", `${at}/members/${member}`, { name: "Newer" }, tag);
  expectProblem(stale, 412, "stale_revision");
});

test("the day is written by alarm, and outlives the object's memory and a rebuild", async () => {
  const { id, at } = await newOrg("Kept");
  await call("PUT", `${at}/resources/site/hq`, {});
  const { id: member, email } = await newMember(at, "viewer", someone("kept"));
  expect(await may(id, email, "view", "site:hq")).toBe(true);
  const object = objectOf(id);
  await runDurableObjectAlarm(object);
  await evictDurableObject(object);
  const kept = await lastUsed(at, member);
  expect(kept).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect((await call("POST", `${at}/rebuild`)).status).toBe(200);
  expect(await lastUsed(at, member)).toBe(kept);
});

test("a member is read by id, by address, and by the ids of the person, in their own org alone", async () => {
  const { at } = await newOrg("Named");
  const other = await newOrg("Other");
  const email = someone("named");
  const body = { name: "N", email, externalId: "hr-7", role: "viewer", scope: { all: true } };
  const made = (await call("POST", `${at}/members`, body)).body;
  for (const name of [made.id, email, email.toUpperCase(), made.user, "hr-7"]) {
    const found = await call("GET", `${at}/members/${encodeURIComponent(name)}`);
    expect(found.body, name).toMatchObject({ id: made.id, email });
    expectProblem(await call("GET", `${other.at}/members/${encodeURIComponent(name)}`), 404);
  }
});
