import { beforeAll, describe, expect, test } from "vitest";
import type { Section } from "../../src/doors/pages/kit/settings.tsx";
import { SETTINGS } from "../../src/doors/pages/settings/index.ts";
import { as, Browser, call, newMember, newOrg, someone } from "../support/http.ts";

const NASTY = "<script>alert(1)</script>";

/** A world in which each page has something to show: what the variable parts of paths stand for. */
async function world() {
  const owner = await newOrg("Owner");
  const partner = await newOrg("Partner");
  await call("PUT", `${owner.at}/resources/site/hq`, { name: NASTY, tags: ["North"] });
  const made = await call("POST", `${owner.at}/members`, {
    name: NASTY,
    email: someone("nasty"),
    role: "viewer",
    scope: { tags: ["North"] },
  });
  const member = made.body.id as string;
  const all = { role: "viewer", scope: { all: true } };
  const to = { email: someone("guest"), name: NASTY };
  const share = await call("POST", `${owner.at}/shares`, { to, ...all });
  const offered = await call("POST", `${partner.at}/shares`, { to: { org: owner.id }, ...all });
  const received = offered.body.id as string;
  const answer = `${owner.at}/received-shares/${received}`;
  expect((await call("POST", `${answer}/accept`, {}, as(owner.admin))).status).toBe(200);
  const rules = await call("GET", `${answer}/rules`);
  const review = await call("POST", `${owner.at}/reviews`, { of: "outside" });
  const team = await call("POST", `${owner.at}/teams`, { name: NASTY });
  const inTeam = `${owner.at}/teams/${team.body.id}`;
  await call("PUT", `${inTeam}/members/${member}`, {});
  const teamGrant = await call("POST", `${inTeam}/grants`, { ...all, reason: NASTY });
  const lent = await call("POST", `${owner.at}/recipients`, {
    resources: ["site:hq"],
    to: ["members"],
    role: "viewer",
  });
  const hook = await call("POST", `${owner.at}/webhooks`, {
    name: NASTY,
    url: "http://127.0.0.1:9/hook",
    events: ["team.created"],
  });
  const issuer = await call("POST", `${owner.at}/issuers`, {
    issuer: "http://127.0.0.1:9",
    audience: NASTY,
  });
  await call("PUT", `${owner.at}/role-sets/own`, {
    roles: [{ name: "reader", actions: ["view", NASTY] }],
  });
  await call("PUT", `${owner.at}/libraries/regions`, { values: [{ value: NASTY, label: "N" }] });
  const changes = await call("GET", `${owner.at}/changes`);
  const found = await call("GET", `${owner.at}/collaborations`);
  const ids: Record<string, string> = {
    collaboration: found.body.items[0].id,
    type: "site",
    id: "hq",
    tag: "North",
    team: team.body.id,
    teamGrant: teamGrant.body.id,
    review: review.body.id,
    member,
    rule: made.body.grants[0].id,
    share: share.body.id,
    received,
    recipient: lent.body.items[0].added[0].id,
    webhook: hook.body.id,
    issuer: issuer.body.id,
    set: "own",
    library: "regions",
    change: changes.body.items.at(-1).id,
    teamRule: rules.body.items[0].id,
  };
  return { owner, partner, ids };
}

let made: Awaited<ReturnType<typeof world>>;
let admin: Browser;
let french: Browser;
let plain: Browser;
let stranger: Browser;
let neighbour: Browser;

beforeAll(async () => {
  made = await world();
  const { owner, partner } = made;
  admin = await new Browser().signIn(owner.admin);
  french = await new Browser({ "accept-language": "fr" }).signIn(owner.admin);
  plain = await new Browser().signIn((await newMember(owner.at)).email);
  stranger = await new Browser().signIn(someone());
  neighbour = await new Browser().signIn(partner.admin);
});

const at = (path: string, org = made.owner.id): string =>
  `/${org}/settings/${path.replace(/:(\w+)/g, (_, name: string) => made.ids[name] ?? "none")}`;

/** What a member gets who may not pass on the resource in the path [R30]. */
const forPlain = ({ path, admins }: Section): number =>
  admins ? 404 : path.startsWith("sharing/:") ? 403 : 200;

