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
} from "../support/http.ts";

type Org = Awaited<ReturnType<typeof newOrg>>;

let acme: Org;
let north: Org;
let south: Org;

beforeAll(async () => {
  acme = await newOrg("Acme");
  north = await newOrg("North", someone("admin"), acme.id);
  south = await newOrg("South", someone("admin"), acme.id);
});

/** A member without a grant of their own. */
async function plainMember(at: string) {
  const email = someone("plain");
  const made = await call("POST", `${at}/members`, { name: "Plain", email });
  await accept(made.body.id, email);
  return { id: made.body.id as string, email };
}

let made = 0;

/** A project of a member who made it; by default in North. */
async function newProject(owner?: string, org: Org = north) {
  const maker = owner ?? (await plainMember(org.at)).email;
  const id = `p${made++}`;
  const at = `${org.at}/resources/project/${id}`;
  const put = await call("PUT", at, { name: `Project ${id}`, tags: ["New"] }, as(maker));
  expect(put.status).toBe(201);
  return { at, id, ref: `project:${id}`, owner: maker, body: put.body };
}

const share = (org: Org, by: string | null, body: object) =>
  call("POST", `${org.at}/recipients`, body, by === null ? {} : as(by));

async function shareOne(project: { ref: string; owner: string }, to: unknown, role: string) {
  const reply = await share(north, project.owner, { resources: [project.ref], to: [to], role });
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return reply.body.items[0].added[0].id as string;
}

async function newLink(project: { at: string; owner: string }, body: object = {}) {
  const reply = await call("POST", `${project.at}/links`, body, as(project.owner));
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return reply.body as { id: string; token: string; url: string };
}

const open = (token: string, who: string) =>
  call("POST", `/v1/links/${token}/open`, undefined, as(who));

describe("[R26] making and owning", () => {
  test("any member makes a project and owns it; no other type, and nowhere else", async () => {
    const ann = await plainMember(north.at);
    const project = await newProject(ann.email);
    expect(project.body.owner).toMatch(/^usr_/);
    for (const action of ["view", "edit", "delete", "recipients"])
      expect(await may(north.id, ann.email, action, project.ref)).toBe(true);
    const put = (at: string) => call("PUT", at, {}, as(ann.email));
    expectProblem(await put(`${north.at}/resources/site/hers`), 403, "forbidden");
    expectProblem(await put(`${south.at}/resources/project/hers`), 404, "not_found");
    // A member of the root is one of the orgs below it.
    const { email } = await plainMember(acme.at);
    expect((await newProject(email, south)).body.owner).toMatch(/^usr_/);
  });

  test("somebody to whom something is shared is no member, and makes none", async () => {
    const email = someone("guest");
    const offer = { to: { email, name: "Guest" }, role: "project.can_edit", scope: { all: true } };
    const shared = await call("POST", `${north.at}/shares`, offer);
    await accept(shared.body.id, email);
    const at = `${north.at}/resources/project/guests`;
    expectProblem(await call("PUT", at, {}, as(email)), 403, "forbidden");
  });

  test("only an admin makes a project of somebody else's", async () => {
    const [ann, bob] = [await plainMember(north.at), await plainMember(north.at)];
    const at = `${north.at}/resources/project/for-bob`;
    const refused = await call("PUT", at, { owner: bob.email }, as(ann.email));
    expectProblem(refused, 403, "forbidden");
    expect(refused.body.errors[0].pointer).toBe("/owner");
    const put = await call("PUT", at, { owner: bob.email }, as(north.admin));
    expect(put.status).toBe(201);
    expect(await may(north.id, bob.email, "edit", "project:for-bob")).toBe(true);
    expect(await may(north.id, north.admin, "view", "project:for-bob")).toBe(false);
  });

  test("what is said anew of a project keeps its owner, who may hand it over", async () => {
    const project = await newProject();
    const bob = await plainMember(north.at);
    const put = await call("PUT", project.at, { name: "Renamed" }, as(project.owner));
    expect(put.body).toMatchObject({ name: "Renamed", owner: project.body.owner });
    const given = await call("PATCH", project.at, { owner: bob.email }, as(project.owner));
    expect(given.status).toBe(200);
    expect(await may(north.id, bob.email, "edit", project.ref)).toBe(true);
    expect(await may(north.id, project.owner, "view", project.ref)).toBe(false);
  });

  test("[R9] nobody makes themself the owner of what there is", async () => {
    const project = await newProject();
    const bob = await plainMember(north.at);
    const take = (who: string) => call("PATCH", project.at, { owner: who }, as(who));
    expectProblem(await take(bob.email), 403, "forbidden");
    await shareOne(project, { email: bob.email }, "can_edit");
    expectProblem(await take(bob.email), 403, "forbidden");
    expectProblem(await take(north.admin), 403, "forbidden");
    const put = { owner: bob.email };
    expectProblem(await call("PUT", project.at, put, as(bob.email)), 403, "forbidden");
    // What one owns oneself is no reason that one may make it, either.
    const set = { ordered: true, roles: [{ name: "own", actions: ["view", "create"] }] };
    expect((await call("PUT", `${acme.at}/role-sets/plan`, set)).status).toBeLessThan(300);
    const type = { roleSet: "plan", ownerRole: "own" };
    expect((await call("PUT", `${acme.at}/types/plan`, type)).status).toBeLessThan(300);
    const plan = await call("PUT", `${north.at}/resources/plan/a`, put, as(bob.email));
    expectProblem(plan, 403, "forbidden");
  });

  test("[R5] a project deleted and made anew is another: its recipients and links are gone", async () => {
    const project = await newProject();
    const bob = await plainMember(north.at);
    await shareOne(project, { member: bob.id }, "can_view");
    const link = await newLink(project);
    expect((await call("DELETE", project.at, undefined, as(project.owner))).status).toBe(204);
    await call("PUT", project.at, {}, as(project.owner));
    expect(await may(north.id, bob.email, "view", project.ref)).toBe(false);
    const listed = await call("GET", `${project.at}/recipients`, undefined, as(project.owner));
    expect(listed.body).toEqual({ items: [], next_cursor: null });
    expectProblem(await open(link.token, bob.email), 404, "not_found");
  });
});

