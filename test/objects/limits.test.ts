import { expect, test } from "vitest";
import { call, inside } from "./record.ts";

/* Limits of a whole tree: nobody makes a million rows here, so its object is told that there are so many. */

const person = { name: "New", email: "new@people.example", role: "viewer", scope: { all: true } };

test.each([
  ["resources", 1_000_000, "PUT", "/resources/site/one-more", {}],
  ["members", 100_000, "POST", "/members", person],
  ["orgs", 10_000, "POST", "", { name: "One more" }],
  ["apiKeys", 1_000, "POST", "/keys", { name: "one more" }],
] as const)("a tree holds so many %s, and no more", async (table, most, method, path, body) => {
  const org = (await call("POST", "/v1/orgs", { name: "Full" })).body.id;
  const ask = () =>
    path === ""
      ? call(method, "/v1/orgs", { ...body, parent: org })
      : call(method, `/v1/orgs/${org}${path}`, body);
  const holding = (count: number) =>
    inside(org, ({ replica: { slice } }) => {
      slice.count = (counted: string) => (counted === table ? count : 0);
    });
  await holding(most);
  const refused = await ask();
  expect(refused).toMatchObject({ status: 422, body: { code: "limit" } });
  expect(refused.body.detail).toContain(String(most));
  await holding(most - 1);
  expect((await ask()).status).toBe(201);
});