describe.each(SETTINGS.filter(({ show }) => show).map((one) => [one.path, one] as const))(
  "%s",
  (path, section) => {
    test("is shown to an admin in both languages, with nothing of anybody else's making", async () => {
      for (const [browser, language] of [
        [admin, "en"],
        [french, "fr"],
      ] as const) {
        const { status, headers, body } = await browser.call("GET", at(path));
        expect(status, body).toBe(200);
        expect(body).toMatch(new RegExp(`^<!DOCTYPE html>\\s*<html lang="${language}">`));
        expect(body.match(/<h1/g)).toHaveLength(1);
        expect(body).not.toMatch(/<script(?![^>]*src="\/assets\/)|<style| style=| on\w+=/);
        expect(body).not.toContain("<script>alert");
        expect(body).toContain(`id="org-id">${made.owner.id}<`);
        expect(headers.get("content-security-policy")).not.toContain("unsafe");
        expect(headers.get("cache-control")).toBe("no-store");
      }
    });

    test("does not exist for strangers, other tenants, and members whose page it is not", async () => {
      expect((await stranger.call("GET", at(path))).status).toBe(404);
      expect((await neighbour.call("GET", at(path))).status).toBe(404);
      expect((await plain.call("GET", at(path))).status).toBe(forPlain(section));
      expect((await admin.call("GET", at(path, 999_999))).status).toBe(404);
      expect((await new Browser().call("GET", at(path))).status).toBe(303);
    });
  },
);

test.each(SETTINGS.filter(({ act }) => act).map((one) => [one.path, one] as const))(
  "a form for %s is taken from our own pages only, and from who may see them",
  async (path, { admins }) => {
    const foreign = await admin.call("POST", at(path), "x=1", {
      "content-type": "application/x-www-form-urlencoded",
      origin: "http://evil.example",
    });
    expect(foreign.status).toBe(403);
    expect((await stranger.form(at(path), {})).status).toBe(404);
    if (admins) expect((await plain.form(at(path), {})).status).toBe(404);
  },
);

describe("a table", () => {
  test("sorts, filters and turns pages by its address", async () => {
    const org = await newOrg("Table");
    const browser = await new Browser().signIn(org.admin);
    for (const name of ["Zoé", "Ada", "Zoe Quiet"])
      await call("POST", `${org.at}/members`, {
        name,
        email: someone(),
        role: "viewer",
        scope: { all: true },
      });
    const get = async (query: string) =>
      (await browser.call("GET", `/${org.id}/settings/team-members${query}`)).body as string;
    const order = (body: string) =>
      [...body.matchAll(/<th scope="row"><a[^>]*>([^<(]+?)(?: \(|<)/g)].map(([, name]) => name);
    expect(order(await get("?sort=name"))).toEqual(["Ada", "Admin", "Zoé", "Zoe Quiet"]);
    const down = await get("?sort=-name");
    expect(order(down)).toEqual(["Zoe Quiet", "Zoé", "Admin", "Ada"]);
    expect(down).toContain('aria-sort="descending"');
    expect(order(await get("?q=zoe"))).toHaveLength(2);
    expect(order(await get("?status=active"))).toEqual(["Admin"]);
    expect(await get("?q=nobody-of-this-name")).toContain("Nothing was found");
    expect(await get("?sort=nonsense&page=-3")).toContain("Ada");
    expect(await get("")).toContain("awaiting acceptance");
  });

  test("goes as CSV with all its rows, and nothing that runs as a formula", async () => {
    const org = await newOrg("Csv");
    const browser = await new Browser().signIn(org.admin);
    const edits = Array.from({ length: 210 }, (_, n) => ({
      method: "POST",
      path: `${org.at}/members`,
      body: {
        name: n === 0 ? "=1+1" : `Member ${n}`,
        email: someone(),
        role: "viewer",
        scope: { all: true },
      },
    }));
    expect((await call("POST", `${org.at}/batch`, { edits })).status).toBe(200);
    for (const query of ["", "&sort=-name"]) {
      const path = `/${org.id}/settings/team-members?format=csv${query}`;
      const { headers, body } = await browser.call("GET", path);
      expect(headers.get("content-type")).toContain("text/csv");
      expect(headers.get("content-disposition")).toContain("attachment");
      expect(body.trim().split("\r\n")).toHaveLength(212);
      expect(body).toContain("'=1+1");
    }
    const first = (await browser.call("GET", `/${org.id}/settings/team-members`)).body as string;
    expect(first.match(/<th scope="row">/g)).toHaveLength(50);
    const next = /rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(next).toContain("cursor=");
    expect((await browser.call("GET", next)).body).toContain("First page");
  });
});

describe("members", () => {
  test("are invited; what is wrong stands beside its field, and what was typed stays", async () => {
    const path = at("team-members/new");
    const wrong = await admin.form(path, {
      name: "Grace <b>",
      email: "nonsense",
      role: "viewer",
      scope: "tags",
      tag: "North",
      step: "save",
    });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toContain('role="alert"');
    expect(wrong.body).toMatch(
      /id="f-email"[^>]*value="nonsense"[^>]*aria-describedby="f-email-error"/,
    );
    expect(wrong.body).toContain('value="Grace &lt;b&gt;"');
    expect(wrong.body).toMatch(/id="scope-tags"[^>]*checked/);
    const email = someone("grace");
    const fields = { name: "Grace", email, role: "viewer", scope: "tags", tag: "North" };
    const seen = await admin.form(path, { ...fields, step: "check" });
    expect(seen.status).toBe(200);
    expect(seen.body).toContain("Grace will be viewer of tagged North");
    const done = await admin.form(path, { ...fields, until: "2099-12-31", step: "save" });
    expect(done.status).toBe(303);
    const listed = await admin.call("GET", done.headers.get("location") ?? "");
    expect(listed.body).toContain("The invitation is on its way");
    const { body } = await call("GET", `${made.owner.at}/members`);
    const grace = body.items.find((one: { email: string }) => one.email === email);
    expect(grace).toMatchObject({
      role: "viewer",
      grants: [{ scope: { tags: ["North"] }, expiresAt: "2099-12-31T23:59:59.000Z" }],
    });
  });

  test("get a rule more, see it changed and taken; leave by a page that says what is lost", async () => {
    const { owner } = made;
    const { id, email, grant } = await newMember(owner.at);
    const own = at(`team-members/${id}`);
    const chosen = { role: "collaborator", scope: "resources", resource: "site:hq" };
    const found = await admin.form(`${own}/rules/new`, { ...chosen, find: "hq", step: "find" });
    expect(found.body).toMatch(/value="site:hq"[^>]*checked/);
    const look = await admin.form(`${own}/rules/new`, { ...chosen, step: "check" });
    expect(look.body).toContain(email);
    expect((await admin.form(`${own}/rules/new`, { ...chosen, step: "save" })).status).toBe(303);
    const { body } = await call("GET", `${owner.at}/members/${id}`);
    expect(body.grants).toHaveLength(2);
    const shown = await admin.call("GET", `${own}/rules/${grant}`);
    expect(shown.body).toMatch(/id="scope-all"[^>]*checked/);
    const changed = { role: "commenter", scope: "all", step: "save" };
    expect((await admin.form(`${own}/rules/${grant}`, changed)).status).toBe(303);
    const asked = await admin.form(`${own}/rules/${grant}/remove`);
    expect(asked.status).toBe(200);
    expect(asked.body).toContain("commenter");
    expect((await admin.form(`${own}/rules/${grant}/remove`, { sure: "yes" })).status).toBe(303);
    const first = await admin.form(`${own}/remove`);
    expect(first.body).toContain("cannot be undone");
    expect((await call("GET", `${owner.at}/members/${id}`)).status).toBe(200);
    expect((await admin.form(`${own}/remove`, { sure: "yes" })).status).toBe(303);
    expect((await call("GET", `${owner.at}/members/${id}`)).status).toBe(404);
  });

  test("the last admin stays, and the page says why", async () => {
    const { owner } = made;
    const reply = await admin.form(at(`team-members/${owner.adminMember}/remove`), { sure: "yes" });
    expect(reply.status).toBe(409);
    expect(reply.body).toContain("without an admin");
  });
});

describe("sharing", () => {
  test("with a person and an organisation, in words of the form; changed, frozen, ended", async () => {
    const { owner, partner } = made;
    const path = at("shared-by-us/new");
    const terms = { role: "viewer", scope: "all", step: "save" };
    const wrong = await admin.form(path, { ...terms, with: "org", org: "nonsense" });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toContain("Give the name and the address of a person");
    expect(wrong.body).toContain('value="nonsense"');
    const email = someone("guest");
    const person = { ...terms, with: "person", name: "Guest", email };
    expect((await admin.form(path, person)).status).toBe(303);
    const org = { ...terms, with: "org", org: String(partner.id) };
    const seen = await admin.form(path, { ...org, step: "check" });
    expect(seen.body).toContain("What it will mean");
    expect((await admin.form(path, org)).status).toBe(303);
    const { items } = (await call("GET", `${owner.at}/shares`)).body;
    const offered = items.find((one: { to: { org?: number } }) => one.to.org === partner.id);
    const own = at(`shared-by-us/${offered.id}`);
    const changed = { role: "commenter", scope: "tags", tag: "North", step: "save" };
    expect((await admin.form(own, changed)).status).toBe(303);
    const freeze = { act: "freeze", partner: String(partner.id), name: "Partner" };
    expect((await admin.form(at("shared-by-us/freezes"), freeze)).body).toContain("Freeze?");
    const frozen = await admin.form(at("shared-by-us/freezes"), { ...freeze, sure: "yes" });
    expect(frozen.status).toBe(303);
    expect((await call("GET", `${owner.at}/shares/${offered.id}`)).body).toMatchObject({
      role: "commenter",
      scope: { tags: ["North"] },
      frozen: true,
    });
    expect((await admin.call("GET", at("shared-by-us"))).body).toContain("Let go on");
    const thaw = { act: "thaw", partner: String(partner.id), sure: "yes" };
    expect((await admin.form(at("shared-by-us/freezes"), thaw)).status).toBe(303);
    expect((await admin.form(`${own}/remove`)).body).toContain("cannot be undone");
    expect((await admin.form(`${own}/remove`, { sure: "yes" })).status).toBe(303);
    expect((await call("GET", `${owner.at}/shares`)).body.items).not.toContainEqual(
      expect.objectContaining({ id: offered.id }),
    );
  });

  test("[R16] received: the terms that were seen are accepted, and rules say who uses it", async () => {
    const receiver = await newOrg("Receiver");
    const giver = await newOrg("Giver");
    await call("PUT", `${giver.at}/resources/site/g1`, { name: "Depot", tags: ["West"] });
    const browser = await new Browser().signIn(receiver.admin);
    const to = { org: receiver.id };
    const offered = await call("POST", `${giver.at}/shares`, {
      to,
      role: "commenter",
      scope: { all: true },
    });
    const own = at(`shared-with-us/${offered.body.id}`, receiver.id);
    const first = (await browser.call("GET", own)).body as string;
    const etag = /name="etag" value="([^"]+)"/.exec(first)?.[1]?.replaceAll("&quot;", '"') ?? "";
    await call("PATCH", `${giver.at}/shares/${offered.body.id}`, { role: "viewer" });
    const stale = await browser.form(`${own}/accept`, { etag });
    expect(stale.status).toBe(412);
    expect(stale.body).toContain("has changed since you saw it");
    const again = /name="etag" value="([^"]+)"/.exec(stale.body as string)?.[1];
    const now = again?.replaceAll("&quot;", '"') ?? "";
    expect((await browser.form(`${own}/accept`, { etag: now })).status).toBe(303);
    const blank = await browser.call("GET", `${own}/rules/new`);
    expect(blank.body).toMatch(/value="commenter"[^>]*disabled/);
    expect(blank.body).toContain("The share allows no more than viewer");
    expect(blank.body).toContain("West");
    const rule = { to: "members", role: "viewer", scope: "tags", tag: "West" };
    const above = await browser.form(`${own}/rules/new`, {
      ...rule,
      role: "commenter",
      step: "save",
    });
    expect(above.status).toBe(422);
    const seen = await browser.form(`${own}/rules/new`, { ...rule, step: "check" });
    expect(seen.status).toBe(200);
    expect((await browser.form(`${own}/rules/new`, { ...rule, step: "save" })).status).toBe(303);
    const shown = (await browser.call("GET", own)).body as string;
    expect(shown).toContain("all members");
    expect((await browser.call("GET", `${own}/resources`)).body).toContain("Depot");
    const link = /rules\/(rul_[\w-]+)\/remove/.exec(shown)?.[1] ?? "";
    expect((await browser.call("GET", `${own}/rules/${link}`)).status).toBe(200);
    expect((await browser.form(`${own}/rules/${link}/remove`)).body).toContain("Giver");
    expect((await browser.form(`${own}/rules/${link}/remove`, { sure: "yes" })).status).toBe(303);
    expect((await browser.form(`${own}/decline`)).body).toContain("cannot be undone");
    expect((await browser.form(`${own}/decline`, { sure: "yes" })).status).toBe(303);
    const listed = await browser.call("GET", at("shared-with-us", receiver.id));
    expect(listed.body).toContain("declined");
  });
});