describe("[R29] adding recipients", () => {
  test("several resources at once: each gets them, and keeps those it had", async () => {
    const ann = await plainMember(north.at);
    const [p, q] = [await newProject(ann.email), await newProject(ann.email)];
    const people = await Promise.all([1, 2, 3].map(() => plainMember(north.at)));
    const [one, two, three] = people as [{ id: string; email: string }, ...typeof people];
    await shareOne(p, { member: one.id }, "can_edit");
    await shareOne(q, { member: two?.id }, "can_view");
    const to = [{ member: one.id }, { email: three?.email }];
    const body = { resources: [p.ref, q.ref], to, role: "can_duplicate" };
    const reply = await share(north, ann.email, body);
    expect(reply.status).toBe(201);
    const added = (item: { added: { to: { member: string } }[] }) =>
      item.added.map((recipient) => recipient.to.member);
    expect(reply.body.items.map((item: { resource: string }) => item.resource)).toEqual([
      p.ref,
      q.ref,
    ]);
    // Who holds more already is left alone; nobody is lowered, nobody is taken away.
    expect(reply.body.items.map(added)).toEqual([[three?.id], [one.id, three?.id]]);
    expect(await may(north.id, one.email, "edit", p.ref)).toBe(true);
    expect(await may(north.id, two?.email ?? "", "view", q.ref)).toBe(true);
    expect(await may(north.id, one.email, "duplicate", q.ref)).toBe(true);
    expect(await may(north.id, one.email, "edit", q.ref)).toBe(false);
    const again = await share(north, ann.email, body);
    expect(again.status).toBe(200);
    expect(again.body.items.map(added)).toEqual([[], []]);
    const history = await call("GET", `${north.at}/changes?limit=1000`);
    const says = history.body.items.flatMap((item: { says: string[] }) => item.says);
    expect(says).toContain(`shared project ${q.id} with ${one.email} as project.can_duplicate`);
  });

  test("all or nothing, and at most 1000 grants", async () => {
    const project = await newProject();
    const bob = await plainMember(north.at);
    const to = [{ member: bob.id }];
    const role = "can_view";
    const wrong = await share(north, project.owner, {
      resources: [project.ref, "project:none"],
      to,
      role,
    });
    expectProblem(wrong, 422, "invalid");
    expect(wrong.body.errors[0].pointer).toBe("/resources/1");
    expect(await may(north.id, bob.email, "view", project.ref)).toBe(false);
    const many = Array.from({ length: 1_001 }, () => ({ member: bob.id }));
    const over = await share(north, project.owner, { resources: [project.ref], to: many, role });
    expectProblem(over, 422, "limit");
    expect(over.body.detail).toContain("1000");
    const twice = { resources: [project.ref, project.ref], to, role };
    expectProblem(await share(north, project.owner, twice), 422, "invalid");
    const past = { resources: [project.ref], to, role, expiresAt: "2001-01-01T00:00:00Z" };
    expectProblem(await share(north, project.owner, past), 422, "invalid");
  });
});

