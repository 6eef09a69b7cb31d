import { beforeEach, describe, expect, test } from "vitest";
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
  type Reply,
} from "../support/http.ts";

let org: Awaited<ReturnType<typeof newOrg>>;

beforeEach(async () => {
  org = await newOrg("Acme");
});

const all = { scope: { all: true } };
const reader = { name: "reader", actions: ["view"] };
const writer = { name: "writer", actions: ["edit"] };
const own = (name: string) => ({ name, condition: "resource.properties.ownerID == subject.id" });

const putSet = (roles: unknown, more: object = {}, set = "doc") =>
  call("PUT", `${org.at}/role-sets/${set}`, { roles, ...more });
const putType = (body: object, type = "doc") => call("PUT", `${org.at}/types/${type}`, body);
const good = (reply: Reply): Reply => {
  expect([200, 201, 204], JSON.stringify(reply.body)).toContain(reply.status);
  return reply;
};

/** A type `doc` of a set `doc`, with one resource. */
async function docs(roles: unknown = [reader, writer], type: object = {}, set: object = {}) {
  good(await putSet(roles, set));
  good(await putType({ roleSet: "doc", ...type }));
  good(await call("PUT", `${org.at}/resources/doc/a`, {}));
}

/** Asks with everything that a check may say. */
async function ask(question: {
  person: string;
  action?: string;
  said?: object | undefined;
  resource?: string;
  properties?: object;
  context?: object;
}): Promise<boolean> {
  const [type, id] = (question.resource ?? "doc:a").split(":");
  const reply = await call("POST", `/orgs/${org.id}/access/v1/evaluation`, {
    subject: { type: "user", id: question.person },
    action: { name: question.action ?? "view", properties: question.said },
    resource: { type, id, properties: question.properties },
    context: question.context,
  });
  expect(reply.status).toBe(200);
  return reply.body.decision;
}

