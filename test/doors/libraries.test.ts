import { beforeAll, describe, expect, test } from "vitest";
import {
  as,
  call,
  expectProblem,
  newKey,
  newMember,
  newOrg,
  someone,
  withKey,
} from "../support/http.ts";

type Org = Awaited<ReturnType<typeof newOrg>>;

const VALUES = [
  { value: "North", label: "The North", color: "#123456", properties: { rank: 1 } },
  { value: "south" },
];

let libraries = 0;

/** A library with these values, in an org; answers its name. */
async function newLibrary(at: string, values: object[] = VALUES) {
  const name = `Regions ${libraries++}`;
  const path = `${at}/libraries/${encodeURIComponent(name)}`;
  const made = await call("PUT", path, { values });
  expect(made.status).toBe(201);
  return { name, path };
}

const valuesAt = async (at: string, name: string) =>
  (await call("GET", `${at}/libraries/${encodeURIComponent(name)}`)).body.values;

describe("a library", () => {
  let acme: Org;
  beforeAll(async () => {
    acme = await newOrg("Acme");
  });

  test("is made, replaced and removed under its name", async () => {
    const path = `${acme.at}/libraries/${encodeURIComponent("Points de contact / 1")}`;
    const made = await call("PUT", path, { values: VALUES });
    expect(made.status).toBe(201);
    const name = "Points de contact / 1";
    expect(made.body).toEqual({ id: name, org: acme.id, name, count: 2, values: VALUES });
    const found = await call("GET", path);
    expect(found.body).toEqual(made.body);
    const etag = found.headers.get("etag");
    const values = [{ value: "South", label: null }];
    const changed = await call("PUT", path, { values }, { "if-match": etag });
    expect(changed.status).toBe(200);
    expect(changed.body.values).toEqual([{ value: "South" }]);
    const stale = await call("PUT", path, { values: [] }, { "if-match": etag });
    expectProblem(stale, 412, "stale_revision");
    expect((await call("DELETE", path)).status).toBe(204);
    expectProblem(await call("GET", path), 404, "not_found");
    expectProblem(await call("DELETE", path), 404, "not_found");
  });

  test("[R25] everyone inside reads it, only admins write it, and no other org has it", async () => {
    const { name, path } = await newLibrary(acme.at);
    const member = as((await newMember(acme.at)).email);
    expect((await call("GET", path, undefined, member)).body.values).toEqual(VALUES);
    expectProblem(await call("PUT", path, { values: [] }, member), 403, "forbidden");
    const below = await newOrg("Below", someone(), acme.id);
    const there = `${below.at}/libraries/${encodeURIComponent(name)}`;
    expectProblem(await call("GET", there), 404, "not_found");
    expect((await call("PUT", there, { values: [{ value: "Own" }] })).status).toBe(201);
    expect(await valuesAt(acme.at, name)).toEqual(VALUES);
    expect((await call("DELETE", path)).status).toBe(204);
    expect(await valuesAt(below.at, name)).toEqual([{ value: "Own" }]);
  });

  test("lists are by name, with how many values each has", async () => {
    const org = await newOrg("Listed");
    for (const name of ["b", "a"])
      await call("PUT", `${org.at}/libraries/${name}`, { values: VALUES });
    const first = await call("GET", `${org.at}/libraries?limit=1`);
    expect(first.body.items).toEqual([{ id: "a", org: org.id, name: "a", count: 2 }]);
    const next = await call("GET", `${org.at}/libraries?cursor=${first.body.next_cursor}`);
    expect(next.body).toMatchObject({ items: [{ name: "b" }], next_cursor: null });
    const csv = await call("GET", `${org.at}/libraries`, undefined, { accept: "text/csv" });
    expect(csv.body).toContain(`a,${org.id},a,2`);
  });

  test("a value is in it once, by its exact text", async () => {
    const path = `${acme.at}/libraries/once`;
    const cased = [{ value: "a" }, { value: "A" }, { value: "a " }];
    expect((await call("PUT", path, { values: cased })).body.count).toBe(3);
    const twice = await call("PUT", path, { values: [...cased, { value: "A" }] });
    expectProblem(twice, 422, "invalid");
    expect(twice.body.errors[0].pointer).toBe("/values/3/value");
    const blank = `${acme.at}/libraries/${encodeURIComponent(" ")}`;
    expectProblem(await call("PUT", blank, { values: [] }), 400, "invalid");
  });

  test("past its limits it is refused", async () => {
    const path = `${acme.at}/libraries/large`;
    const values = Array.from({ length: 1_001 }, (_, n) => ({ value: `v${n}` }));
    const many = await call("PUT", path, { values });
    expectProblem(many, 422, "limit");
    expect(many.body.detail).toContain("1000");
    expect((await call("PUT", path, { values: values.slice(1) })).status).toBe(201);
    const long = { value: "long", properties: { text: "x".repeat(140_000) } };
    expectProblem(await call("PUT", path, { values: [long] }), 422, "limit");
    const org = await newOrg("Many");
    const edits = Array.from({ length: 201 }, (_, n) => ({
      method: "PUT",
      path: `${org.at}/libraries/l${n}`,
      body: { values: [] },
    }));
    expectProblem(await call("POST", `${org.at}/batch`, { edits }), 422, "limit");
    const full = await call("POST", `${org.at}/batch`, { edits: edits.slice(1) });
    expect(full.status).toBe(200);
    const { path: source, name } = await newLibrary(acme.at);
    expectProblem(await call("POST", `${source}/copy`, { to: org.id }), 422, "limit");
    expectProblem(await call("PUT", `${org.at}/libraries/${name}`, { values: [] }), 422, "limit");
  });
});