describe("[R30] passing on", () => {
  test("a holder of `recipients` lets in people and teams of the whole tree", async () => {
    const project = await newProject();
    const beside = await plainMember(south.at);
    const team = (await call("POST", `${south.at}/teams`, { name: someone("team") })).body.id;
    await call("PUT", `${south.at}/teams/${team}/members/${beside.id}`, {});
    await shareOne(project, { email: beside.email }, "can_view");
    expect(await may(acme.id, beside.email, "view", project.ref)).toBe(true);
    expect(await may(acme.id, beside.email, "edit", project.ref)).toBe(false);
    // The highest counts, whether it came to the person or to their team [R2].
    const grant = await shareOne(project, { team }, "can_edit");
    expect(await may(acme.id, beside.email, "edit", project.ref)).toBe(true);
    // They reach this resource, and nothing else of that org.
    const other = await newProject();
    expect(await may(acme.id, beside.email, "view", other.ref)).toBe(false);
    const listed = await call("GET", `${north.at}/resources`, undefined, as(beside.email));
    expect(listed.body.items.map((item: { id: string }) => item.id)).toEqual([project.id]);
    const gone = await call(
      "DELETE",
      `${project.at}/recipients/${grant}`,
      undefined,
      as(project.owner),
    );
    expect(gone.status).toBe(204);
    expect(await may(acme.id, beside.email, "edit", project.ref)).toBe(false);
    expect(await may(acme.id, beside.email, "view", project.ref)).toBe(true);
  });

  test("`members` are all members of the resource's org", async () => {
    const project = await newProject();
    const [inside, beside] = [await plainMember(north.at), await plainMember(south.at)];
    await shareOne(project, "members", "can_view");
    expect(await may(acme.id, inside.email, "view", project.ref)).toBe(true);
    expect(await may(acme.id, beside.email, "view", project.ref)).toBe(false);
  });

  test("nobody of another tree, and nobody who is not there", async () => {
    const project = await newProject();
    const beta = await newOrg("Beta");
    const outsider = await newMember(beta.at);
    const theirs = (await call("POST", `${beta.at}/teams`, { name: "Crew" })).body.id;
    const unknown = [
      { email: outsider.email },
      { email: someone("nobody") },
      { member: outsider.id },
      { team: theirs },
      { team: "tem_0_0_0" },
    ];
    for (const to of unknown) {
      const body = { resources: [project.ref], to: [to], role: "can_view" };
      const reply = await share(north, project.owner, body);
      expectProblem(reply, 422, "invalid");
      expect(reply.body.errors[0].pointer).toBe(`/to/0/${Object.keys(to)[0]}`);
    }
  });

  test("whoever holds less than `recipients` passes nothing on", async () => {
    const project = await newProject();
    const [bob, cy] = [await plainMember(north.at), await plainMember(north.at)];
    const body = { resources: [project.ref], to: [{ member: cy.id }], role: "can_view" };
    expectProblem(await share(north, bob.email, body), 422, "invalid"); // he sees no such project
    await shareOne(project, { member: bob.id }, "can_duplicate");
    expectProblem(await share(north, bob.email, body), 403, "forbidden");
    expectProblem(await call("POST", `${project.at}/links`, {}, as(bob.email)), 403, "forbidden");
    const listed = await call("GET", `${project.at}/recipients`, undefined, as(bob.email));
    expectProblem(listed, 403, "forbidden");
    await shareOne(project, { member: bob.id }, "can_edit");
    expect((await share(north, bob.email, body)).status).toBe(201);
  });

  test("never above one's own role, and never to oneself [R9]", async () => {
    const set = {
      ordered: true,
      roles: [
        { name: "reader", actions: ["view"] },
        { name: "host", actions: ["recipients"] },
        { name: "chief", actions: ["edit"] },
      ],
    };
    expect((await call("PUT", `${acme.at}/role-sets/board`, set)).status).toBeLessThan(300);
    const type = { roleSet: "board", linkDefaults: { admin: "chief", member: "chief" } };
    expect((await call("PUT", `${acme.at}/types/board`, type)).status).toBeLessThan(300);
    await call("PUT", `${north.at}/resources/board/a`, {});
    const [host, cy] = [await newMember(north.at, "board.host"), await plainMember(north.at)];
    const give = (to: unknown, role: string) =>
      share(north, host.email, { resources: ["board:a"], to: [to], role });
    expectProblem(await give({ member: cy.id }, "chief"), 403, "forbidden");
    expectProblem(await give({ member: cy.id }, "project.can_view"), 422, "invalid");
    expectProblem(await give({ member: host.id }, "reader"), 403, "forbidden");
    expectProblem(await give({ email: host.email }, "reader"), 403, "forbidden");
    const given = await give({ member: cy.id }, "host");
    expect(given.status).toBe(201);
    expect(given.body.items[0].added[0]).toMatchObject({ role: "board.host", via: "recipients" });
    // A link would give more than its maker holds.
    const at = `${north.at}/resources/board/a`;
    expectProblem(await call("POST", `${at}/links`, {}, as(host.email)), 403, "forbidden");
    const chief = await share(north, north.admin, {
      resources: ["board:a"],
      to: [{ member: cy.id }],
      role: "chief",
    });
    const grant = chief.body.items[0].added[0].id as string;
    const path = `${at}/recipients/${grant}`;
    expectProblem(await call("DELETE", path, undefined, as(host.email)), 403, "forbidden");
    expectProblem(await call("PATCH", path, { role: "reader" }, as(host.email)), 403, "forbidden");
  });

  test("[R6] an admin's role is not one for a single resource", async () => {
    await call("PUT", `${north.at}/resources/site/one`, {});
    const cy = await plainMember(north.at);
    const give = (role: string) =>
      share(north, north.admin, { resources: ["site:one"], to: [{ member: cy.id }], role });
    expectProblem(await give("admin"), 422, "invalid");
    expect((await give("collaborator")).status).toBe(201);
    expect(await may(north.id, cy.email, "edit", "site:one")).toBe(true);
  });

  test("[R20] what was shared with somebody cannot be passed on", async () => {
    const project = await newProject();
    const terms = { role: "project.can_edit", scope: { resources: [project.ref] } };
    const guest = await plainMember(south.at); // of the tree, but here by a share alone
    const offer = { to: { email: guest.email, name: "Guest" }, ...terms };
    const offered = await call("POST", `${north.at}/shares`, offer);
    await accept(offered.body.id, guest.email);
    expect(await may(north.id, guest.email, "recipients", project.ref)).toBe(true);
    const cy = await plainMember(north.at);
    const body = { resources: [project.ref], to: [{ member: cy.id }], role: "can_view" };
    expectProblem(await share(north, guest.email, body), 403, "forbidden");
    expectProblem(await call("POST", `${project.at}/links`, {}, as(guest.email)), 403, "forbidden");
    const own = await call("PATCH", project.at, { owner: cy.email }, as(guest.email));
    expectProblem(own, 403, "forbidden");
  });

  test("recipients are listed with how they came, changed, and leave by themselves", async () => {
    const project = await newProject();
    const [bob, cy] = [await plainMember(north.at), await plainMember(north.at)];
    const grant = await shareOne(project, { member: bob.id }, "can_edit");
    const team = (await call("POST", `${north.at}/teams`, { name: someone("team") })).body;
    await shareOne(project, { team: team.id }, "can_view");
    const scope = { resources: [project.ref] };
    const terms = { to: { member: cy.id }, role: "project.can_view", scope };
    const direct = (await call("POST", `${north.at}/grants`, terms)).body.id as string;
    const at = `${project.at}/recipients`;
    const list = async (who: string) => (await call("GET", at, undefined, as(who))).body.items;
    const items = await list(bob.email);
    expect(items).toHaveLength(3);
    expect(items).toContainEqual(
      expect.objectContaining({
        id: grant,
        resource: project.ref,
        to: { member: bob.id, name: "Plain", email: bob.email },
        role: "project.can_edit",
        status: "active",
        via: "recipients",
        by: { id: project.body.owner, email: project.owner },
        expiresAt: null,
      }),
    );
    expect(items).toContainEqual(
      expect.objectContaining({ to: { team: team.id, name: team.name }, role: "project.can_view" }),
    );
    expect(items).toContainEqual(expect.objectContaining({ id: direct, via: null }));
    expect(await list(north.admin)).toHaveLength(3);
    const first = await call("GET", `${at}?limit=2`, undefined, as(bob.email));
    const rest = await call(
      "GET",
      `${at}?cursor=${first.body.next_cursor}`,
      undefined,
      as(bob.email),
    );
    expect([...first.body.items, ...rest.body.items]).toEqual(items);

    // What an admin gave is an admin's to take.
    const take = (id: string, who: string) => call("DELETE", `${at}/${id}`, undefined, as(who));
    expectProblem(await take(direct, bob.email), 403, "forbidden");
    const lower = await call("PATCH", `${at}/${grant}`, { role: "can_view" }, as(project.owner));
    expect(lower.body).toMatchObject({ id: grant, role: "project.can_view" });
    expect(await may(north.id, bob.email, "edit", project.ref)).toBe(false);
    expectProblem(await take(grant, cy.email), 403, "forbidden");
    expect((await take(grant, bob.email)).status).toBe(204);
    expect(await may(north.id, bob.email, "view", project.ref)).toBe(false);
    expectProblem(await take(grant, project.owner), 404, "not_found");
  });

  test("[R9] nobody raises themself", async () => {
    const project = await newProject();
    const bob = await plainMember(north.at);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const reply = await share(north, project.owner, {
      resources: [project.ref],
      to: [{ member: bob.id }],
      role: "can_edit",
      expiresAt: until,
    });
    const at = `${project.at}/recipients/${reply.body.items[0].added[0].id}`;
    const patch = (body: object, who: string) => call("PATCH", at, body, as(who));
    expectProblem(await patch({ expiresAt: null }, bob.email), 403, "forbidden");
    expect((await patch({ role: "can_view" }, bob.email)).status).toBe(200);
    expectProblem(await patch({ role: "can_edit" }, bob.email), 403, "forbidden");
    expect((await patch({ expiresAt: null }, project.owner)).body.expiresAt).toBeNull();
  });

  test("what was passed on stays of one resource, and when its giver's own right ends", async () => {
    const project = await newProject();
    const [bob, beside] = [await plainMember(north.at), await plainMember(south.at)];
    const own = await shareOne(project, { member: bob.id }, "can_edit");
    const given = await share(north, bob.email, {
      resources: [project.ref],
      to: [{ member: beside.id }],
      role: "can_view",
    });
    const grant = given.body.items[0].added[0].id as string;
    await call("DELETE", `${project.at}/recipients/${own}`, undefined, as(project.owner));
    expect(await may(acme.id, beside.email, "view", project.ref)).toBe(true);
    // An admin may take it away, but not make it more than it is.
    const wider = { scope: { all: true } };
    expectProblem(await call("PATCH", `${north.at}/grants/${grant}`, wider), 422, "invalid");
    const admin = { role: "admin" };
    expectProblem(await call("PATCH", `${north.at}/grants/${grant}`, admin), 422, "invalid");
    expect((await call("DELETE", `${north.at}/grants/${grant}`)).status).toBe(204);
    expect(await may(acme.id, beside.email, "view", project.ref)).toBe(false);
  });

  test("a member's own page shows what an admin gave them, not what was passed on", async () => {
    const project = await newProject();
    const viewer = await newMember(north.at);
    await shareOne(project, { member: viewer.id }, "can_edit");
    const shown = await call("GET", `${north.at}/members/${viewer.id}`);
    expect(shown.body.role).toBe("viewer");
    expect(shown.body.grants).toHaveLength(1);
  });

  test("an application's key passes on in its reach; a removed member loses it all", async () => {
    const project = await newProject();
    const bob = await plainMember(south.at);
    const { token } = await newKey(north.at, "manage");
    const body = { resources: [project.ref], to: [{ member: bob.id }], role: "can_view" };
    const sent = { authorization: `Bearer ${token}` };
    expect((await call("POST", `${north.at}/recipients`, body, sent)).status).toBe(201);
    expect((await call("DELETE", `${south.at}/members/${bob.id}`)).status).toBe(204);
    const listed = await call("GET", `${project.at}/recipients`, undefined, sent);
    expect(listed.body.items).toEqual([]);
  });
});