describe("role sets", () => {
  test("[R1] an ordered set's higher role includes the lower ones, an unordered one's does not", async () => {
    await docs();
    const { email } = await newMember(org.at, "doc.writer");
    expect(await may(org.id, email, "view", "doc:a")).toBe(true);
    const asked = await putSet([reader, writer], { ordered: false });
    expectProblem(asked, 409, "confirmation_needed");
    expect(asked.body.preview.changes).toMatchObject([
      { role: "doc.writer", as: "holder", gains: [], loses: ["view"], people: 1, named: [email] },
      { role: "standard.admin", as: "admin", loses: ["view"], named: [org.admin] },
    ]);
    const { confirm } = asked.body.preview;
    good(await putSet([reader, writer], { ordered: false, confirm }));
    expect(await may(org.id, email, "view", "doc:a")).toBe(false);
    expect(await may(org.id, email, "edit", "doc:a")).toBe(true);
    expectProblem(await putSet([reader], { confirm }), 409, "conflict");
    expectProblem(
      await putSet([reader, { ...writer, actions: ["sign"] }], { confirm }),
      412,
      "stale_revision",
    );
  });

  test("are read inside, and written at the root alone", async () => {
    await docs();
    const sub = await newOrg("Below", someone(), org.id);
    const member = await newMember(sub.at);
    const shown = await call("GET", `${sub.at}/role-sets/doc`, undefined, as(member.email));
    expect(shown.body).toEqual({
      id: "doc",
      name: "doc",
      builtIn: false,
      ordered: true,
      roles: [reader, writer],
    });
    const listed = await call("GET", `${sub.at}/role-sets?limit=3`);
    expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual([
      "doc",
      "project",
      "standard",
    ]);
    const rest = await call("GET", `${sub.at}/role-sets?cursor=${listed.body.next_cursor}`);
    expect(rest.body).toMatchObject({
      items: [{ id: "workspace", builtIn: true }],
      next_cursor: null,
    });
    expectProblem(await call("GET", `${sub.at}/role-sets/none`), 404, "not_found");

    const roles = [reader];
    const refused = await call("PUT", `${sub.at}/role-sets/own`, { roles }, as(sub.admin));
    expectProblem(refused, 422, "invalid");
    expect(refused.body.detail).toContain(String(org.id));
    const type = await call("PUT", `${sub.at}/types/own`, {}, as(sub.admin));
    expectProblem(type, 422, "invalid");
  });

  test.each(["standard", "workspace", "project"])("%s is built in", async (set) => {
    expectProblem(await putSet([reader], {}, set), 422, "invalid");
    expectProblem(await call("DELETE", `${org.at}/role-sets/${set}`, {}), 422, "invalid");
  });

  test("a condition that is none is refused where it stands", async () => {
    const roles = [
      reader,
      { name: "b", actions: ["a", { name: "edit", condition: "subject.id ==" }] },
    ];
    const reply = await putSet([
      ...roles,
      { name: "c", actions: [{ name: "x", condition: "who == 1" }] },
    ]);
    expectProblem(reply, 422, "invalid");
    expect(reply.body.errors).toEqual([
      {
        pointer: "/roles/1/actions/1/condition",
        detail: expect.stringMatching(/^Line 1, column 14: /),
      },
      {
        pointer: "/roles/2/actions/0/condition",
        detail: expect.stringMatching(/^Line 1, column 1: .*who/),
      },
    ]);
  });

  test.each([
    ["two roles of one name", [reader, reader], "/roles/1/name"],
    ["an org's own actions", [{ name: "a", actions: ["org.members"] }], "/roles/0/actions/0"],
  ])("impossible: %s", async (_, roles, pointer) => {
    const reply = await putSet(roles);
    expectProblem(reply, 422, "invalid");
    expect(reply.body.errors[0].pointer).toBe(pointer);
  });

  test.each([
    ["no roles", []],
    ["a role's name", [{ name: "a.b", actions: [] }]],
    ["an action without name", [{ name: "a", actions: [{ condition: "true" }] }]],
  ])("malformed: %s", async (_, roles) => {
    expectProblem(await putSet(roles), 400, "invalid");
  });

  test("malformed: a set's name, a type's name", async () => {
    expectProblem(await putSet([reader], {}, "a.b"), 400, "invalid");
    expectProblem(await putType({}, "1"), 400, "invalid");
  });

  test("limits are named", async () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => `a${i}`);
    const roles = many(51).map((name) => ({ name, actions: [] }));
    expectProblem(await putSet(roles), 422, "limit");
    expectProblem(await putSet([{ name: "a", actions: many(101) }]), 422, "limit");
    const parts = [0, 70, 140].map((from) => many(210).slice(from, from + 70));
    const spread = parts.map((actions, i) => ({ name: `r${i}`, actions }));
    const reply = await putSet(spread);
    expectProblem(reply, 422, "limit");
    expect(reply.body.detail).toContain("200");
    const sets = many(50).map((set) => ({
      method: "PUT",
      path: `${org.at}/role-sets/${set}`,
      body: { roles: [reader] },
    }));
    good(await call("POST", `${org.at}/batch`, { edits: sets }));
    expectProblem(await putSet([reader]), 422, "limit");
    good(await putSet([reader, writer], {}, "a0"));
  });

  test("a role in use stays", async () => {
    await docs([reader, writer, { name: "boss", actions: ["sign"] }]);
    const { grant, id } = await newMember(org.at, "doc.writer");
    const refused = await putSet([reader, { name: "boss", actions: ["sign"] }]);
    expectProblem(refused, 409, "conflict");
    expect(refused.body.detail).toMatch(/doc\.writer.*grant/);
    expectProblem(await call("DELETE", `${org.at}/role-sets/doc`, {}), 409, "conflict");
    // Once nobody has it, it may go; one that a type names may not.
    good(await call("POST", `${org.at}/members/${id}/grants`, { role: "doc.reader", ...all }));
    good(await call("DELETE", `${org.at}/grants/${grant}`, {}));
    good(await putSet([reader, { name: "boss", actions: ["sign", "edit"] }]));
    good(await putType({ roleSet: "doc", ownerRole: "boss" }));
    const named = await putSet([reader]);
    expectProblem(named, 409, "conflict");
    expect(named.body.detail).toMatch(/doc\.boss.*type doc/);
  });

  test("a set that is shared out loses no role", async () => {
    await docs();
    const beta = await newOrg("Beta");
    const offer = { to: { org: beta.id }, role: "doc.reader", ...all };
    const share = good(await call("POST", `${org.at}/shares`, offer));
    const refused = await putSet([reader]);
    expectProblem(refused, 409, "conflict");
    expect(refused.body.detail).toContain(share.body.id);
    good(await call("DELETE", `${org.at}/shares/${share.body.id}`, {}));
    const asked = await putSet([reader]);
    expectProblem(asked, 409, "confirmation_needed");
    // The admins had the top role, by which they edited [R7].
    expect(asked.body.preview.changes).toMatchObject([
      { role: "standard.admin", as: "admin", loses: ["edit"], named: [org.admin] },
    ]);
    good(await putSet([reader], { confirm: asked.body.preview.confirm }));
  });

  test("a set that nothing uses is deleted", async () => {
    await docs();
    expectProblem(await call("DELETE", `${org.at}/role-sets/doc`, {}), 409, "conflict");
    // Admins gain by it, and nobody loses.
    good(await call("DELETE", `${org.at}/types/doc`, {}));
    good(await call("DELETE", `${org.at}/role-sets/doc`, {}));
    expectProblem(await call("DELETE", `${org.at}/role-sets/doc`, {}), 404, "not_found");
    expect(await may(org.id, org.admin, "delete", "doc:a")).toBe(true);
  });

  test("the preview names few, counts more and says that it cut", async () => {
    await docs();
    const edits = Array.from({ length: 25 }, (_, i) => ({
      type: "member",
      email: `many-${org.id}-${i}@people.example`,
    }));
    const rows = edits.map(({ email }) =>
      JSON.stringify({ email, role: "doc.reader", ...all, status: "active" }),
    );
    const sent = { "content-type": "application/x-ndjson" };
    good(await call("POST", `${org.at}/members/import`, rows.join("\n"), sent));
    const asked = await putSet([{ name: "reader", actions: ["see"] }, writer]);
    const change = asked.body.preview.changes.find(
      ({ as: kind }: { as: string }) => kind === "holder",
    );
    expect(change).toMatchObject({ people: 25, gains: ["see"], loses: ["view"], cut: true });
    expect(change.named).toHaveLength(20);
  });

  test("a repeated definition changes nothing, an entity tag guards it", async () => {
    await docs();
    const shown = await call("GET", `${org.at}/role-sets/doc`);
    const again = await putSet([reader, writer]);
    expect(again.headers.get("access-revision")).toBe(shown.headers.get("access-revision"));
    const etag = shown.headers.get("etag");
    const roles = [reader, writer, { name: "boss", actions: [] }];
    const put = () => call("PUT", `${org.at}/role-sets/doc`, { roles }, { "if-match": etag });
    good(await put());
    expectProblem(await put(), 412, "stale_revision");
    const { items } = (await call("GET", `${org.at}/changes`)).body;
    expect(items.at(-1).says).toEqual(["defined the role set doc"]);
  });
});

