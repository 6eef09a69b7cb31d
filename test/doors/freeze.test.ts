import { beforeEach, expect, test } from "vitest";
import { accept, as, call, expectProblem, may, newOrg, someone } from "../support/http.ts";

type Org = Awaited<ReturnType<typeof newOrg>>;

const ALL = { all: true };
let acme: Org;
let beta: Org;
let gamma: Org;
let person: string;
let shares: Record<"beta" | "gamma" | "person", string>;

async function shareWith(org: Org) {
  const offer = { to: { org: org.id }, role: "collaborator", scope: ALL };
  const { body } = await call("POST", `${acme.at}/shares`, offer);
  const accepted = await call("POST", `${org.at}/received-shares/${body.id}/accept`, {});
  expect(accepted.body).toMatchObject({ status: "active", frozen: false });
  return body.id as string;
}

beforeEach(async () => {
  [acme, beta, gamma] = [await newOrg("Acme"), await newOrg("Beta"), await newOrg("Gamma")];
  const id = `hq-${acme.id}`;
  await call("PUT", `${acme.at}/resources/site/${id}`, { name: "HQ" });
  person = someone("out");
  const to = { email: person, name: "Out" };
  const own = await call("POST", `${acme.at}/shares`, { to, role: "viewer", scope: ALL });
  await accept(own.body.id, person);
  shares = { beta: await shareWith(beta), gamma: await shareWith(gamma), person: own.body.id };
});

/** Who of the three may view. */
async function viewers() {
  const each = [
    ["beta", beta.admin],
    ["gamma", gamma.admin],
    ["person", person],
  ] as const;
  const found: string[] = [];
  for (const [name, who] of each)
    if (await may(acme.id, who, "view", `site:hq-${acme.id}`)) found.push(name);
  return found;
}

const frozenShares = async () => {
  const { body } = await call("GET", `${acme.at}/shares`);
  const items = body.items as { id: string; frozen: boolean }[];
  return (["beta", "gamma", "person"] as const).filter(
    (name) => items.find(({ id }) => id === shares[name])?.frozen,
  );
};

const receivedBy = async (org: Org, share: string) =>
  (await call("GET", `${org.at}/received-shares/${share}`)).body;

test("[R12] freezing everything stops every share at once, thawing restores exactly what was", async () => {
  expect(await viewers()).toEqual(["beta", "gamma", "person"]);
  const frozen = await call("POST", `${acme.at}/freeze`, { reason: "A leak" }, as(acme.admin));
  expect(frozen.status).toBe(201);
  expect(frozen.body).toMatchObject({ id: "all", org: acme.id, partner: null, reason: "A leak" });
  expect(await viewers()).toEqual([]);
  expect(await frozenShares()).toEqual(["beta", "gamma", "person"]);
  expect(await receivedBy(beta, shares.beta)).toMatchObject({ status: "active", frozen: true });
  const own = await call("GET", "/v1/me/access", undefined, as(person));
  expect(own.body.items).toMatchObject([{ status: "active", frozen: true, resources: 0 }]);
  const resources = `${beta.at}/received-shares/${shares.beta}/resources`;
  expect((await call("GET", resources)).body.items).toEqual([]);
  expect((await call("GET", `${beta.at}/resources?include=shared`)).body.items).toEqual([]);
  const mine = await call("GET", "/v1/me/access", undefined, as(beta.admin));
  expect(mine.body.items.map((one: { kind: string }) => one.kind)).toEqual(["member"]);
  expect((await call("POST", `${acme.at}/thaw`)).status).toBe(204);
  expect(await viewers()).toEqual(["beta", "gamma", "person"]);
  expect(await frozenShares()).toEqual([]);
  expect(await receivedBy(beta, shares.beta)).toMatchObject({ status: "active", frozen: false });
  expect((await call("GET", resources)).body.items).toHaveLength(1);
  expect((await call("GET", `${beta.at}/resources?include=shared`)).body.items).toHaveLength(1);
});

