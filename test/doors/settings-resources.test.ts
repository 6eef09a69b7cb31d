import { beforeAll, describe, expect, test } from "vitest";
import { as, Browser, call, newMember, newOrg, someone } from "../support/http.ts";

let org: Awaited<ReturnType<typeof newOrg>>;
let admin: Browser;
const at = (path: string) => `/${org.id}/settings/${path}`;
const inApi = (id: string) => `${org.at}/resources/site/${id}`;
const tags = async (id: string) => (await call("GET", inApi(id))).body.tags as string[];
const put = (id: string, ...on: string[]) => call("PUT", inApi(id), { name: id, tags: on });

/** Sends a form in which a field is there several times, or which holds a file. */
function send(path: string, fields: readonly (readonly [string, string])[]) {
  return admin.call(
    "POST",
    at(path),
    new URLSearchParams(fields.map((pair) => [...pair])).toString(),
    {
      "content-type": "application/x-www-form-urlencoded",
    },
  );
}

beforeAll(async () => {
  org = await newOrg("Resources");
  admin = await new Browser().signIn(org.admin);
});

describe("resources", () => {
  test("are added, changed, copied and deleted; what is wrong stands beside its field", async () => {
    const bare = await admin.form(at("resources/new"), { type: "site", id: "", name: "A site" });
    expect(bare.status).toBe(422);
    expect(bare.body).toMatch(/id="f-id"[^>]*aria-describedby="f-id-hint f-id-error"/);
    expect(bare.body).toContain('value="A site"');
    const fields = { type: "site", id: "a/1", name: "A site", tags: "North, HQ ,", owner: "" };
    const added = await admin.form(at("resources/new"), fields);
    const own = (added.headers.get("location") ?? "").replace("?done=added", "");
    expect(own).toBe(at("resources/site/a%2F1"));
    expect((await call("GET", inApi("a%2F1"))).body).toMatchObject({
      name: "A site",
      tags: ["North", "HQ"],
    });
    const again = await admin.form(at("resources/new"), { ...fields, name: "Other" });
    expect(again.status).toBe(409);
    expect((await call("GET", inApi("a%2F1"))).body.name).toBe("A site");

    const wrong = await admin.form(own, {
      name: "B",
      tags: "HQ",
      owner: "nobody@x.example",
      owned: "",
    });
    expect(wrong.status).toBe(422);
    expect(wrong.body).toMatch(/id="f-owner"[^>]*value="nobody@x.example"[^>]*aria-invalid/);
    const { email } = await newMember(org.at);
    const saved = await admin.form(own, { name: "B", tags: "HQ", owner: email, owned: "" });
    expect(saved.status).toBe(303);
    expect((await admin.call("GET", own)).body).toContain(`value="${email}"`);
    expect((await call("GET", inApi("a%2F1"))).body).toMatchObject({ name: "B", tags: ["HQ"] });

    const copied = await admin.form(`${own}/copy`, { to: String(org.id), id: "b" });
    expect(copied.headers.get("location")).toBe(at("resources/site/b?done=added"));
    const twice = await admin.form(`${own}/copy`, { to: String(org.id), id: "b" });
    expect(twice.status).toBe(409);
    expect(twice.body).toMatch(/id="copy-id"[^>]*value="b"[^>]*aria-invalid/);

    expect((await admin.form(`${own}/remove`)).body).toContain("cannot be undone");
    expect((await admin.form(`${own}/remove`, { sure: "nonsense" })).status).toBe(422);
    expect((await admin.form(`${own}/remove`, { sure: "B" })).status).toBe(303);
    expect((await call("GET", inApi("a%2F1"))).status).toBe(404);
  });

  test("are listed, own and received, by type, tag and text; with who has access", async () => {
    const giver = await newOrg("Giver");
    await call("PUT", `${giver.at}/resources/site/depot`, { name: "Depot", tags: [] });
    await put("port", "Sea");
    const offered = await call("POST", `${giver.at}/shares`, {
      to: { org: org.id },
      role: "viewer",
      scope: { all: true },
    });
    const received = `${org.at}/received-shares/${offered.body.id}`;
    expect((await call("POST", `${received}/accept`, {}, as(org.admin))).status).toBe(200);
    const list = async (query: string) =>
      (await admin.call("GET", at(`resources?${query}`))).body as string;
    const both = await list("");
    expect(both).toContain("Depot");
    expect(both).toContain("Shared by Giver");
    expect(both).toContain('value="site:port"');
    expect(both).not.toContain('value="site:depot"');
    expect(await list("whose=own")).not.toContain("Depot");
    expect(await list("whose=received")).not.toContain('value="site:port"');
    expect(await list("tag=sea&whose=own")).toContain('value="site:port"');
    expect(await list("q=por&type=site")).toContain('value="site:port"');
    expect(await list("q=nothing-like-it")).toContain("Nothing was found");
    const { email } = await newMember(org.at);
    const access = await admin.call("GET", at("resources/site/port/access"));
    expect(access.body).toContain(email);
    expect(access.body).toContain("administrator");
    const why = /href="([^"]*why\?[^"]*)"/.exec(access.body as string)?.[1] ?? "";
    expect((await admin.call("GET", why.replaceAll("&amp;", "&"))).body).toContain("to site:port");
  });
});

