import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { call, newKey, newMember, newOrg, withKey } from "../support/http.ts";

/** Another Worker asks by its binding, to org 1 and below. */
async function ask(method: string, args: unknown[], bound = true) {
  const { PORTAL } = env as unknown as { PORTAL: Fetcher };
  const body = JSON.stringify({ bound, method, args });
  const response = await PORTAL.fetch("http://portal.test", { method: "POST", body });
  return response.json();
}

const question = (id: string, name: string, site: string) => ({
  subject: { type: "user", id },
  action: { name },
  resource: { type: "site", id: site },
});

let member: string;
let below: number;
let other: { id: number };
let key: string;

beforeAll(async () => {
  const acme = await newOrg("Acme");
  expect(acme.id).toBe(1);
  below = (await newOrg("Below", undefined, acme.id)).id;
  other = await newOrg("Other");
  await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ" });
  await call("PUT", `/v1/orgs/${below}/resources/site/annex`, { name: "Annex" });
  member = (await newMember(acme.at)).email;
  key = (await newKey(acme.at, "check")).token;
});

/** What HTTP says to a key of the same org. */
const http = async (path: string, body: unknown, org = 1) =>
  (await call("POST", `/orgs/${org}/access/v1/${path}`, body, withKey(key))).body;

describe("a Worker that is bound to an org", () => {
  test("is answered like a key of that org, over HTTP", async () => {
    for (const [action, site] of [
      ["view", "hq"],
      ["edit", "hq"],
      ["view", "annex"],
      ["view", "nowhere"],
    ] as const) {
      const asked = question(member, action, site);
      expect(await ask("check", [asked])).toEqual({
        ok: true,
        value: await http("evaluation", asked),
      });
    }
    expect(await ask("check", [question(member, "view", "hq")])).toMatchObject({
      value: { decision: true },
    });
  });

  test("asks many at once, and searches", async () => {
    const many = {
      ...question(member, "view", "hq"),
      evaluations: [
        {},
        { action: { name: "delete" } },
        { resource: { type: "site", id: "annex" } },
      ],
    };
    expect(await ask("checkMany", [many])).toEqual({
      ok: true,
      value: await http("evaluations", many),
    });
    for (const [find, query] of [
      ["resource", { ...question(member, "view", ""), resource: { type: "site" } }],
      ["subject", { ...question("", "view", "hq"), subject: { type: "user" } }],
      ["action", question(member, "", "hq")],
    ] as const) {
      const found = await ask("search", [find, query]);
      expect(found).toMatchObject({ ok: true });
      expect(found).toEqual({ ok: true, value: await http(`search/${find}`, query) });
    }
  });

  test("asks under an org below, and under no other", async () => {
    const asked = question(member, "view", "annex");
    expect(await ask("check", [asked, { org: below }])).toMatchObject({
      value: { decision: true },
    });
    const outside = await ask("check", [asked, { org: other.id }]);
    expect(outside).toMatchObject({ ok: false, code: "not_found", status: 404 });
    expect(await http("evaluation", asked, other.id)).toMatchObject({ code: "not_found" });
    for (const org of [0, -1, 1.5, "1"])
      expect(await ask("check", [asked, { org }])).toMatchObject({ code: "not_found" });
  });

  test("is refused what HTTP refuses, as data", async () => {
    const { status: _, ...said } = (await http("evaluation", { subject: 1 })) as never as {
      status: number;
      code: string;
      errors: unknown;
    };
    expect(await ask("check", [{ subject: 1 }])).toMatchObject({
      ok: false,
      status: 400,
      code: said.code,
      errors: said.errors,
    });
    const sent = Array.from({ length: 101 }, () => question(member, "view", "hq"));
    expect(await ask("checkMany", [{ evaluations: sent }])).toMatchObject({ code: "limit" });
    expect(await ask("search", ["nothing", {}])).toMatchObject({ code: "invalid" });
    expect(await ask("check", [])).toMatchObject({ code: "invalid" });
  });
});

test("a binding whose props name no org is nobody", async () => {
  expect(await ask("check", [question(member, "view", "hq")], false)).toMatchObject({
    ok: false,
    code: "unauthenticated",
    status: 401,
  });
});