describe("[R7] self-elevation", () => {
  test("an admin has what was given, and may take the top role, in the open", async () => {
    const project = await newProject();
    const elevate = (who: string, body?: object) =>
      call("POST", `${project.at}/elevate`, body, as(who));
    for (const admin of [north.admin, acme.admin]) {
      expect(await may(acme.id, admin, "view", project.ref)).toBe(false);
      expectProblem(await call("PATCH", project.at, { name: "Mine" }, as(admin)), 403, "forbidden");
      const reply = await elevate(admin, { reason: "Its owner left" });
      expect(reply.status).toBe(201);
      expect(reply.body).toMatchObject({ role: "project.can_edit", via: "elevation" });
      expect(reply.body.to.email).toBe(admin);
      expect(await may(acme.id, admin, "edit", project.ref)).toBe(true);
      const again = await elevate(admin);
      expect(again.status).toBe(200);
      expect(again.body.id).toBe(reply.body.id);
    }
    const history = await call("GET", `${north.at}/changes?limit=1000`);
    const items = history.body.items.filter(
      (item: { what: string; events: { data: { id?: string } }[] }) =>
        item.what === "resource.elevate" && item.events[0]?.data.id === project.id,
    );
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ reason: "Its owner left", actor: { email: north.admin } });
    expect(items[0].says).toEqual([`took the role project.can_edit on project ${project.id}`]);
    const listed = await call("GET", `${project.at}/recipients`, undefined, as(project.owner));
    expect(listed.body.items).toHaveLength(2);
  });

  test("an admin who was given less may take more", async () => {
    const project = await newProject();
    await shareOne(project, { member: north.adminMember }, "can_duplicate");
    expect(await may(north.id, north.admin, "edit", project.ref)).toBe(false);
    expect((await call("POST", `${project.at}/elevate`, {}, as(north.admin))).status).toBe(201);
    expect(await may(north.id, north.admin, "edit", project.ref)).toBe(true);
  });

  test("nobody else does, and on no other type", async () => {
    const project = await newProject();
    const elevate = (who?: string) =>
      call("POST", `${project.at}/elevate`, {}, who === undefined ? {} : as(who));
    expectProblem(await elevate(project.owner), 403, "forbidden");
    expectProblem(await elevate(south.admin), 404, "not_found");
    expectProblem(await elevate(), 403, "forbidden");
    const { token } = await newKey(north.at, "manage");
    const sent = { authorization: `Bearer ${token}` };
    expectProblem(await call("POST", `${project.at}/elevate`, {}, sent), 403, "forbidden");
    await call("PUT", `${north.at}/resources/site/plain`, {});
    const site = `${north.at}/resources/site/plain/elevate`;
    expectProblem(await call("POST", site, {}, as(north.admin)), 409, "conflict");
  });

  test("it lasts no longer than what made the admin one", async () => {
    const project = await newProject();
    const email = someone("temp");
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const invited = { name: "Temp", email, role: "admin", scope: { all: true }, expiresAt };
    const member = await call("POST", `${north.at}/members`, invited);
    await accept(member.body.id, email);
    const taken = await call("POST", `${project.at}/elevate`, {}, as(email));
    expect(taken.body.expiresAt).toBe(expiresAt);
  });
});