test("a person sees, accepts and leaves their own access", async () => {
  const org = await newOrg("Own");
  const second = await newOrg("Second");
  const { email } = await newMember(org.at);
  const invited = await call("POST", `${second.at}/members`, {
    name: "M",
    email,
    role: "viewer",
    scope: { all: true },
  });
  const browser = await new Browser().signIn(email);
  const own = `/${org.id}/settings/your-access`;
  expect((await browser.call("GET", own)).body).toContain("Second");
  const access = invited.body.id as string;
  expect((await browser.form(own, { access, act: "accept" })).status).toBe(303);
  const page = await browser.call("GET", own);
  expect(page.body).toContain(`href="/${second.id}/settings"`);
  const front = await browser.call("GET", `/${second.id}/settings`);
  expect(front.headers.get("location")).toBe(`/${second.id}/settings/your-access`);
  expect((await admin.call("GET", `/${second.id}/settings`)).status).toBe(404);
  const led = await admin.call("GET", `/${made.owner.id}/settings`);
  expect(led.headers.get("location")).toBe(at("team-members"));
  expect((await browser.form(own, { access, act: "leave", org: "Second" })).body).toContain(
    "Leave Second?",
  );
  const left = await browser.form(own, { access, act: "leave", org: "Second", sure: "yes" });
  expect(left.headers.get("location")).toBe(`${own}?done=left`);
  const other = await newMember(second.at);
  const theirs = await browser.form(own, { access: other.id, act: "accept" });
  expect(theirs.status).toBe(404);
});
