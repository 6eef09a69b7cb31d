import { beforeAll, describe, expect, inject, test } from "vitest";
import {
  accept,
  as,
  call,
  expectProblem,
  newKey,
  newMember,
  newOrg,
  withKey,
} from "../support/http.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The vectors of the AuthZEN interop scenario "Search", by part and file; none where absent. */
    search: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }
}

interface Vector {
  readonly request: object;
  readonly expected: { readonly results: readonly Readonly<Record<string, string>>[] };
}

const given = inject("search");
const vectors = ["subject", "resource", "action"].flatMap((find) => {
  const { evaluation = [] } = (given[find]?.["results.json"] ?? {}) as { evaluation?: Vector[] };
  return evaluation.map((vector, n): [string, string, Vector] => [`${find} ${n}`, find, vector]);
});
const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).toSorted();

describe.skipIf(vectors.length === 0)("the AuthZEN search scenario", () => {
  let at: string;

  beforeAll(async () => {
    // Without an admin, who would be found by every search.
    const { id } = (await call("POST", "/v1/orgs", { name: "Search" })).body;
    const org = { id, at: `/v1/orgs/${id}` };
    at = `/orgs/${id}/access/v1/search`;
    const roles = [
      { name: "reader", actions: ["view"] },
      { name: "editor", actions: ["edit"] },
      { name: "owner", actions: ["view", "edit", "delete"] },
    ];
    await call("PUT", `${org.at}/role-sets/records`, { ordered: false, roles });
    await call("PUT", `${org.at}/types/record`, { roleSet: "records", ownerRole: "owner" });
    const users = given["data"]?.["users.json"] as {
      id: string;
      role: string;
      department: string;
    }[];
    for (const { id, role, department } of users) {
      const email = `${id}@search.example`;
      const own = { role: "records.reader", scope: { tags: [department] } };
      const person = { name: id, email, externalId: id, ...own };
      const made = await call("POST", `${org.at}/members`, person);
      const grant = (body: object) =>
        call("POST", `${org.at}/members/${made.body.id}/grants`, body);
      if (role === "manager") {
        await grant({ role: "records.reader", scope: { all: true } });
        await grant({ role: "records.editor", scope: { tags: [department] } });
      }
      await accept(made.body.id, email);
    }
    const records = given["data"]?.["records.json"] as {
      id: number;
      title: string;
      department: string;
      owner: string;
    }[];
    for (const { id, title, department, owner } of records) {
      const body = { name: title, tags: [department], owner: `${owner}@search.example` };
      expect((await call("PUT", `${org.at}/resources/record/${id}`, body)).status).toBe(201);
    }
  });

  test.each(vectors)("%s", async (_, find, { request, expected }) => {
    const reply = await call("POST", `${at}/${find}`, request);
    expect(reply.status).toBe(200);
    expect(sorted(reply.body.results)).toEqual(sorted(expected.results));
  });
});