describe("[R28] links", () => {
  test("a link gives who has no role there the type's default, and strangers nothing", async () => {
    const project = await newProject();
    const link = await newLink(project);
    expect(link.token).toMatch(/^ln_\d+_[0-9a-z]+_[0-9a-z]+_[\w-]{43}$/);
    expect(link.url).toBe(`http://latchkey.test/l/${link.token}`);
    const [bob, beside] = [await plainMember(north.at), await plainMember(south.at)];
    for (const { email } of [bob, beside]) {
      expect(await may(acme.id, email, "view", project.ref)).toBe(false);
      const opened = await open(link.token, email);
      expect(opened.status).toBe(200);
      expect(opened.body).toMatchObject({ type: "project", id: project.id });
      expect(await may(acme.id, email, "duplicate", project.ref)).toBe(true);
      expect(await may(acme.id, email, "edit", project.ref)).toBe(false);
    }
    for (const admin of [north.admin, acme.admin]) {
      expect((await open(link.token, admin)).status).toBe(200);
      expect(await may(acme.id, admin, "edit", project.ref)).toBe(true);
    }
    // An admin beside is no admin here.
    await open(link.token, south.admin);
    expect(await may(acme.id, south.admin, "edit", project.ref)).toBe(false);
    const beta = await newOrg("Beta");
    expectProblem(await open(link.token, beta.admin), 404, "not_found");
    expectProblem(await open(link.token, someone("nobody")), 404, "not_found");
    const pending = someone("pending");
    await call("POST", `${north.at}/members`, { name: "Late", email: pending });
    expectProblem(await open(link.token, pending), 404, "not_found");
  });

  test("who has a role keeps it, and opening again changes nothing", async () => {
    const project = await newProject();
    const link = await newLink(project);
    const bob = await plainMember(north.at);
    await shareOne(project, { member: bob.id }, "can_view");
    const first = await open(link.token, bob.email);
    expect(first.status).toBe(200);
    expect(await may(north.id, bob.email, "duplicate", project.ref)).toBe(false);
    const cy = await plainMember(north.at);
    const once = await open(link.token, cy.email);
    const twice = await open(link.token, cy.email);
    expect(twice.headers.get("access-revision")).toBe(once.headers.get("access-revision"));
  });

  test("what it gave ends with it: when it is deleted, and when it expires", async () => {
    const project = await newProject();
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    const [link, short] = [await newLink(project), await newLink(project, { expiresAt })];
    const [bob, cy] = [await plainMember(north.at), await plainMember(north.at)];
    await open(link.token, bob.email);
    await open(short.token, cy.email);
    expect(await may(north.id, cy.email, "view", project.ref)).toBe(true);
    const listed = await call("GET", `${project.at}/links`, undefined, as(project.owner));
    expect(listed.body.items).toMatchObject([
      { id: link.id, resource: project.ref, status: "active", expiresAt: null },
      { id: short.id, status: "active", expiresAt },
    ]);
    expect(JSON.stringify(listed.body)).not.toContain(link.token.slice(-43));
    const recipients = await call("GET", `${project.at}/recipients`, undefined, as(project.owner));
    const theirs = recipients.body.items.find((item: { via: string }) => item.via === short.id);
    // Nobody lets it outlive the link.
    const longer = { expiresAt: null };
    const ways = [`${project.at}/recipients/${theirs.id}`, `${north.at}/grants/${theirs.id}`];
    for (const at of ways) expectProblem(await call("PATCH", at, longer), 422, "invalid");

    const at = `${project.at}/links/${link.id}`;
    expectProblem(await call("DELETE", at, undefined, as(bob.email)), 403, "forbidden");
    expect((await call("DELETE", at, undefined, as(project.owner))).status).toBe(204);
    expect(await may(north.id, bob.email, "view", project.ref)).toBe(false);
    expectProblem(await open(link.token, bob.email), 404, "not_found");
    expectProblem(await call("DELETE", at, undefined, as(project.owner)), 404, "not_found");

    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(await may(north.id, cy.email, "view", project.ref)).toBe(false);
    expectProblem(await open(short.token, cy.email), 404, "not_found");
    const after = await call("GET", `${project.at}/links`, undefined, as(project.owner));
    expect(after.body.items).toMatchObject([{ id: short.id, status: "expired" }]);
  });

  test("it ends at once for however many it let in", async () => {
    const project = await newProject();
    const link = await newLink(project);
    const emails = Array.from({ length: 120 }, () => someone("crowd"));
    const rows = emails.map((email) => JSON.stringify({ email, status: "active" })).join("\n");
    const type = { "content-type": "application/x-ndjson" };
    await call("POST", `${north.at}/members/import`, rows, type);
    for (const email of emails) expect((await open(link.token, email)).status).toBe(200);
    const can = async () => {
      const decisions = await Promise.all(
        emails.map((email) => may(north.id, email, "view", project.ref)),
      );
      return decisions.filter(Boolean).length;
    };
    expect(await can()).toBe(emails.length);
    const gone = await call(
      "DELETE",
      `${project.at}/links/${link.id}`,
      undefined,
      as(project.owner),
    );
    expect(gone.status).toBe(204);
    expect(await can()).toBe(0);
    const left = await call("GET", `${project.at}/recipients`, undefined, as(project.owner));
    expect(left.body.items).toEqual([]);
  });

  test("its secret is needed, is answered alike to a repeated request, and is a person's to use", async () => {
    const project = await newProject();
    const bob = await plainMember(north.at);
    const sent = { ...as(project.owner), "idempotency-key": someone("key") };
    const [first, second] = [
      await call("POST", `${project.at}/links`, {}, sent),
      await call("POST", `${project.at}/links`, {}, sent),
    ];
    expect(second.body).toEqual(first.body);
    const { token } = first.body;
    expectProblem(await open(`${token.slice(0, -5)}xxxxx`, bob.email), 404, "not_found");
    expectProblem(await open("ln_1", bob.email), 404, "not_found");
    const key = await newKey(north.at, "manage");
    const path = `/v1/links/${token}/open`;
    expectProblem(await call("POST", path, {}, as(bob.email, key.token)), 403, "forbidden");
    expectProblem(await call("POST", path, {}), 403, "forbidden");
  });

  test("only types with defaults have links, and a resource has at most 100", async () => {
    await call("PUT", `${north.at}/resources/site/linked`, {});
    expectProblem(
      await call("POST", `${north.at}/resources/site/linked/links`, {}),
      422,
      "invalid",
    );
    const project = await newProject();
    for (let n = 0; n < 100; n++) await newLink(project);
    const over = await call("POST", `${project.at}/links`, {}, as(project.owner));
    expectProblem(over, 422, "limit");
    expect(over.body.detail).toContain("100");
  });
});

