import { beforeAll, describe, expect, test } from "vitest";
import {
  accept,
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
const all = { all: true };
const viewer = { role: "viewer", scope: all };

let acme: Org;
beforeAll(async () => {
  acme = await newOrg("Acme");
});

const put = (id: string, body: unknown = {}, sent = {}) =>
  call("PUT", `${acme.at}/resources/site/${id}`, body, sent);
const revision = ({ headers }: { headers: Headers }) => headers.get("access-revision");
const pointers = (reply: { body: { errors?: { pointer: string }[] } }) =>
  reply.body.errors?.map(({ pointer }) => pointer);

describe("Idempotency-Key", () => {
  const once = () => ({ "idempotency-key": crypto.randomUUID() });

  test("[R34] a repeated request gets the first answer and changes nothing", async () => {
    const key = once();
    const body = { name: "Ann", email: someone("ann"), ...viewer };
    const first = await call("POST", `${acme.at}/members`, body, key);
    const second = await call("POST", `${acme.at}/members`, body, key);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(revision(second)).toBe(revision(first));
  });

  test("[R34] with another body it is refused", async () => {
    const key = once();
    await put("r34", { name: "One" }, key);
    expectProblem(await put("r34", { name: "Two" }, key), 422, "invalid");
  });

  test("[R34] refusals are not remembered", async () => {
    const key = once();
    const gone = `${acme.at}/resources/site/later`;
    expectProblem(await call("PATCH", gone, { name: "x" }, key), 404);
    await put("later");
    expect((await call("PATCH", gone, { name: "x" }, key)).status).toBe(200);
  });

  test("[R34] it is each actor's own", async () => {
    const key = once();
    expect((await put("own", { name: "One" }, key)).status).toBe(201);
    const other = await put("own", { name: "Two" }, { ...key, ...as(acme.admin) });
    expect(other).toMatchObject({ status: 200, body: { name: "Two" } });
  });

  test("[R34] a new org and a new key are made once", async () => {
    const key = once();
    const org = () => call("POST", "/v1/orgs", { name: "Once" }, key);
    expect((await org()).body).toEqual((await org()).body);
    const token = () => call("POST", `${acme.at}/keys`, { holds: ["check"] }, key);
    expect((await token()).body).toEqual((await token()).body);
  });

  test("[R34] a batch too", async () => {
    const key = once();
    const edits = [{ method: "PUT", path: `${acme.at}/resources/site/b34`, body: {} }];
    const ask = () => call("POST", `${acme.at}/batch`, { edits }, key);
    const [first, second] = [await ask(), await ask()];
    expect(second.body).toEqual(first.body);
    expect(revision(second)).toBe(revision(first));
  });

  test("one that is empty or too long is malformed", async () => {
    expectProblem(await put("x", {}, { "idempotency-key": "k".repeat(201) }), 400, "invalid");
  });
});

describe("entity tags", () => {
  test("If-None-Match: 304 while nothing changed", async () => {
    await put("tag", { name: "One" });
    const at = `${acme.at}/resources/site/tag`;
    const etag = (await call("GET", at)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[^"]+"$/);
    const same = await call("GET", at, undefined, { "if-none-match": etag });
    expect(same).toMatchObject({ status: 304, body: null });
    expect(same.headers.get("etag")).toBe(etag);
    await put("tag", { name: "Two" });
    expect((await call("GET", at, undefined, { "if-none-match": etag })).status).toBe(200);
  });

  test("If-None-Match takes a list, and a weak tag", async () => {
    await put("list");
    const at = `${acme.at}/resources/site/list`;
    const etag = (await call("GET", at)).headers.get("etag") ?? "";
    const sent = (value: string) => call("GET", at, undefined, { "if-none-match": value });
    expect((await sent(`"other", ${etag}`)).status).toBe(304);
    expect((await sent(`W/${etag}`)).status).toBe(304);
    expect((await sent("*")).status).toBe(304);
  });

  test("If-Match: 412 when stale, and a write answers the next tag", async () => {
    const etag = (await put("match", { name: "One" })).headers.get("etag") ?? "";
    const second = await put("match", { name: "Two" }, { "if-match": etag });
    expect(second.status).toBe(200);
    expectProblem(
      await put("match", { name: "Three" }, { "if-match": etag }),
      412,
      "stale_revision",
    );
    const read = await call("GET", `${acme.at}/resources/site/match`);
    expect(read.body.name).toBe("Two");
    expect(read.headers.get("etag")).toBe(second.headers.get("etag"));
  });

  test("If-Match takes a list", async () => {
    const etag = (await put("match-list")).headers.get("etag") ?? "";
    const reply = await put("match-list", { name: "Two" }, { "if-match": `"other", ${etag}` });
    expect(reply.status).toBe(200);
  });

  test("If-Match: * asks that there be something", async () => {
    expectProblem(await put("nothing", {}, { "if-match": "*" }), 412, "stale_revision");
  });

  test("If-Match holds where a thing goes, too", async () => {
    const beta = await newOrg("Beta");
    const stale = { "if-match": '"stale"' };
    const key = await newKey(acme.at, "check");
    const invited = { name: "New", email: someone("new"), ...viewer };
    const member = (await call("POST", `${acme.at}/members`, invited)).body.id;
    const offer = { to: { org: beta.id }, ...viewer };
    const share = (await call("POST", `${acme.at}/shares`, offer)).body.id;
    for (const [method, path] of [
      ["DELETE", `${acme.at}/keys/${key.id}`],
      ["POST", `${acme.at}/members/${member}/resend`],
      ["POST", `${beta.at}/received-shares/${share}/decline`],
    ] as const)
      expectProblem(await call(method, path, {}, stale), 412, "stale_revision");
  });

  test("[R16] a share is accepted with the terms that were seen", async () => {
    const beta = await newOrg("Beta");
    const offer = { to: { org: beta.id }, ...viewer };
    const share = await call("POST", `${acme.at}/shares`, offer);
    const at = `${beta.at}/received-shares/${share.body.id}`;
    const seen = (await call("GET", at)).headers.get("etag") ?? "";
    await call("PATCH", `${acme.at}/shares/${share.body.id}`, { role: "commenter" });
    expectProblem(
      await call("POST", `${at}/accept`, {}, { "if-match": seen }),
      412,
      "stale_revision",
    );
    const now = (await call("GET", at)).headers.get("etag") ?? "";
    expect((await call("POST", `${at}/accept`, {}, { "if-match": now })).status).toBe(200);
  });
});

describe("Access-Revision", () => {
  test("[R32] every write says one, and each edit another", async () => {
    const [one, two] = [await put("rev-1"), await put("rev-2")];
    expect(revision(one)).toEqual(expect.any(String));
    expect(revision(two)).not.toBe(revision(one));
    const at = `${acme.at}/resources/site/rev-2`;
    const read = await call("GET", at, undefined, { "access-revision": revision(two) });
    expect(read.status).toBe(200);
    const removed = await call("DELETE", at);
    expect(removed.status).toBe(204);
    expect(revision(removed)).not.toBe(revision(two));
  });
});

describe("lists", () => {
  test("a cursor goes on without loss or repetition, over three pages", async () => {
    const org = await newOrg("Pages");
    const edits = Array.from({ length: 7 }, (_, n) => ({
      method: "PUT",
      path: `${org.at}/resources/site/s${n}`,
      body: {},
    }));
    await call("POST", `${org.at}/batch`, { edits });
    const sizes: number[] = [];
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const from: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await call("GET", `${org.at}/resources?limit=3${from}`);
      sizes.push(page.body.items.length);
      ids.push(...page.body.items.map((item: { id: string }) => item.id));
      cursor = page.body.next_cursor;
    } while (cursor !== null);
    expect(sizes).toEqual([3, 3, 1]);
    expect(ids.toSorted()).toEqual(edits.map((_, n) => `s${n}`));
  });

  test.each(["members", "keys", "shares", "changes"])("pages of %s", async (list) => {
    const org = await newOrg("Pages");
    for (let n = 0; n < 3; n++) {
      await call("POST", `${org.at}/members`, { name: "M", email: someone(), ...viewer });
      await call("POST", `${org.at}/shares`, { to: { email: someone(), name: "S" }, ...viewer });
      await newKey(org.at, "check");
    }
    const id = ({ id }: { id: string }) => id;
    const whole = (await call("GET", `${org.at}/${list}`)).body.items.map(id);
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const from: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await call("GET", `${org.at}/${list}?limit=1${from}`);
      paged.push(...page.body.items.map(id));
      cursor = page.body.next_cursor;
    } while (cursor !== null && paged.length < 50);
    expect(paged.length).toBeGreaterThanOrEqual(3);
    expect(paged).toEqual(whole);
  });

  test("as CSV, safe from formulas", async () => {
    const org = await newOrg("Sheets");
    for (const [n, name] of ["=1+1", "+1", "-1", "@SUM(A1)", 'a "quote", a comma'].entries())
      await call("PUT", `${org.at}/resources/site/f${n}`, { name, tags: ["=cmd"] });
    const reply = await call("GET", `${org.at}/resources`, undefined, { accept: "text/csv" });
    expect(reply.headers.get("content-type")).toMatch(/^text\/csv/);
    const text = reply.body as string;
    expect(text.split("\r\n")[0]).toMatch(/type,id,name/);
    for (const safe of ["'=1+1", "'+1", "'-1", "'@SUM(A1)", '"a ""quote"", a comma"'])
      expect(text).toContain(safe);
    expect(text).not.toMatch(/(^|,)"?[=+@-]/m);
  });
});

describe("batch", () => {
  const batch = (edits: unknown[]) => call("POST", `${acme.at}/batch`, { edits });
  const site = (id: string, body: unknown = {}) => ({
    method: "PUT",
    path: `${acme.at}/resources/site/${id}`,
    body,
  });

  test("[R33] many edits are one revision, with a result each", async () => {
    const before = (await call("GET", `${acme.at}/changes?limit=1000`)).body.items.length;
    const reply = await batch([
      site("b1"),
      site("b2"),
      { ...site("b1"), method: "DELETE", body: {} },
    ]);
    expect(reply).toMatchObject({
      status: 200,
      body: { results: [{ status: 201, body: { id: "b1" } }, { status: 201 }, { status: 204 }] },
    });
    const changes = (await call("GET", `${acme.at}/changes?limit=1000`)).body.items;
    expect(changes).toHaveLength(before + 1);
  });

  test("[R33] one that is refused refuses all, and says which", async () => {
    const refused = {
      method: "POST",
      path: `${acme.at}/grants`,
      body: { to: "members", role: "king", scope: all },
    };
    const reply = await batch([site("b3"), refused]);
    expectProblem(reply, 422, "invalid");
    expect(pointers(reply)).toEqual(["/edits/1/body/role"]);
    expectProblem(await call("GET", `${acme.at}/resources/site/b3`), 404);
  });

  test("what is malformed is pointed at", async () => {
    const reply = await batch([site("b4"), site("b5", { tags: ["North", 7] })]);
    expectProblem(reply, 400, "invalid");
    expect(pointers(reply)).toEqual(["/edits/1/body/tags/1"]);
    const surplus = await batch([site("b4"), site("b5", { nmae: "x" })]);
    expectProblem(surplus, 400, "invalid");
    expect(pointers(surplus)).toEqual(["/edits/1/body"]);
    const unknown = await batch([{ method: "POST", path: `${acme.at}/nothing`, body: {} }]);
    expectProblem(unknown, 400, "invalid");
    expect(pointers(unknown)).toEqual(["/edits/0"]);
  });

  test("nothing outside of its org", async () => {
    const other = await newOrg("Other");
    const reply = await batch([
      site("b6"),
      { ...site("b7"), path: `${other.at}/resources/site/b7` },
    ]);
    expectProblem(reply, 404, "not_found");
    expectProblem(await call("GET", `${acme.at}/resources/site/b6`), 404);
  });

  test("a thousand at most", async () => {
    const reply = await batch(Array.from({ length: 1_001 }, (_, n) => site(`many-${n}`)));
    expect([400, 422]).toContain(reply.status);
  });
});

describe("imports", () => {
  const load = (org: Org, what: string, body: string, type = "application/x-ndjson", sent = {}) =>
    call("POST", `${org.at}/${what}/import`, body, { "content-type": type, ...sent });
  const lines = (...rows: unknown[]) =>
    rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n");

  test("NDJSON: a result for each row, good or bad", async () => {
    const org = await newOrg("Load");
    const reply = await load(
      org,
      "resources",
      lines(
        { type: "site", id: "a", tags: ["North"] },
        "{bad",
        { type: "site" },
        { type: "site", id: "b", nmae: 1 },
        "",
        { type: "site", id: "c" },
      ),
    );
    expect(reply.status).toBe(200);
    expect(reply.body.items).toMatchObject([
      { row: 1, status: 201, id: "a" },
      { row: 2, status: 400, code: "invalid" },
      { row: 3, status: 400, code: "invalid", errors: [{ pointer: "/id" }] },
      { row: 4, status: 400, code: "invalid" },
      { row: 5, status: 201, id: "c" },
    ]);
    expect((await call("GET", `${org.at}/resources`)).body.items).toHaveLength(2);
  });

  test("CSV: tags are parted, quotes and a byte order mark are read", async () => {
    const org = await newOrg("Load");
    const csv =
      '\uFEFFtype,id,name,tags\r\nsite,a,"One, two",North;HQ\r\nsite,,no id,\r\nsite,b,,\r\n';
    const reply = await load(org, "resources", csv, "text/csv");
    expect(reply.body.items.map((item: { status: number }) => item.status)).toEqual([
      201, 400, 201,
    ]);
    const read = await call("GET", `${org.at}/resources/site/a`);
    expect(read.body).toMatchObject({ name: "One, two", tags: ["North", "HQ"] });
  });

  test("[R8] only the platform can say that a member has accepted", async () => {
    const org = await newOrg("Load");
    const row = (email: string) => lines({ email, status: "active", ...viewer });
    const key = (await newKey(org.at, "manage")).token;
    const refused = await load(org, "members", row(someone()), undefined, withKey(key));
    expect(refused.body.items).toMatchObject([{ status: 403, code: "forbidden" }]);
    const email = someone();
    const done = await load(org, "members", row(email));
    expect(done.body.items).toMatchObject([{ status: 201 }]);
    expect((await call("GET", org.at, undefined, as(email))).status).toBe(200);
  });

  test("[R11] members by CSV, one of them twice", async () => {
    const org = await newOrg("Load");
    const email = someone();
    const csv = `email,name,role,scope,tags\n${email},Ann,viewer,,North;HQ\n${email},Ann,viewer,all,\n`;
    const reply = await load(org, "members", csv, "text/csv");
    expect(reply.body.items).toMatchObject([
      { status: 201 },
      { status: 409, code: "already_member" },
    ]);
    const members = (await call("GET", `${org.at}/members`)).body.items;
    expect(members.find((one: { email: string }) => one.email === email)).toMatchObject({
      status: "pending",
      grants: [{ role: "viewer", scope: { tags: ["North", "HQ"] } }],
    });
  });

  test("[R32] 1,200 rows are three edits", async () => {
    const org = await newOrg("Load");
    const rows = Array.from({ length: 1_200 }, (_, n) => ({ type: "site", id: `s${n}` }));
    const changes = async () =>
      (await call("GET", `${org.at}/changes?limit=1000`)).body.items.length;
    const before = await changes();
    const reply = await load(org, "resources", lines(...rows));
    expect(reply.body.items).toHaveLength(1_200);
    expect(reply.body.items.every((item: { status: number }) => item.status === 201)).toBe(true);
    expect(reply.body.items.at(-1)).toMatchObject({ row: 1_200, id: "s1199" });
    expect(await changes()).toBe(before + 3);
  });

  test("[R34] a repeated import changes nothing", async () => {
    const org = await newOrg("Load");
    const rows = lines({ email: someone(), ...viewer });
    const key = { "idempotency-key": "import" };
    const first = await load(org, "members", rows, undefined, key);
    expect((await load(org, "members", rows, undefined, key)).body).toEqual(first.body);
  });
});

test("an import past its size is refused, at the latest where it goes too far", async () => {
  const tooLarge = new Uint8Array(32 * 1024 * 1024 + 1).fill(10);
  const sent = { "content-type": "application/x-ndjson" };
  const reply = await call("POST", `${acme.at}/resources/import`, tooLarge, sent);
  const problem = reply.status === 413 ? reply.body : reply.body.items.at(-1);
  expect(problem).toMatchObject({ status: 413, code: "too_large" });
});

test("a problem's title is in the reader's language, and its code is not", async () => {
  const french = await call("GET", "/v1/nothing", undefined, {
    "accept-language": "fr-CA,fr;q=0.9",
  });
  expect(french.body).toMatchObject({ title: "Introuvable", code: "not_found" });
  const english = await call("GET", "/v1/nothing", undefined, { "accept-language": "de" });
  expect(english.body.title).toBe("Not found");
});

describe("the rules over HTTP", () => {
  let org: Org;
  beforeAll(async () => {
    org = await newOrg("Rules");
    await call("PUT", `${org.at}/resources/site/hq`, { tags: ["North"] });
  });

  test("[R10] the last admin stays: not removed, demoted, ended, nor gone", async () => {
    const [member] = (await call("GET", `${org.at}/members`)).body.items;
    const grant = `${org.at}/grants/${member.grants[0].id}`;
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    expectProblem(await call("DELETE", `${org.at}/members/${member.id}`), 409, "last_admin");
    expectProblem(await call("PATCH", grant, { role: "viewer", scope: all }), 409, "last_admin");
    expectProblem(await call("PATCH", grant, { expiresAt }), 409, "last_admin");
    expectProblem(await call("DELETE", grant), 409, "last_admin");
    const leaving = call("DELETE", `/v1/me/access/${member.id}`, undefined, as(org.admin));
    expectProblem(await leaving, 409, "last_admin");
  });

  test("[R11] one membership per address, however it is written; it can be sent again", async () => {
    const email = someone("twice");
    const invite = (address: string) =>
      call("POST", `${org.at}/members`, { name: "T", email: address, ...viewer });
    const first = await invite(email);
    expectProblem(await invite(email.toUpperCase()), 409, "already_member");
    expect((await call("POST", `${org.at}/members/${first.body.id}/resend`, {})).status).toBe(200);
  });

  test("[R14] the recipient of a share stays", async () => {
    const to = { email: someone("out"), name: "Out" };
    const share = await call("POST", `${org.at}/shares`, { to, ...viewer });
    const at = `${org.at}/shares/${share.body.id}`;
    const reply = await call("PATCH", at, { to: { email: someone(), name: "X" } });
    expectProblem(reply, 422, "recipient_fixed");
    expect(pointers(reply)).toEqual(["/to"]);
    await accept(share.body.id, to.email);
    expect(await may(org.id, to.email, "edit", "site:hq")).toBe(false);
    await call("PATCH", at, { role: "collaborator" });
    expect(await may(org.id, to.email, "edit", "site:hq")).toBe(true);
  });

  test("[R17, R19] rules after acceptance, and none above the share", async () => {
    const beta = await newOrg("Beta");
    const offer = { to: { org: beta.id }, role: "commenter", scope: all };
    const share = await call("POST", `${org.at}/shares`, offer);
    const at = `${beta.at}/received-shares/${share.body.id}`;
    const rule = (role: string) => call("POST", `${at}/rules`, { to: "members", role, scope: all });
    expectProblem(await rule("viewer"), 409, "not_accepted");
    await call("POST", `${at}/accept`, {}, as(beta.admin));
    const above = await rule("collaborator");
    expectProblem(above, 422, "role_above_share");
    expect(pointers(above)).toEqual(["/role"]);
    const made = await rule("viewer");
    expect(made.status).toBe(201);
    expectProblem(
      await call("PATCH", `${at}/rules/${made.body.id}`, { role: "admin" }),
      422,
      "role_above_share",
    );
    await call("POST", `${at}/decline`, {}, as(beta.admin));
    expectProblem(await rule("viewer"), 409, "not_accepted");
  });

  test("[R9] nobody gains access for themselves by name", async () => {
    const key = (await newKey(org.at, "manage")).token;
    const to = { member: org.adminMember };
    for (const sent of [as(org.admin), as(org.admin, key)]) {
      const forbidden = (path: string, body: unknown) =>
        call("POST", org.at + path, body, sent).then((reply) =>
          expectProblem(reply, 403, "forbidden"),
        );
      await forbidden("/grants", { to, ...viewer });
      await forbidden(`/members/${org.adminMember}/grants`, viewer);
      await forbidden("/members", { name: "Me", email: org.admin, ...viewer });
      await forbidden("/shares", { to: { email: org.admin, name: "Me" }, ...viewer });
    }
  });

  test("[R9] an application accepts for nobody", async () => {
    const key = (await newKey(org.at, "manage")).token;
    const email = someone();
    const made = await call("POST", `${org.at}/members`, { name: "P", email, ...viewer });
    expectProblem(
      await call("POST", `/v1/me/access/${made.body.id}/accept`, {}, as(email, key)),
      403,
      "forbidden",
    );
  });

  test("[R6] an admin's scope is all", async () => {
    const invite = (terms: object) =>
      call("POST", `${org.at}/members`, { name: "A", email: someone(), ...terms });
    const reply = await invite({ role: "admin", scope: { tags: ["North"] } });
    expectProblem(reply, 422, "invalid");
    expect(pointers(reply)).toEqual(["/scope"]);
    expect((await invite({ role: "admin" })).body.grants).toMatchObject([{ scope: all }]);
    const member = await newMember(org.at);
    const grant = `${org.at}/grants/${member.grant}`;
    await call("PATCH", grant, { scope: { tags: ["North"] } });
    expect((await call("PATCH", grant, { role: "admin" })).body).toMatchObject({
      role: "admin",
      scope: all,
    });
  });

  test("a stranger cannot find out who is known in a tree", async () => {
    const outsider = as(someone("outsider"));
    const own = (owner: string) =>
      call("PUT", `${org.at}/resources/site/probe`, { owner }, outsider);
    expectProblem(await own(org.admin), 404, "not_found");
    expectProblem(await own("nobody@people.example"), 404, "not_found");
  });
});