describe("tags", () => {
  test("go to many at once, those ticked or all that a filter shows, once seen", async () => {
    for (const id of ["t1", "t2", "t3"]) await put(id, "Old", id);
    const ticked = [
      ["resource", "site:t1"],
      ["resource", "site:t2"],
      ["query", "?tag=Old"],
    ] as const;
    const open = await send("resources/tagging", [...ticked, ["step", "choose"]]);
    expect(open.body).toContain("Old (2 resources)");
    const nothing = await send("resources/tagging", [...ticked, ["step", "save"]]);
    expect(nothing.status).toBe(422);
    const change = [
      ["add", "New, Newer"],
      ["without", "old"],
    ] as const;
    const seen = await send("resources/tagging", [...ticked, ...change, ["step", "check"]]);
    expect(seen.body).toContain("What it will mean");
    expect(seen.body).toContain('value="New, Newer"');
    expect(await tags("t1")).toEqual(["Old", "t1"]);
    const done = await send("resources/tagging", [...ticked, ...change, ["step", "save"]]);
    expect(done.headers.get("location")).toBe(at("resources?tag=Old&done=changed"));
    expect(await tags("t1")).toEqual(["t1", "New", "Newer"]);
    expect(await tags("t3")).toEqual(["Old", "t3"]);
    const whole = [
      ["whole", "yes"],
      ["query", "?tag=new"],
      ["add", "All"],
      ["step", "save"],
    ] as const;
    expect((await send("resources/tagging", whole)).status).toBe(303);
    expect(await tags("t2")).toEqual(["t2", "New", "Newer", "All"]);
    expect(await tags("t3")).toEqual(["Old", "t3"]);
    const long = await send("resources/tagging", [
      ...ticked,
      ["add", "x".repeat(300)],
      ["step", "save"],
    ]);
    expect(long.status).toBe(422);
    expect(long.body).toMatch(/id="f-add"[^>]*aria-invalid/);
    const none = await send("resources/tagging", [["step", "choose"]]);
    expect(none.body).toContain("No resource was chosen");
    const foreign = await send("resources/tagging", [["resource", "site:nowhere"]]);
    expect(foreign.status).toBe(404);
  });

  test("are renamed and taken off everywhere, saying whom it concerns", async () => {
    for (const id of ["r1", "r2"]) await put(id, "East");
    const { body } = await call("POST", `${org.at}/members`, {
      name: "East only",
      email: someone("east"),
      role: "viewer",
      scope: { tags: ["East"] },
    });
    const scope = async () =>
      (await call("GET", `${org.at}/members/${body.id}`)).body.grants[0].scope;
    const list = (await admin.call("GET", at("tags?q=east"))).body as string;
    expect(list).toContain('href="' + at("resources?tag=East") + '"');
    const wrong = await admin.form(at("tags/East"), { to: " " });
    expect(wrong.status).toBe(400);
    const asked = await admin.form(at("tags/east"), { to: "Orient" });
    expect(asked.body).toContain("2 resources get the tag Orient");
    expect(await tags("r1")).toEqual(["East"]);
    expect((await admin.form(at("tags/east"), { to: "Orient", sure: "yes" })).status).toBe(303);
    expect(await tags("r1")).toEqual(["Orient"]);
    expect(await scope()).toEqual({ tags: ["East"] });
    await call("PATCH", `${org.at}/grants/${body.grants[0].id}`, { scope: { tags: ["orient"] } });
    const both = { to: "Levant", rules: "yes" };
    expect((await admin.form(at("tags/Orient"), both)).body).toContain("What it will mean");
    expect((await admin.form(at("tags/Orient"), { ...both, sure: "yes" })).status).toBe(303);
    expect(await tags("r1")).toEqual(["Levant"]);
    expect(await scope()).toEqual({ tags: ["Levant"] });
    expect((await admin.call("GET", at("tags/East"))).status).toBe(404);
    expect((await admin.form(at("tags/Levant/remove"), {})).body).toContain("2 resources lose");
    expect((await admin.form(at("tags/Levant/remove"), { sure: "yes" })).status).toBe(303);
    expect(await tags("r2")).toEqual([]);
  });
});