describe("[R26] copying", () => {
  const copy = (at: string, body: object, who: string, key?: string) =>
    call("POST", `${at}/copy`, body, as(who, key));

  test("needs `duplicate` on the source; the copy is the copier's, and access is not copied", async () => {
    const project = await newProject();
    await call("PATCH", project.at, { properties: { budget: 3 } }, as(project.owner));
    const bob = await plainMember(acme.at);
    const body = { to: south.id };
    expectProblem(await copy(project.at, body, bob.email), 404, "not_found");
    await shareOne(project, { email: bob.email }, "can_view");
    expectProblem(await copy(project.at, body, bob.email), 403, "forbidden");
    await shareOne(project, { email: bob.email }, "can_duplicate");
    const copied = await copy(project.at, body, bob.email);
    expect(copied.status).toBe(201);
    expect(copied.body).toMatchObject({
      id: `${project.id}-copy`,
      name: `Project ${project.id}`,
      tags: ["New"],
      properties: { budget: 3 },
      org: { id: south.id },
    });
    expect(await may(acme.id, bob.email, "edit", `project:${project.id}-copy`)).toBe(true);
    expect(await may(acme.id, project.owner, "view", `project:${project.id}-copy`)).toBe(false);
    expectProblem(await copy(project.at, body, bob.email), 409, "conflict");
    const named = await copy(project.at, { ...body, id: `${project.id}-b`, name: "B" }, bob.email);
    expect(named.body).toMatchObject({ id: `${project.id}-b`, name: "B" });
  });

  test("needs `create` in the target, where not any member may", async () => {
    await call("PUT", `${north.at}/resources/site/source`, { tags: ["HQ"] });
    const source = `${north.at}/resources/site/source`;
    const ann = await newMember(acme.at, "commenter");
    const terms = { role: "collaborator", scope: { resources: ["site:source"] } };
    await call("POST", `${acme.at}/members/${ann.id}/grants`, terms);
    expectProblem(await copy(source, { to: south.id }, ann.email), 403, "forbidden");
    expectProblem(await copy(source, { to: 999_999_999 }, ann.email), 422, "invalid");
    const tagged = { role: "collaborator", scope: { tags: ["hq"] } };
    await call("POST", `${south.at}/grants`, { to: { member: ann.id }, ...tagged });
    expect((await copy(source, { to: south.id }, ann.email)).status).toBe(201);
  });

  test("goes to another tree, by what one holds in each", async () => {
    const project = await newProject();
    const beta = await newOrg("Beta");
    const guest = await newMember(beta.at);
    const body = { to: beta.id };
    expectProblem(await copy(project.at, body, guest.email), 404, "not_found");
    const terms = { role: "project.can_duplicate", scope: { resources: [project.ref] } };
    const offer = { to: { email: guest.email, name: "Guest" }, ...terms };
    const offered = await call("POST", `${north.at}/shares`, offer);
    await accept(offered.body.id, guest.email);
    const copied = await copy(project.at, body, guest.email);
    expect(copied.status).toBe(201);
    expect(copied.headers.get("access-revision")).toMatch(RegExp(`^${beta.id}\\.`));
    expect(copied.body).toMatchObject({ org: { id: beta.id }, tags: ["New"] });
    expect(await may(beta.id, guest.email, "edit", `project:${project.id}-copy`)).toBe(true);
    // To who is nobody in the target, it is no place to copy to.
    expectProblem(await copy(project.at, body, project.owner), 422, "invalid");
    // A key knows its own tree alone.
    const key = await newKey(beta.at, "manage");
    expectProblem(await copy(project.at, body, guest.email, key.token), 404, "not_found");
  });

  test("[R16] by a share to one's organisation, too", async () => {
    const project = await newProject();
    const beta = await newOrg("Beta");
    const member = await plainMember(beta.at);
    const terms = { role: "project.can_duplicate", scope: { resources: [project.ref] } };
    const offered = await call("POST", `${north.at}/shares`, { to: { org: beta.id }, ...terms });
    const at = `${beta.at}/received-shares/${offered.body.id}`;
    expect((await call("POST", `${at}/accept`, {})).status).toBe(200);
    const body = { to: beta.id };
    expectProblem(await copy(project.at, body, member.email), 404, "not_found");
    const rule = { to: { member: member.id }, role: "project.can_duplicate", scope: { all: true } };
    expect((await call("POST", `${at}/rules`, rule)).status).toBe(201);
    expect((await copy(project.at, body, member.email)).status).toBe(201);
  });
});