describe("[R25] copying", () => {
  let acme: Org;
  let pole: Org;
  let beta: Org;
  /** An admin of Acme and of Beta. */
  const both = someone("both");

  beforeAll(async () => {
    acme = await newOrg("Acme", both);
    pole = await newOrg("Pole", someone(), acme.id);
    beta = await newOrg("Beta", both);
  });

  test("a whole library goes to an org of the same tree, or of another", async () => {
    const { name, path } = await newLibrary(acme.at);
    const copied = await call("POST", `${path}/copy`, { to: pole.id }, as(both));
    expect(copied.status).toBe(201);
    expect(copied.body).toMatchObject({ org: pole.id, name, count: 2, values: VALUES });
    const revision = (org: Org) => RegExp(`^${org.id}\\.`);
    expect(copied.headers.get("access-revision")).toMatch(revision(acme));
    const across = await call("POST", `${path}/copy`, { to: beta.id }, as(both));
    expect(across.status).toBe(201);
    expect(across.headers.get("access-revision")).toMatch(revision(beta));
    expect(await valuesAt(beta.at, name)).toEqual(VALUES);
    const again = await call("POST", `${path}/copy`, { to: beta.id }, as(both));
    expect(again.status).toBe(200);
    expect(again.headers.get("access-revision")).toBe(across.headers.get("access-revision"));
    await call("PUT", path, { values: [] });
    expect(await valuesAt(beta.at, name)).toEqual(VALUES);
    const history = await call("GET", `${beta.at}/changes?limit=1000`);
    expect(history.body.items.at(-1)).toMatchObject({
      what: "library.copy",
      actor: { email: both },
      says: [`copied the library ${name} from the organisation ${acme.id}`],
    });
  });

  test("one value goes by itself", async () => {
    const { name, path } = await newLibrary(acme.at);
    const one = await call("POST", `${path}/copy`, { to: beta.id, value: "south" }, as(both));
    expect(one.body.values).toEqual([{ value: "south" }]);
    const other = await call("POST", `${path}/copy`, { to: beta.id, value: "North" }, as(both));
    expect(other.status).toBe(200);
    expect(await valuesAt(beta.at, name)).toEqual([VALUES[1], VALUES[0]]);
    const none = await call("POST", `${path}/copy`, { to: beta.id, value: "East" }, as(both));
    expectProblem(none, 422, "invalid");
    expectProblem(await call("POST", `${path}/copy`, { to: acme.id }), 422, "invalid");
  });

  test("values that are there with another content are named, then kept or replaced", async () => {
    const { name, path } = await newLibrary(acme.at);
    const there = `${beta.at}/libraries/${encodeURIComponent(name)}`;
    const own = { value: "North", label: "Ours" };
    await call("PUT", there, { values: [{ value: "West" }, own] });
    const refused = await call("POST", `${path}/copy`, { to: beta.id }, as(both));
    expectProblem(refused, 409, "conflict");
    expect(refused.body.errors).toEqual([{ pointer: "/onConflict", detail: "North" }]);
    expect(await valuesAt(beta.at, name)).toEqual([{ value: "West" }, own]);
    const copy = (onConflict: string) =>
      call("POST", `${path}/copy`, { to: beta.id, onConflict }, as(both));
    expect((await copy("keep")).body.values).toEqual([{ value: "West" }, own, VALUES[1]]);
    expect((await copy("replace")).body.values).toEqual([{ value: "West" }, ...VALUES]);
    expectProblem(await copy("merge"), 400, "invalid");
  });

  test("only an admin of both may", async () => {
    const { path } = await newLibrary(acme.at);
    const copy = (sent: Record<string, string | null>, to = beta.id) =>
      call("POST", `${path}/copy`, { to }, sent);
    expectProblem(await copy(as(someone())), 404, "not_found");
    const ofBeta = await newMember(beta.at, "admin");
    expectProblem(await copy(as(ofBeta.email)), 404, "not_found");
    await newMember(acme.at, "viewer", ofBeta.email);
    expectProblem(await copy(as(ofBeta.email)), 403, "forbidden");
    const ofAcme = await newMember(acme.at, "admin");
    expectProblem(await copy(as(ofAcme.email)), 404, "not_found");
    await newMember(beta.at, "viewer", ofAcme.email);
    expectProblem(await copy(as(ofAcme.email)), 403, "forbidden");
    expectProblem(await copy({}, 999_999), 404, "not_found");
  });

  test("a key copies inside its own tree and reach, and nowhere else", async () => {
    const { path, name } = await newLibrary(acme.at);
    const ofAcme = await newKey(acme.at, "manage");
    const ofBeta = await newKey(beta.at, "manage");
    const ofPole = await newKey(pole.at, "manage");
    const copy = (key: string, to: number) => call("POST", `${path}/copy`, { to }, withKey(key));
    expectProblem(await copy(ofAcme.token, beta.id), 404, "not_found");
    expectProblem(await copy(ofBeta.token, beta.id), 404, "not_found");
    expectProblem(await copy(ofPole.token, pole.id), 404, "not_found");
    expect((await copy(ofAcme.token, pole.id)).status).toBe(201);
    const personal = await call("POST", `${path}/copy`, { to: beta.id }, as(both, ofAcme.token));
    expectProblem(personal, 404, "not_found");
    expectProblem(await call("GET", `${beta.at}/libraries/${name}`), 404, "not_found");
  });

  test("[R34] a repeated request copies once, and a batch does not copy", async () => {
    const { path, name } = await newLibrary(acme.at);
    const sent = { ...as(both), "idempotency-key": "copy once" };
    const first = await call("POST", `${path}/copy`, { to: beta.id }, sent);
    await call("DELETE", `${beta.at}/libraries/${encodeURIComponent(name)}`);
    const second = await call("POST", `${path}/copy`, { to: beta.id }, sent);
    expect(second.body).toEqual(first.body);
    expectProblem(await call("GET", `${beta.at}/libraries/${name}`), 404, "not_found");
    const edits = [{ method: "POST", path: `${path}/copy`, body: { to: pole.id } }];
    expectProblem(await call("POST", `${acme.at}/batch`, { edits }), 400, "invalid");
  });
});
