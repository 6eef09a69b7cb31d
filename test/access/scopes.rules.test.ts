import { describe, expect, it } from "vitest";
import { foldTag, isWithin } from "../../src/access/index.ts";
import { Sketch, type ScopeText } from "./sketch.ts";
import { SPELLINGS } from "./spellings.ts";

/** Ann is a viewer of the scope in acme; what can she see? */
const sees = (scope: ScopeText, world: Sketch) => world.joined("acme", "ann", "viewer", scope);

describe("[R3] scope all", () => {
  it("[R3] covers the org's resources and those of every org below, now and later", () => {
    const world = sees({ all: true }, new Sketch().org("acme").org("north", "acme"))
      .org("pole", "north")
      .resource("acme", "site:a")
      .resource("north", "site:n");
    expect(world.list("ann", "view")).toEqual(["site:a", "site:n"]);
    world.resource("pole", "site:later");
    expect(world.list("ann", "view")).toEqual(["site:a", "site:later", "site:n"]);
  });

  it("[R3] covers nothing of another tree", () => {
    const world = sees({ all: true }, new Sketch().org("acme").org("beta")).resource(
      "beta",
      "site:b",
    );
    expect(world.may("ann", "view", "site:b")).toBe(false);
  });
});

describe("[R4] scope tags", () => {
  const tagged = (...tags: string[]) =>
    new Sketch().org("acme").org("north", "acme").resource("north", "site:hq", tags);

  it("[R4] one of several tags is enough", () => {
    const scope = { tags: ["East", "West"] };
    expect(sees(scope, tagged("West")).may("ann", "view", "site:hq")).toBe(true);
    expect(sees(scope, tagged("East", "Old")).may("ann", "view", "site:hq")).toBe(true);
    expect(sees(scope, tagged("Old")).may("ann", "view", "site:hq")).toBe(false);
    expect(sees(scope, tagged()).may("ann", "view", "site:hq")).toBe(false);
  });

  it("[R4] no tag at all selects nothing", () => {
    expect(sees({ tags: [] }, tagged("East")).may("ann", "view", "site:hq")).toBe(false);
  });

  it("[R4] access follows a tag as it comes and goes", () => {
    const world = sees({ tags: ["East"] }, tagged());
    expect(world.may("ann", "view", "site:hq")).toBe(false);
    expect(world.retag("site:hq", ["East"]).may("ann", "view", "site:hq")).toBe(true);
    expect(world.retag("site:hq", ["West"]).may("ann", "view", "site:hq")).toBe(false);
  });

  it("[R4] every spelling of a tag is that tag, and no other", () => {
    for (const here of SPELLINGS)
      for (const spelling of here)
        for (const there of SPELLINGS)
          for (const other of there)
            expect(foldTag(spelling) === foldTag(other), `${spelling} ${other}`).toBe(
              here === there,
            );
  });

  it("[R4] a folded tag is folded", () => {
    for (const spelling of SPELLINGS.flat())
      expect(foldTag(foldTag(spelling))).toBe(foldTag(spelling));
  });

  it("[R4] composed and decomposed, in either case, in a scope and on a resource", () => {
    const composed = "Caf\u00e9";
    const decomposed = "  CAFE\u0301 ";
    expect(sees({ tags: [composed] }, tagged(decomposed)).may("ann", "view", "site:hq")).toBe(true);
    expect(sees({ tags: [decomposed] }, tagged(composed)).may("ann", "view", "site:hq")).toBe(true);
    expect(sees({ tags: ["cafe"] }, tagged(composed)).may("ann", "view", "site:hq")).toBe(false);
  });

  it("[R4] space inside a tag counts", () => {
    expect(sees({ tags: ["Building 7"] }, tagged("Building7")).may("ann", "view", "site:hq")).toBe(
      false,
    );
  });

  it("[R4] the capital sharp s is a case of the small one", () => {
    expect(foldTag("STRA\u1e9eE")).toBe(foldTag("stra\u00dfe"));
  });
});