describe("types", () => {
  test("built-in, defined and used ones are listed, and any can be read", async () => {
    await docs();
    good(await call("PUT", `${org.at}/resources/site/hq`, {}));
    const { items } = (await call("GET", `${org.at}/types`)).body;
    expect(
      items.map(({ id, roleSet, defined }: Record<string, unknown>) => [id, roleSet, defined]),
    ).toEqual([
      ["doc", "doc", true],
      ["document", "workspace", false],
      ["project", "project", false],
      ["record", "workspace", false],
      ["site", "standard", false],
    ]);
    expect((await call("GET", `${org.at}/types/project`)).body).toEqual({
      id: "project",
      name: "project",
      roleSet: "project",
      adminAccess: "self-elevate",
      ownerRole: "can_edit",
      memberCreates: true,
      open: false,
      assertable: [],
      linkDefaults: { admin: "can_edit", member: "can_duplicate" },
      defined: false,
    });
    expect((await call("GET", `${org.at}/types/anything`)).body.roleSet).toBe("standard");
    const first = await call("GET", `${org.at}/types?limit=4`);
    const rest = await call("GET", `${org.at}/types?cursor=${first.body.next_cursor}`);
    expect(rest.body.items.map(({ id }: { id: string }) => id)).toEqual(["site"]);
  });

  test("a built-in type may be defined anew, and keeps what is not said", async () => {
    good(await putType({ memberCreates: false }, "project"));
    expect((await call("GET", `${org.at}/types/project`)).body).toMatchObject({
      roleSet: "project",
      adminAccess: "self-elevate",
      ownerRole: "can_edit",
      memberCreates: false,
      defined: true,
    });
    good(await putType({ roleSet: "standard" }, "project"));
    const shown = await call("GET", `${org.at}/types/project`);
    expect(shown.body).toMatchObject({ ownerRole: null, linkDefaults: null, memberCreates: true });
  });

  test.each([
    ["/roleSet", { roleSet: "none" }],
    ["/ownerRole", { ownerRole: "can_edit" }],
    ["/linkDefaults/admin", { linkDefaults: { admin: "none", member: "viewer" } }],
    ["/linkDefaults/member", { linkDefaults: { admin: "viewer", member: "none" } }],
  ])("impossible: %s", async (pointer, body) => {
    const reply = await putType(body);
    expectProblem(reply, 422, "invalid");
    expect(reply.body.errors[0].pointer).toBe(pointer);
  });

  test("changing a type's set shows who gains and who loses", async () => {
    good(await putSet([reader, writer]));
    good(await call("PUT", `${org.at}/resources/doc/a`, {}));
    const standard = await newMember(org.at, "collaborator");
    const doc = await newMember(org.at, "doc.writer");
    const asked = await putType({ roleSet: "doc" });
    expectProblem(asked, 409, "confirmation_needed");
    const changes: Record<string, unknown>[] = asked.body.preview.changes;
    expect(changes.map(({ role, as: kind, named }) => [role, kind, named])).toEqual([
      ["standard.collaborator", "holder", [standard.email]],
      ["doc.writer", "holder", [doc.email]],
      ["standard.admin", "admin", [org.admin]],
    ]);
    expect(changes[1]).toMatchObject({ gains: ["view", "edit"], loses: [], types: ["doc"] });
    good(await putType({ roleSet: "doc", confirm: asked.body.preview.confirm }));
    expect(await may(org.id, standard.email, "edit", "doc:a")).toBe(false);
    expect(await may(org.id, doc.email, "edit", "doc:a")).toBe(true);
  });

  test("[R7] an admin has the top role, on self-elevating types just what was given", async () => {
    await docs();
    expect(await may(org.id, org.admin, "edit", "doc:a")).toBe(true);
    const asked = await putType({ roleSet: "doc", adminAccess: "self-elevate" });
    expect(asked.body.preview.changes).toMatchObject([
      { as: "admin", role: "standard.admin", loses: ["view", "edit"], named: [org.admin] },
    ]);
    const { confirm } = asked.body.preview;
    good(await putType({ roleSet: "doc", adminAccess: "self-elevate", confirm }));
    expect(await may(org.id, org.admin, "edit", "doc:a")).toBe(false);
  });

  test("[R26] a resource's owner holds the role that its type names", async () => {
    await docs();
    const { email } = await newMember(org.at);
    good(await call("PUT", `${org.at}/resources/doc/b`, { owner: email }));
    expect(await may(org.id, email, "view", "doc:b")).toBe(false);
    const asked = await putType({ roleSet: "doc", ownerRole: "writer" });
    expect(asked.body.preview.changes).toMatchObject([
      { as: "owner", role: "doc.writer", gains: ["view", "edit"], named: [email] },
    ]);
    const { confirm } = asked.body.preview;
    good(await putType({ roleSet: "doc", ownerRole: "writer", confirm }));
    expect(await may(org.id, email, "edit", "doc:b")).toBe(true);
    expect(await may(org.id, email, "edit", "doc:a")).toBe(false);
  });

  test("open: an unknown resource lies in the org asked, and only scope all reaches it", async () => {
    good(await putSet([reader, writer]));
    good(await putType({ roleSet: "doc", open: true }));
    const everything = await newMember(org.at, "doc.reader");
    const tagged = someone();
    const role = "doc.reader";
    const made = await call("POST", `${org.at}/members`, {
      name: "Tagged",
      email: tagged,
      role,
      scope: { tags: ["North"] },
    });
    await accept(made.body.id, tagged);
    const below = await newOrg("Below", someone(), org.id);
    const inside = await newMember(below.at, "doc.reader");
    expect(await may(org.id, everything.email, "view", "doc:unknown")).toBe(true);
    expect(await may(below.id, everything.email, "view", "doc:unknown")).toBe(true);
    expect(await may(org.id, tagged, "view", "doc:unknown")).toBe(false);
    expect(await may(org.id, inside.email, "view", "doc:unknown")).toBe(false);
    expect(await may(below.id, inside.email, "view", "doc:unknown")).toBe(true);
    // One that lies elsewhere in the tree does not exist here.
    good(await call("PUT", `${org.at}/resources/doc/known`, {}));
    expect(await may(below.id, everything.email, "view", "doc:known")).toBe(false);
    expect(await may(org.id, everything.email, "view", "site:unknown")).toBe(false);
  });

  test("a limit on their number", async () => {
    const edits = Array.from({ length: 200 }, (_, i) => ({
      method: "PUT",
      path: `${org.at}/types/t${i}`,
      body: {},
    }));
    good(await call("POST", `${org.at}/batch`, { edits }));
    expectProblem(await putType({}), 422, "limit");
    good(await putType({ open: true }, "t0"));
  });
});