describe("an import", () => {
  const upload = (fields: Record<string, string | File>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return new Response(form);
  };
  async function sendFile(fields: Record<string, string | File>) {
    const whole = upload(fields);
    const type = whole.headers.get("content-type") ?? "";
    const bytes = new Uint8Array(await whole.arrayBuffer());
    return admin.call("POST", at("resources/import"), bytes, { "content-type": type });
  }

  test("of pasted rows shows what was taken, and why each other row was not", async () => {
    const text = "type,id,name,tags\nsite,i1,One,North;HQ\nsite,,None,\nsite,i3,<b>,";
    const done = await sendFile({ text });
    expect(done.status).toBe(200);
    expect(done.body).toContain("Taken: 2. Refused: 1.");
    expect(done.body).toContain("Row 2:");
    expect(done.body).toContain("</html>");
    expect(await tags("i1")).toEqual(["North", "HQ"]);
    const plain = await admin.form(at("resources/import"), { text: "type,id\nsite,i4" });
    expect(plain.body).toContain("Taken: 1. Refused: 0.");
    const empty = await sendFile({ text: " " });
    expect(empty.status).toBe(400);
    expect(empty.body).toContain("Choose a file");
  });

  test("takes what spreadsheets write where commas are for decimals, in their own encoding", async () => {
    const text = 'type;id;name;tags\r\nsite;s1;Café;"North;HQ"\r\n';
    const old = new File([Uint8Array.from(text, (one) => one.charCodeAt(0))], "sites.csv");
    expect((await sendFile({ file: old })).body).toContain("Taken: 1. Refused: 0.");
    expect((await call("GET", inApi("s1"))).body).toMatchObject({
      name: "Café",
      tags: ["North", "HQ"],
    });
  });

  test("of a file shows how far it is, and goes on past what is refused", async () => {
    const rows = Array.from({ length: 1_200 }, (_, n) =>
      JSON.stringify({ type: "site", id: n === 700 ? "" : `f${n}`, name: `Café ${n}` }),
    );
    const file = new File([rows.join("\n")], "sites.ndjson");
    const { body } = await sendFile({ file, text: "" });
    expect(body).toMatch(/<progress value="500" max="1200"/);
    expect(body).toMatch(/<progress value="1000" max="1200"/);
    expect(body).toContain("Row 701:");
    expect(body).toContain("Taken: 1199. Refused: 1.");
    expect((await call("GET", inApi("f1199"))).body.name).toBe("Café 1199");
  });

  test("is no way round for who is no admin, nor for too large a file", async () => {
    const plain = await new Browser().signIn((await newMember(org.at)).email);
    expect((await plain.form(at("resources/import"), { text: "type,id\nsite,x" })).status).toBe(
      404,
    );
    const large = await admin.form(at("resources/import"), { text: "x".repeat(17 * 1024 * 1024) });
    expect(large.status).toBe(413);
    const broken = await admin.call("POST", at("resources/import"), "nonsense", {
      "content-type": "multipart/form-data; boundary=x",
    });
    expect(broken.status).toBe(400);
  });
});