describe("a search", () => {
  let owner: Awaited<ReturnType<typeof newOrg>>;
  let partner: Awaited<ReturnType<typeof newOrg>>;
  let at: string;
  const people: string[] = [];
  const site = (id: string) => ({ type: "site", id });
  const find = (what: string, body: object, sent = {}) => call("POST", `${at}/${what}`, body, sent);

  beforeAll(async () => {
    owner = await newOrg("Searched");
    partner = await newOrg("Searching partner");
    at = `/orgs/${owner.id}/access/v1/search`;
    for (let n = 0; n < 25; n++)
      await call("PUT", `${owner.at}/resources/site/s${n}`, { tags: [n % 2 ? "odd" : "even"] });
    for (let n = 0; n < 12; n++) people.push((await newMember(owner.at)).email);
    const staff = await newMember(partner.at);
    people.push(staff.email);
    const offer = { to: { org: partner.id }, role: "viewer", scope: { tags: ["odd"] } };
    const { body: share } = await call("POST", `${owner.at}/shares`, offer);
    const received = `${partner.at}/received-shares/${share.id}`;
    await call("POST", `${received}/accept`, {});
    const rule = { to: { member: staff.id }, role: "viewer", scope: { all: true } };
    expect((await call("POST", `${received}/rules`, rule)).status).toBe(201);
  });

  const subjects = { subject: { type: "user" }, action: { name: "view" } };

  test("goes page by page, each row once, and ends", async () => {
    const body = {
      subject: { type: "user", id: people[0] },
      action: { name: "view" },
      resource: { type: "site" },
    };
    const ids: string[] = [];
    let token = "";
    for (let pages = 0; pages < 10; pages++) {
      const page = { limit: 10, ...(token ? { token } : {}) };
      const reply = await find("resource", { ...body, page });
      expect(reply.status).toBe(200);
      for (const row of reply.body.results) {
        expect(Object.keys(row)).toEqual(["type", "id"]);
        ids.push(row.id);
      }
      token = reply.body.page.next_token;
      if (token === "") break;
    }
    expect(ids).toEqual(Array.from({ length: 25 }, (_, n) => `s${n}`));
  });

  test("reaches across trees, on either side of the question", async () => {
    const staff = people.at(-1);
    const odd = await find("subject", { ...subjects, resource: site("s1") });
    expect(odd.body.results.map((row: { id: string }) => row.id).toSorted()).toEqual(
      [...people, owner.admin, partner.admin].toSorted(),
    );
    const even = await find("subject", { ...subjects, resource: site("s2") });
    expect(even.body.results.map((row: { id: string }) => row.id)).not.toContain(staff);
    const mine = await find("resource", {
      subject: { type: "user", id: staff },
      action: { name: "view" },
      resource: { type: "site" },
    });
    expect(mine.body.results).toHaveLength(12);
    const actions = await find("action", {
      subject: { type: "user", id: staff },
      resource: site("s1"),
    });
    expect(actions.body.results).toEqual([{ name: "view" }]);
  });

  test("agrees with a check, and its page holds for its own question and revision", async () => {
    const body = { ...subjects, resource: site("s1"), page: { limit: 3 } };
    const first = await find("subject", body);
    const token = first.body.page.next_token;
    expect(first.body.results).toHaveLength(3);
    expect((await find("subject", { ...body, page: { limit: 3, token } })).status).toBe(200);
    const other = { ...body, resource: site("s3"), page: { token } };
    expectProblem(await find("subject", other), 400, "invalid");
    expectProblem(await find("subject", { ...body, page: { token: "nonsense" } }), 400, "invalid");
    await call("PATCH", owner.at, { description: "Moved on" });
    expectProblem(await find("subject", { ...body, page: { token } }), 400, "invalid");
  });

  test("of what is not there is empty, and for those who may not check it is refused", async () => {
    for (const resource of [site("none"), { type: "nothing", id: "s1" }])
      expect((await find("subject", { ...subjects, resource })).body).toEqual({ results: [] });
    const nobody = {
      subject: { type: "user", id: "nobody@people.example" },
      action: { name: "view" },
    };
    expect((await find("resource", { ...nobody, resource: { type: "site" } })).body).toEqual({
      results: [],
    });
    const manage = await newKey(owner.at, "manage");
    const body = { ...subjects, resource: site("s1") };
    expectProblem(await find("subject", body, withKey(manage.token)), 403, "forbidden");
    const foreign = await newKey(partner.at, "check");
    expectProblem(await find("subject", body, withKey(foreign.token)), 404, "not_found");
    expectProblem(await find("subject", body, as(owner.admin)), 403, "forbidden");
    expectProblem(await find("subject", { action: { name: "view" } }), 400, "invalid");
  });

  test("is named by the metadata", async () => {
    const { body } = await call("GET", `/.well-known/authzen-configuration/orgs/${owner.id}`);
    for (const what of ["subject", "resource", "action"])
      expect(body[`search_${what}_endpoint`]).toMatch(
        new RegExp(`/orgs/${owner.id}/access/v1/search/${what}$`),
      );
  });
});