describe("conditions in checks", () => {
  test("a soft delete alone", async () => {
    await docs([
      { name: "cleaner", actions: [{ name: "delete", condition: "action.properties.soft" }] },
    ]);
    const { email: person } = await newMember(org.at, "doc.cleaner");
    const asked = (said?: object) => ask({ person, action: "delete", said });
    expect(await asked({ soft: true })).toBe(true);
    for (const said of [undefined, {}, { soft: false }, { soft: "true" }, { hard: true }])
      expect(await asked(said)).toBe(false);
  });

  test("what is archived is not written, unless the record says that one may", async () => {
    const condition =
      "resource.properties.status != 'archived' || subject.properties.archivist == true";
    await docs([{ name: "writer", actions: [{ name: "write", condition }] }], {
      assertable: ["note"],
    });
    const { email: person, id } = await newMember(org.at, "doc.writer");
    const asked = (more: object = {}) => ask({ person, action: "write", ...more });
    expect(await asked()).toBe(false); // Nobody said what its status is.
    const status = async (is: string) =>
      good(await call("PATCH", `${org.at}/resources/doc/a`, { properties: { status: is } }));
    await status("live");
    expect(await asked()).toBe(true);
    await status("archived");
    expect(await asked()).toBe(false);
    // What is not assertable comes from the record alone; what a subject is, always.
    expect(await asked({ properties: { status: "live" } })).toBe(false);
    good(await call("PATCH", `${org.at}/members/${id}`, { properties: { archivist: true } }));
    expect(await asked()).toBe(true);
    const claims = await call("POST", `/orgs/${org.id}/access/v1/evaluation`, {
      subject: { type: "user", id: someone(), properties: { archivist: true } },
      action: { name: "write" },
      resource: { type: "doc", id: "a" },
    });
    expect(claims.body).toEqual({ decision: false });
  });

  test("an assertable property stands in for the stored one", async () => {
    await docs([{ name: "writer", actions: [own("edit")] }], { assertable: ["ownerID"] });
    const { email: person } = await newMember(org.at, "doc.writer");
    const asked = (ownerID?: string) =>
      ask({ person, action: "edit", ...(ownerID ? { properties: { ownerID } } : {}) });
    expect([await asked(), await asked(person), await asked("other")]).toEqual([
      false,
      true,
      false,
    ]);
    good(await call("PATCH", `${org.at}/resources/doc/a`, { properties: { ownerID: person } }));
    expect([await asked(), await asked(person), await asked("other")]).toEqual([true, true, false]);
  });

  test("a person is the same by whichever name a check calls them", async () => {
    await docs([{ name: "writer", actions: [own("edit")] }]);
    const email = someone();
    const member = { name: "Ann", email, role: "doc.writer", ...all, externalId: `ann-${org.id}` };
    const made = good(await call("POST", `${org.at}/members`, member));
    await accept(made.body.id, email);
    const properties = { ownerID: member.externalId };
    good(await call("PUT", `${org.at}/resources/doc/a`, { properties }));
    for (const person of [email, email.toUpperCase(), member.externalId, made.body.user])
      expect(await ask({ person, action: "edit" }), person).toBe(true);
  });

  test("context, tags, owner, and properties from the org itself before those above", async () => {
    await docs();
    const below = await newOrg("Below", someone(), org.id);
    good(
      await call("PUT", `${below.at}/resources/doc/b`, { tags: ["North"], properties: { min: 3 } }),
    );
    const conditions: Record<string, string> = {
      context: "context.ip == '10.0.0.1'",
      tags: "'North' in resource.tags",
      owner: "resource.owner == subject.id",
      level: "subject.properties.level > resource.properties.min",
      desk: "subject.properties.desk == 'root'",
      org: `resource.org == ${below.id}`,
    };
    const actions = Object.entries(conditions).map(([name, condition]) => ({ name, condition }));
    good(await putSet([reader, writer, { name: "tester", actions }]));
    const email = someone();
    const member = (properties: object) => ({ name: "Ann", email, properties });
    for (const [at, properties] of [
      [org.at, { level: 1, desk: "root" }],
      [below.at, { level: 3.5 }],
    ] as const) {
      const made = good(
        await call("POST", `${at}/members`, { ...member(properties), role: "doc.tester", ...all }),
      );
      await accept(made.body.id, email);
    }
    const asked = (action: string, more: object = {}) =>
      ask({ person: email, action, resource: "doc:b", ...more });
    expect(await asked("context")).toBe(false);
    expect(await asked("context", { context: { ip: "10.0.0.1" } })).toBe(true);
    for (const action of ["tags", "level", "desk", "org"])
      expect(await asked(action), action).toBe(true);
    expect(await asked("owner")).toBe(false);
    good(await call("PATCH", `${below.at}/resources/doc/b`, { owner: email }));
    expect(await asked("owner")).toBe(true);
  });

  test("[R26] a person's edits are held to conditions too, before and after", async () => {
    const live = (name: string) => ({ name, condition: "resource.properties.status == 'live'" });
    await docs([
      { name: "editor", actions: ["view", live("create"), live("edit"), live("delete")] },
    ]);
    const { email } = await newMember(org.at, "doc.editor");
    const write = (id: string, status: string) =>
      call("PUT", `${org.at}/resources/doc/${id}`, { properties: { status } }, as(email));
    expectProblem(await write("b", "closed"), 403, "forbidden");
    good(await write("b", "live"));
    good(await call("PATCH", `${org.at}/resources/doc/b`, { name: "B" }, as(email)));
    expectProblem(await write("b", "closed"), 403, "forbidden");
    good(await call("PUT", `${org.at}/resources/doc/b`, { properties: { status: "closed" } }));
    expectProblem(
      await call("DELETE", `${org.at}/resources/doc/b`, {}, as(email)),
      403,
      "forbidden",
    );
    expectProblem(await write("b", "live"), 403, "forbidden");
  });

  test("a person sees what they may view, and nothing else of what a role reaches", async () => {
    const roles = [{ name: "own", actions: [own("view")] }, writer];
    await docs(roles, {}, { ordered: false });
    const ann = await newMember(org.at, "doc.own");
    const bob = await newMember(org.at, "doc.writer");
    const properties = { ownerID: ann.email };
    good(await call("PUT", `${org.at}/resources/doc/b`, { properties }));
    const seen = async (person: string, query = "") => {
      const reply = await call("GET", `${org.at}/resources${query}`, undefined, as(person));
      return reply.body;
    };
    expect((await seen(ann.email)).items).toMatchObject([{ id: "b" }]);
    expect((await seen(bob.email)).items).toEqual([]);
    const first = await seen(ann.email, "?limit=1");
    expect(first.items).toEqual([]);
    const rest = await seen(ann.email, `?limit=1&cursor=${first.next_cursor}`);
    expect(rest).toMatchObject({ items: [{ id: "b" }], next_cursor: null });
    const one = (id: string) =>
      call("GET", `${org.at}/resources/doc/${id}`, undefined, as(ann.email));
    expect((await one("b")).status).toBe(200);
    expectProblem(await one("a"), 404, "not_found");
  });

  test("many questions of one request each have their own scene", async () => {
    await docs([{ name: "writer", actions: [own("edit")] }], { assertable: ["ownerID"] });
    const { email } = await newMember(org.at, "doc.writer");
    const { token } = await newKey(org.at, "check");
    const evaluations = [email, "other", email].map((ownerID) => ({
      resource: { type: "doc", id: "a", properties: { ownerID } },
    }));
    const body = { subject: { type: "user", id: email }, action: { name: "edit" }, evaluations };
    const reply = await call("POST", "/access/v1/evaluations", body, withKey(token));
    expect(reply.body.evaluations.map((one: { decision: boolean }) => one.decision)).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe("across trees", () => {
  test("[R17] a rule uses the set of its share, as the owner's tree defines it", async () => {
    await docs([reader, { name: "writer", actions: [own("edit")] }]);
    const beta = await newOrg("Beta");
    const offer = { to: { org: beta.id }, role: "doc.writer", ...all };
    const share = good(await call("POST", `${org.at}/shares`, offer)).body.id;
    const at = `${beta.at}/received-shares/${share}`;
    good(await call("POST", `${at}/accept`, {}));
    const ann = await newMember(beta.at);
    const rule = { to: { member: ann.id }, role: "doc.reader", ...all };
    const made = good(await call("POST", `${at}/rules`, rule));
    expect(made.body.role).toBe("doc.reader");
    expect(await may(org.id, ann.email, "view", "doc:a")).toBe(true);
    expectProblem(await call("POST", `${at}/rules`, { ...rule, role: "doc.none" }), 422, "invalid");
    expectProblem(await call("POST", `${at}/rules`, { ...rule, role: "viewer" }), 422, "invalid");
    expectProblem(
      await call("POST", `${at}/rules`, { ...rule, role: "standard.viewer" }),
      422,
      "role_above_share",
    );
    // The owner's object works the condition out: whose it is, the partner's record does not say.
    good(await call("PATCH", `${at}/rules/${made.body.id}`, { role: "writer" }));
    expect(await may(org.id, ann.email, "edit", "doc:a")).toBe(false);
    const properties = { ownerID: ann.email };
    good(await call("PATCH", `${org.at}/resources/doc/a`, { properties }));
    expect(await may(org.id, ann.email, "edit", "doc:a")).toBe(true);
    // What the receiver's own tree calls by these names counts for nothing.
    const sets = `${beta.at}/role-sets/doc`;
    good(await call("PUT", sets, { roles: [{ name: "writer", actions: ["edit", "sign"] }] }));
    expect(await may(org.id, ann.email, "sign", "doc:a")).toBe(false);
    good(await call("DELETE", sets, {}));
  });
});
