import { beforeAll, describe, expect, test } from "vitest";
import { seeded } from "../sim/random.ts";
import { as, call, expectProblem, newKey, newMember, newOrg, someone } from "../support/http.ts";

interface Row {
  readonly id: string;
  readonly person?: { readonly id: string; readonly email: string };
  readonly org?: { readonly id: number; readonly name: string };
  readonly people?: number;
  readonly resource: { readonly type: string; readonly id: string };
  readonly share?: string;
  readonly role: string;
  readonly actions: readonly string[];
  readonly expiresAt: string | null;
  readonly sources: readonly { readonly source: string; readonly steps: readonly object[] }[];
}

const all = { all: true };

/** All pages of a list of access. */
async function pages(path: string, limit = 1_000, sent = {}) {
  const items: Row[] = [];
  const uncovered = new Set<string>();
  const mark = path.includes("?") ? "&" : "?";
  for (let cursor = ""; ;) {
    const at = `${path}${mark}limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const reply = await call("GET", at, undefined, sent);
    expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    expect(reply.body.complete).toBe(reply.body.uncovered.length === 0);
    for (const one of reply.body.uncovered) uncovered.add(one);
    expect(reply.body.items.length).toBeLessThanOrEqual(limit);
    items.push(...reply.body.items);
    cursor = reply.body.next_cursor;
    if (cursor === null) return { items, uncovered: [...uncovered] };
  }
}

const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  site: ["view", "comment", "create", "edit", "delete", "duplicate", "share"],
  project: ["view", "interact", "duplicate", "edit", "delete", "recipients"],
};
const refOf = ({ type, id }: { type: string; id: string }) => `${type}:${id}`;

/** What checks say: the actions of every person on every resource. */
async function checked(org: number, people: readonly string[], refs: readonly string[]) {
  const may = new Map<string, string[]>();
  for (const person of people) {
    const questions = refs.flatMap((ref) => {
      const [type = "", id = ""] = ref.split(":");
      return (ACTIONS[type] ?? []).map((action) => ({ type, id, action }));
    });
    for (let from = 0; from < questions.length; from += 100) {
      const some = questions.slice(from, from + 100);
      const { body } = await call("POST", `/orgs/${org}/access/v1/evaluations`, {
        subject: { type: "user", id: person },
        evaluations: some.map(({ type, id, action }) => ({
          action: { name: action },
          resource: { type, id },
        })),
      });
      for (const [n, { type, id, action }] of some.entries()) {
        if (!body.evaluations[n].decision) continue;
        const key = `${person} ${type}:${id}`;
        may.set(key, [...(may.get(key) ?? []), action]);
      }
    }
  }
  return may;
}

const ofPeople = (rows: readonly Row[]) =>
  new Map(
    rows.flatMap((row) =>
      row.person && row.actions.length > 0
        ? [[`${row.person.email} ${refOf(row.resource)}`, [...row.actions].toSorted()] as const]
        : [],
    ),
  );
const sorted = (may: ReadonlyMap<string, readonly string[]>) =>
  [...may].map(([key, actions]) => `${key} ${actions.toSorted().join()}`).toSorted();

/** A world of an owner with a workspace below it, and two partners, from a seed. */
async function build(seed: number) {
  const { below: roll, one: pick } = seeded(seed);
  const owner = await newOrg(`Owner ${seed}`);
  const below = (await call("POST", "/v1/orgs", { name: "Below", parent: owner.id })).body;
  const orgs = [owner.at, `/v1/orgs/${below.id}`];
  const refs: string[] = [];
  const members = [];
  for (let n = 0; n < 6; n++)
    members.push(await newMember(pick(orgs), pick(["viewer", "commenter"])));
  for (let n = 0; n < 8; n++) {
    const type = n < 5 ? "site" : "project";
    const body = {
      tags: ["a", "b", "c"].filter(() => roll(3) === 0),
      ...(roll(2) ? { owner: pick(members).email } : {}),
    };
    expect((await call("PUT", `${pick(orgs)}/resources/${type}/r${n}`, body)).status).toBe(201);
    refs.push(`${type}:r${n}`);
  }
  const scope = () =>
    pick<object>([all, { tags: [pick(["a", "b"]), "c"] }, { resources: [pick(refs.slice(0, 5))] }]);
  const role = () => pick(["viewer", "commenter", "collaborator", "project.can_edit"]);
  const team = (await call("POST", `${owner.at}/teams`, { name: "Team" })).body.id;
  const listed = (await call("GET", `${owner.at}/members`)).body.items;
  for (const { id } of listed)
    if (roll(2)) await call("PUT", `${owner.at}/teams/${team}/members/${id}`, {});
  for (let n = 0; n < 8; n++) {
    const to = pick<unknown>(["members", { team }, { member: pick(members).id }]);
    const ends = roll(4) ? {} : { expiresAt: new Date(Date.now() + 86_400_000).toISOString() };
    await call("POST", `${pick(orgs)}/grants`, { to, role: role(), scope: scope(), ...ends });
  }
  await call("POST", `${owner.at}/recipients`, {
    resources: [pick(refs.slice(5))],
    to: [{ member: pick(members).id }],
    role: "project.can_view",
  });
  await call("POST", `${owner.at}/resources/project/r5/elevate`, {}, as(owner.admin));
  const outside = [someone("out"), someone("out"), someone("waiting")];
  for (const [n, email] of outside.entries()) {
    const body = { to: { email, name: "Out" }, role: role(), scope: scope() };
    const share = await call("POST", `${owner.at}/shares`, body);
    expect(share.status).toBe(201);
    if (n < 2) await call("POST", `/v1/me/access/${share.body.id}/accept`, {}, as(email));
  }
  const partners = [];
  for (let n = 0; n < 2; n++) {
    const partner = await newOrg(`Partner ${n}`);
    const staff = [];
    for (let m = 0; m < 3; m++) staff.push(await newMember(partner.at));
    const terms = { role: pick(["commenter", "collaborator"]), scope: scope() };
    const offer = { to: { org: partner.id }, ...terms };
    const share = (await call("POST", `${owner.at}/shares`, offer)).body.id;
    await call("POST", `${partner.at}/received-shares/${share}/accept`, {});
    for (let m = 0; m < 2; m++) {
      const to = pick<unknown>(["members", { member: pick(staff).id }, "admins"]);
      const rule = { to, role: pick(["viewer", "commenter"]), scope: pick([all, { tags: ["a"] }]) };
      await call("POST", `${partner.at}/received-shares/${share}/rules`, rule);
    }
    partners.push({ ...partner, share, people: [partner.admin, ...staff.map((m) => m.email)] });
  }
  const people = [owner.admin, ...members.map(({ email }) => email), ...outside];
  return { owner, below, members, people, refs, partners };
}

describe.each([1, 2, 3, 4])("in the random world %i", (seed) => {
  let world: Awaited<ReturnType<typeof build>>;
  let may: Map<string, string[]>;

  beforeAll(async () => {
    world = await build(seed);
    const everyone = [...world.people, ...world.partners.flatMap(({ people }) => people)];
    may = await checked(world.owner.id, everyone, world.refs);
  });

  const mayOf = (people: readonly string[], refs: readonly string[] = world.refs) =>
    new Map(
      [...may].filter(([key]) => {
        const [person = "", ref = ""] = key.split(" ");
        return people.includes(person) && refs.includes(ref);
      }),
    );

  test("[R2, R17] who has access to a resource is whom checks let do something", async () => {
    for (const ref of world.refs) {
      const at = `${world.owner.at}/resources/${ref.replace(":", "/")}/access`;
      const { items, uncovered } = await pages(at, 3);
      expect(uncovered).toEqual([]);
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      expect(sorted(ofPeople(items))).toEqual(sorted(mayOf(world.people, [ref])));
      for (const partner of world.partners) {
        const row = items.find(({ org }) => org?.id === partner.id);
        const theirs = [...mayOf(partner.people, [ref]).values()];
        expect(row?.people ?? 0).toBe(theirs.length);
        const actions = [...new Set(theirs.flat())].toSorted();
        expect([...(row?.actions ?? [])].toSorted()).toEqual(actions);
        // Who they are is the partner's own.
        const said = JSON.stringify(row ?? {});
        for (const person of partner.people) expect(said).not.toContain(person);
      }
    }
  });

  test("what a member reaches, and all access of an org, are the same", async () => {
    for (const { id, email } of world.members) {
      const org = (await call("GET", `${world.owner.at}/members/${id}`)).status === 200;
      const at = `/v1/orgs/${org ? world.owner.id : world.below.id}`;
      const { items } = await pages(`${at}/members/${id}/access`, 2);
      const refs = new Set((await pages(`${at}/access`)).items.map((row) => refOf(row.resource)));
      expect(sorted(ofPeople(items))).toEqual(sorted(mayOf([email], [...refs])));
    }
    const { items, uncovered } = await pages(`${world.owner.at}/access`, 7);
    expect(uncovered).toEqual([]);
    expect(new Set(items.map((row) => row.id)).size).toBe(items.length);
    expect(sorted(ofPeople(items))).toEqual(sorted(mayOf(world.people)));
    for (const partner of world.partners)
      for (const ref of world.refs) {
        const row = items.find(
          ({ org, resource }) => org?.id === partner.id && refOf(resource) === ref,
        );
        expect(row?.people ?? 0).toBe(mayOf(partner.people, [ref]).size);
      }
  });

  test("a receiver sees what its own people reach, and nothing of the owner's people", async () => {
    for (const partner of world.partners) {
      const { items } = await pages(`${partner.at}/access?source=received`, 2);
      expect(sorted(ofPeople(items))).toEqual(sorted(mayOf(partner.people)));
      const said = JSON.stringify(items);
      for (const person of world.people) expect(said).not.toContain(person);
      for (const ref of new Set(items.map((row) => refOf(row.resource)))) {
        const at = `${partner.at}/resources/${ref.replace(":", "/")}/access?share=${partner.share}`;
        const one = await pages(at, 2);
        expect(sorted(ofPeople(one.items))).toEqual(sorted(mayOf(partner.people, [ref])));
      }
      const [first] = partner.people;
      const mine = await pages(`${partner.at}/access?person=${first}&source=received`);
      expect(sorted(ofPeople(mine.items))).toEqual(sorted(mayOf([first ?? ""])));
    }
  });

  test("filters leave what they say", async () => {
    const { items } = await pages(`${world.owner.at}/access`);
    const rows = (some: readonly Row[]) => some.map(({ id }) => id).toSorted();
    const filtered = async (query: string) =>
      rows((await pages(`${world.owner.at}/access?${query}`, 5)).items);
    expect(await filtered("type=project")).toEqual(
      rows(items.filter(({ resource }) => resource.type === "project")),
    );
    for (const source of ["team", "members", "admin", "user_share", "owner", "elevation"])
      expect(await filtered(`source=${source}`), source).toEqual(
        rows(items.filter(({ sources }) => sources.some((one) => one.source === source))),
      );
    const person = world.people[1] ?? "";
    expect(await filtered(`person=${person}`)).toEqual(
      rows(items.filter((row) => row.person?.email === person)),
    );
    expect(await filtered("person=nobody@people.example")).toEqual([]);
  });
});

describe("lists of access", () => {
  test("name the source of each access, who gave it and until when", async () => {
    const { at, admin } = await newOrg("Sources");
    await call("PUT", `${at}/resources/project/p`, { name: "P" });
    const { email, id } = await newMember(at);
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const grant = { role: "project.can_edit", scope: all, expiresAt, reason: "Audit" };
    expect((await call("POST", `${at}/members/${id}/grants`, grant, as(admin))).status).toBe(201);
    const { items } = await pages(`${at}/resources/project/p/access`);
    expect(items).toMatchObject([
      {
        person: { email, member: id },
        resource: { type: "project", id: "p", name: "P" },
        role: "project.can_edit",
        expiresAt,
        sources: [
          {
            source: "grant",
            role: "project.can_edit",
            expiresAt,
            steps: [{ kind: "grant", to: { member: id }, by: admin, reason: "Audit", scope: all }],
          },
        ],
      },
    ]);
    const link = await call("POST", `${at}/resources/project/p/links`, {});
    const other = await newMember(at);
    await call("POST", `/v1/links/${link.body.token}/open`, {}, as(other.email));
    const linked = (await pages(`${at}/access?source=link`)).items;
    expect(linked.map(({ person, sources }) => [person?.email, sources[0]?.source])).toEqual([
      [other.email, "link"],
    ]);
    const csv = await call("GET", `${at}/access`, undefined, { accept: "text/csv" });
    expect(csv.body).toContain(email);
  });

  test("say so when the access changed while they were read", async () => {
    const { at } = await newOrg("Changing");
    for (let n = 0; n < 5; n++) await call("PUT", `${at}/resources/site/s${n}`, {});
    for (let n = 0; n < 3; n++) await newMember(at);
    const before = (await pages(`${at}/access`)).items.map(({ id }) => id);
    const first = await call("GET", `${at}/access?limit=4`);
    expect(first.body).toMatchObject({ complete: true, uncovered: [] });
    await newMember(at);
    const seen = first.body.items.map((row: Row) => row.id);
    for (let cursor = first.body.next_cursor; cursor !== null;) {
      const { body } = await call("GET", `${at}/access?limit=4&cursor=${cursor}`);
      expect(body).toMatchObject({ complete: false, uncovered: ["changed"] });
      seen.push(...body.items.map((row: Row) => row.id));
      cursor = body.next_cursor;
    }
    // What there was throughout is listed once.
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(before));
    for (const cursor of ["nonsense", btoa("[1]"), btoa('[1,99,"","",0]'), btoa("{}")])
      expectProblem(await call("GET", `${at}/access?cursor=${cursor}`), 400, "invalid");
    expectProblem(await call("GET", `${at}/access?source=magic`), 400, "invalid");
  });

  test("are for admins, and do not exist for others", async () => {
    const { at, id } = await newOrg("Listed");
    const other = await newOrg("Other");
    await call("PUT", `${at}/resources/site/hq`, {});
    const member = await newMember(at);
    const paths = [
      `${at}/access`,
      `${at}/members/${member.id}/access`,
      `${at}/resources/site/hq/access`,
    ];
    const check = await newKey(at, "check");
    for (const path of paths) {
      expectProblem(await call("GET", path, undefined, as(member.email)), 403, "forbidden");
      expectProblem(await call("GET", path, undefined, as(other.admin)), 404, "not_found");
      const foreign = await newKey(other.at, "manage");
      const asked = { authorization: `Bearer ${foreign.token}` };
      expectProblem(await call("GET", path, undefined, asked), 404, "not_found");
      const only = { authorization: `Bearer ${check.token}` };
      expectProblem(await call("GET", path, undefined, only), 403, "forbidden");
    }
    for (const path of [
      `${at}/resources/site/none/access`,
      `${at}/resources/site/hq/access?share=shr_${id}_1_0`,
      `${at}/members/${other.adminMember}/access`,
      `${other.at}/resources/site/hq/access`,
    ])
      expectProblem(await call("GET", path), 404, "not_found");
  });

  test("below, what was given above is said to be left out", async () => {
    const owner = await newOrg("Above");
    const below = await newOrg("Below", someone("lead"), owner.id);
    const partner = await newOrg("Partner above");
    await call("PUT", `${below.at}/resources/site/hq`, {});
    const offer = { to: { org: partner.id }, role: "viewer", scope: all };
    const share = (await call("POST", `${owner.at}/shares`, offer)).body.id;
    await call("POST", `${partner.at}/received-shares/${share}/accept`, {});
    const at = `${below.at}/resources/site/hq/access`;
    const led = await pages(at, 10, as(below.admin));
    expect(led.uncovered).toEqual(["above"]);
    expect(led.items.every(({ org }) => org === undefined)).toBe(true);
    const whole = await pages(at, 10, as(owner.admin));
    expect(whole.uncovered).toEqual([]);
    expect(whole.items.find(({ org }) => org)).toMatchObject({
      org: { id: partner.id, name: "Partner above" },
      people: 1,
      actions: ["view"],
      sources: [{ source: "org_share", steps: [{ kind: "share", id: share }] }],
    });
    await call("POST", `${owner.at}/freeze`, {});
    expect((await pages(at)).items.some(({ org }) => org)).toBe(false);
  });
});