test("[R12] one partner's shares are frozen by themselves, and stay so when all are thawed", async () => {
  const one = await call("POST", `${acme.at}/freeze`, { partner: beta.id });
  expect(one.body).toMatchObject({ id: String(beta.id), partner: beta.id, reason: null });
  expect(await viewers()).toEqual(["gamma", "person"]);
  expect(await frozenShares()).toEqual(["beta"]);
  expect(await receivedBy(gamma, shares.gamma)).toMatchObject({ frozen: false });
  await call("POST", `${acme.at}/freeze`, {});
  const listed = await call("GET", `${acme.at}/freezes`);
  expect(listed.body.items).toMatchObject([{ id: "all" }, { id: String(beta.id) }]);
  const first = await call("GET", `${acme.at}/freezes?limit=1`);
  const rest = await call("GET", `${acme.at}/freezes?cursor=${first.body.next_cursor}`);
  expect(rest.body.items).toMatchObject([{ id: String(beta.id) }]);
  const csv = await call("GET", `${acme.at}/freezes`, undefined, { accept: "text/csv" });
  expect(csv.body).toContain(`${beta.id},${acme.id}`);
  await call("POST", `${acme.at}/thaw`, {});
  expect(await viewers()).toEqual(["gamma", "person"]);
  await call("POST", `${acme.at}/thaw`, { partner: beta.id });
  expect(await viewers()).toEqual(["beta", "gamma", "person"]);
});

test("[R32] a freeze is one edit, and a second one changes nothing", async () => {
  const first = await call("POST", `${acme.at}/freeze`, { reason: "A leak" });
  const again = await call("POST", `${acme.at}/freeze`, { reason: "Another" });
  expect(again.status).toBe(200);
  expect(again.body).toEqual(first.body);
  const revision = first.headers.get("access-revision");
  expect(again.headers.get("access-revision")).toBe(revision);
  const thawed = await call("POST", `${acme.at}/thaw`, {});
  const idle = await call("POST", `${acme.at}/thaw`, {});
  expect(idle.status).toBe(204);
  expect(idle.headers.get("access-revision")).toBe(thawed.headers.get("access-revision"));
});

test("[R22] what is frozen above is frozen below, and is thawed above only", async () => {
  const below = await newOrg("Pole", someone(), acme.id);
  await call("PUT", `${below.at}/resources/site/pole`, {});
  const offer = { to: { org: beta.id }, role: "viewer", scope: ALL };
  const { body } = await call("POST", `${below.at}/shares`, offer);
  await call("POST", `${acme.at}/freeze`, { partner: beta.id });
  // Accepted while frozen: allowed, and nothing yet.
  const accepted = await call("POST", `${beta.at}/received-shares/${body.id}/accept`, {});
  expect(accepted.body).toMatchObject({ status: "active", frozen: true });
  const etag = (await call("GET", `${beta.at}/received-shares/${body.id}`)).headers.get("etag");
  expect(etag).toBe(accepted.headers.get("etag"));
  expect(await may(below.id, beta.admin, "view", "site:pole")).toBe(false);
  expect((await call("GET", `${below.at}/shares/${body.id}`)).body).toMatchObject({ frozen: true });
  await call("POST", `${below.at}/thaw`, { partner: beta.id });
  expect(await may(below.id, beta.admin, "view", "site:pole")).toBe(false);
  await call("POST", `${acme.at}/thaw`, { partner: beta.id });
  expect(await may(below.id, beta.admin, "view", "site:pole")).toBe(true);
});

test("[R33] each partner is told once, with the edit", async () => {
  await call("POST", `${acme.at}/shares`, { to: { org: beta.id }, role: "viewer", scope: ALL });
  await call("POST", `${acme.at}/freeze`, {});
  await call("POST", `${acme.at}/thaw`, {});
  const history = await call("GET", `${acme.at}/changes?limit=1000`);
  const told = history.body.items
    .slice(-2)
    .map(({ events }: { events: { name: string; partner?: number }[] }) =>
      events.map(({ name, partner }) => [name, partner]),
    );
  const each = (what: string) => [
    [`org.${what}`, undefined],
    [`share.${what}`, beta.id],
    [`share.${what}`, gamma.id],
  ];
  expect(told).toEqual([each("frozen"), each("thawed")]);
  expect(history.body.items.at(-1).says[0]).toBe("resumed what Acme shares with everyone");
});

test("a partner is another org that there is", async () => {
  for (const partner of [acme.id, 999_999])
    expectProblem(await call("POST", `${acme.at}/freeze`, { partner }), 422, "invalid");
  expectProblem(await call("POST", `${acme.at}/freeze`, { partner: 0 }), 400, "invalid");
  const batch = await call("POST", `${acme.at}/batch`, {
    edits: [{ method: "POST", path: `${acme.at}/freeze`, body: { partner: beta.id } }],
  });
  expect(batch.body.results).toMatchObject([{ status: 201, body: { partner: beta.id } }]);
});