describe("[R5] scope resources", () => {
  const world = () =>
    sees(
      { resources: ["site:a"] },
      new Sketch().org("acme").resource("acme", "site:a").resource("acme", "site:b"),
    );

  it("[R5] covers exactly those listed", () => {
    expect(world().list("ann", "view")).toEqual(["site:a"]);
    expect(world().resource("acme", "site:c").list("ann", "view")).toEqual(["site:a"]);
  });

  it("[R5] a resource made anew under the same name is another one", () => {
    const ours = world().deleteResource("site:a");
    expect(ours.may("ann", "view", "site:a")).toBe(false);
    expect(ours.resource("acme", "site:a").may("ann", "view", "site:a")).toBe(false);
  });

  it("[R5] an empty list covers nothing", () => {
    const ours = sees({ resources: [] }, new Sketch().org("acme").resource("acme", "site:a"));
    expect(ours.list("ann", "view")).toEqual([]);
  });

  it("[R5] [R22] a listed resource of an org that the grant does not reach stays out", () => {
    const ours = new Sketch()
      .org("acme")
      .org("north", "acme")
      .resource("acme", "site:top")
      .joined("north", "ann", "viewer", { resources: ["site:top"] });
    expect(ours.may("ann", "view", "site:top")).toBe(false);
  });
});

describe("[R18] a scope within another", () => {
  const tags = (...all: string[]) => ({ kind: "tags" as const, tags: all });
  const keys = (...all: number[]) => ({ kind: "resources" as const, keys: all });
  const all = { kind: "all" as const };

  it("[R18] everything lies within all, and all within nothing less", () => {
    for (const inner of [all, tags("a"), keys(1)]) expect(isWithin(inner, all)).toBe(true);
    for (const outer of [tags("a"), keys(1)]) expect(isWithin(all, outer)).toBe(false);
  });

  it("[R18] tags within tags, lists within lists, never across", () => {
    expect(isWithin(tags("a"), tags("a", "b"))).toBe(true);
    expect(isWithin(tags("a", "c"), tags("a", "b"))).toBe(false);
    expect(isWithin(keys(1), keys(1, 2))).toBe(true);
    expect(isWithin(keys(3), keys(1, 2))).toBe(false);
    expect(isWithin(tags("a"), keys(1))).toBe(false);
    expect(isWithin(keys(1), tags("a"))).toBe(false);
  });
});

describe("[R22] access reaches down, never up or sideways", () => {
  const tree = () =>
    new Sketch()
      .org("acme")
      .org("north", "acme")
      .org("pole", "north")
      .org("south", "acme")
      .resource("acme", "site:top")
      .resource("north", "site:n")
      .resource("pole", "site:p")
      .resource("south", "site:s");

  it("[R22] a grant reaches its org and those below it", () => {
    const world = tree().joined("north", "ann", "viewer");
    expect(world.list("ann", "view")).toEqual(["site:n", "site:p"]);
  });

  it("[R22] [R4] a tags scope works in the subtree", () => {
    const world = tree().joined("north", "ann", "viewer", { tags: ["x"] });
    for (const ref of ["site:top", "site:p", "site:s"]) world.retag(ref, ["x"]);
    expect(world.list("ann", "view")).toEqual(["site:p"]);
  });

  it("[R22] a grant may name a member of an org above, and reaches only where it lies", () => {
    const world = tree()
      .member("acme", "ann")
      .grant("north", { member: "ann", of: "acme" }, { role: "viewer" });
    expect(world.list("ann", "view")).toEqual(["site:n", "site:p"]);
  });

  it("[R22] a grant may name a team of an org above", () => {
    const world = tree()
      .member("acme", "ann")
      .member("acme", "bob")
      .team("acme", "engineers", "ann")
      .grant("pole", { team: "engineers" }, { role: "viewer" });
    expect(world.list("ann", "view")).toEqual(["site:p"]);
    expect(world.list("bob", "view")).toEqual([]);
  });

  it("[R22] a grant that names someone from below or beside gives nothing", () => {
    const world = tree()
      .member("pole", "low")
      .member("south", "side")
      .team("south", "siders", "side")
      .grant("north", { member: "low", of: "pole" }, { role: "viewer" })
      .grant("north", { member: "side", of: "south" }, { role: "viewer" })
      .grant("north", { team: "siders" }, { role: "viewer" });
    expect(world.list("low", "view")).toEqual([]);
    expect(world.list("side", "view")).toEqual([]);
  });

  it("[R22] all members are those of the grant's own org", () => {
    const world = tree()
      .member("acme", "above")
      .member("north", "here")
      .member("pole", "below")
      .grant("north", "members", { role: "viewer" });
    expect(world.who("view", "site:n")).toEqual(["here"]);
    expect(world.who("view", "site:p")).toEqual(["here"]);
  });

  it("[R22] a share reaches the orgs below its own, and no others", () => {
    const world = tree()
      .share("S", "north", { user: "zoe" }, { role: "viewer" })
      .answer("S", "accepted");
    expect(world.list("zoe", "view")).toEqual(["site:n", "site:p"]);
    expect(world.isInside("zoe", "pole")).toBe(true);
    expect(world.isInside("zoe", "acme")).toBe(false);
  });
});
