import { beforeAll, describe, expect, test } from "vitest";
import { SETTINGS } from "../../src/doors/pages/settings/index.ts";
import { Browser, call, newMember, newOrg, someone } from "../support/http.ts";

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
  const ids: Record<string, string> = { member, rule: made.body.grants[0].id };
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
      expect((await plain.call("GET", at(path))).status).toBe(section.admins ? 404 : 200);
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
  expect(page.body).toContain(`/${second.id}/settings/your-access`);
  expect((await browser.form(own, { access, act: "leave", org: "Second" })).body).toContain(
    "Leave Second?",
  );
  const left = await browser.form(own, { access, act: "leave", org: "Second", sure: "yes" });
  expect(left.headers.get("location")).toBe(`${own}?done=left`);
  const other = await newMember(second.at);
  const theirs = await browser.form(own, { access: other.id, act: "accept" });
  expect(theirs.status).toBe(404);
});
