import { describe, expect, it } from "vitest";
import { accepted, pair, ruled } from "./pair.ts";
import type { Sketch, TermsText } from "./sketch.ts";

describe("[R17] the lesser of rule and share counts", () => {
  it("[R17] a rule below the share gives what the rule says", () => {
    const world = ruled({ role: "collaborator" }, "members", { role: "viewer" });
    expect(world.role("bea", "site:hq")).toBe("standard.viewer");
    expect(world.may("bea", "edit", "site:hq")).toBe(false);
  });

  it("[R17] lowering a share narrows at once; raising it restores no more than the rule says", () => {
    const world = ruled({ role: "collaborator" }, "members", { role: "commenter" });
    world.changeShare("S", { role: "viewer" });
    expect(world.role("bea", "site:hq")).toBe("standard.viewer");
    expect(world.may("bea", "comment", "site:hq")).toBe(false);
    world.changeShare("S", { role: "admin" });
    expect(world.role("bea", "site:hq")).toBe("standard.commenter");
    expect(world.may("bea", "comment", "site:hq")).toBe(true);
    expect(world.may("bea", "edit", "site:hq")).toBe(false);
  });

  it("[R17] in an unordered set the actions of both count", () => {
    const world = pair()
      .roleSet("acme", "crew", false, { a: ["view", "stamp"], b: ["view", "seal"] })
      .type("acme", "card", "crew")
      .resource("acme", "card:x")
      .share("S", "acme", { org: "beta" }, { role: "crew.a" })
      .answer("S", "accepted")
      .rule("S", "members", { role: "crew.b" });
    expect(world.may("bea", "view", "card:x")).toBe(true);
    expect(world.may("bea", "stamp", "card:x")).toBe(false);
    expect(world.may("bea", "seal", "card:x")).toBe(false);
  });

  it("[R17] the owner's roles count, not what the receiver calls the same", () => {
    const world = pair()
      .roleSet("acme", "crew", true, { a: ["view"] })
      .roleSet("beta", "crew", true, { a: ["view", "stamp"] })
      .type("acme", "card", "crew")
      .type("beta", "card", "crew")
      .resource("acme", "card:x")
      .share("S", "acme", { org: "beta" }, { role: "crew.a" })
      .answer("S", "accepted")
      .rule("S", "members", { role: "crew.a" });
    expect(world.may("bea", "view", "card:x")).toBe(true);
    expect(world.may("bea", "stamp", "card:x")).toBe(false);
  });
});

describe("[R18] a rule's scope works within the share's", () => {
  it("[R18] what both select is reached, whatever their kinds", () => {
    const share: TermsText = { role: "viewer", scope: { tags: ["North"] } };
    const list = (rule: TermsText) => ruled(share, "members", rule).list("bea", "view");
    expect(list({ role: "viewer" })).toEqual(["site:hq"]);
    expect(list({ role: "viewer", scope: { resources: ["site:hq"] } })).toEqual(["site:hq"]);
    expect(list({ role: "viewer", scope: { resources: ["site:depot"] } })).toEqual([]);
    expect(list({ role: "viewer", scope: { tags: ["South"] } })).toEqual([]);
  });

  it("[R18] a resource with both tags is reached through a share of one and a rule on the other", () => {
    const share: TermsText = { role: "viewer", scope: { tags: ["North"] } };
    const world = ruled(share, "members", { role: "viewer", scope: { tags: ["Old"] } });
    expect(world.list("bea", "view")).toEqual([]);
    world.retag("site:hq", ["north", "OLD"]);
    expect(world.list("bea", "view")).toEqual(["site:hq"]);
  });

  it("[R2] [R18] two rules on one share unite", () => {
    const world = ruled({ role: "collaborator" }, "members", { role: "viewer" });
    world.rule("S", { member: "bea" }, { role: "collaborator", scope: { tags: ["North"] } });
    expect(world.list("bea", "edit")).toEqual(["site:hq"]);
    expect(world.list("bea", "view")).toEqual(["site:depot", "site:hq"]);
    expect(world.list("bo", "edit")).toEqual([]);
  });

  it("[R17] [R18] a rule on one share borrows nothing from another", () => {
    const world = ruled({ role: "viewer" }, "members", { role: "collaborator" });
    world
      .share("T", "acme", { org: "beta" }, { role: "admin", scope: { tags: ["South"] } })
      .answer("T", "accepted");
    expect(world.list("bea", "edit")).toEqual([]);
  });
});

describe("[R19] an end of the share ends its rules", () => {
  it("[R19] removed by the owner", () => {
    const world = ruled({ role: "viewer" }, "members", { role: "viewer" }).removeShare("S");
    expect(world.who("view", "site:hq")).toEqual([]);
  });

  it("[R19] declined by the receiver after it was accepted", () => {
    const world = ruled({ role: "viewer" }, "members", { role: "viewer" }).answer("S", "declined");
    expect(world.who("view", "site:hq")).toEqual([]);
  });
});

describe("[R20] what was shared cannot be shared on", () => {
  it("[R20] a rule reaches members of the receiving org only", () => {
    const world = ruled({ role: "viewer" }, "members", { role: "viewer" })
      .org("gamma")
      .member("gamma", "gil")
      .share("T", "beta", { org: "gamma" }, { role: "viewer" })
      .answer("T", "accepted")
      .rule("T", "members", { role: "viewer" })
      .share("U", "beta", { user: "zoe" }, { role: "admin" })
      .answer("U", "accepted");
    expect(world.who("view", "site:hq")).toEqual(["bea", "bo", "boss"]);
  });

  it("[R20] a rule that names someone of another org gives them nothing", () => {
    const world = accepted({ role: "viewer" })
      .org("gamma")
      .member("gamma", "gil")
      .org("desk", "beta")
      .member("desk", "dan")
      .team("desk", "deskers", "dan")
      .rule("S", { member: "gil", of: "gamma" }, { role: "viewer" })
      .rule("S", { member: "dan", of: "desk" }, { role: "viewer" })
      .rule("S", { team: "deskers" }, { role: "viewer" })
      .rule("S", "members", { role: "viewer" });
    expect(world.who("view", "site:hq")).toEqual(["bea", "bo", "boss"]);
  });

  it("[R20] a rule may name one member or one team", () => {
    const world = accepted({ role: "viewer" }).rule("S", { team: "crew" }, { role: "viewer" });
    expect(world.who("view", "site:hq")).toEqual(["bo"]);
    world.rule("S", { member: "bea" }, { role: "viewer" }, "hers");
    expect(world.who("view", "site:hq")).toEqual(["bea", "bo"]);
    expect(world.removeRule("hers").who("view", "site:hq")).toEqual(["bo"]);
  });
});

describe("[R21] an expiry ends the path at that instant", () => {
  const edges = (world: Sketch, user: string) =>
    [99, 100, 101].map((now) => {
      world.now = now;
      return world.may(user, "view", "site:hq");
    });
  const until = { role: "viewer", expiresAt: 100 };
  const open = { role: "viewer" };

  it("[R21] on a grant, a person's share, a share and a rule alike", () => {
    const grant = pair().member("acme", "ann").grant("acme", { member: "ann" }, until);
    const own = pair().share("S", "acme", { user: "zoe" }, until).answer("S", "accepted");
    expect(edges(grant, "ann")).toEqual([true, false, false]);
    expect(edges(own, "zoe")).toEqual([true, false, false]);
    expect(edges(ruled(until, "members", open), "bea")).toEqual([true, false, false]);
    expect(edges(ruled(open, "members", until), "bea")).toEqual([true, false, false]);
  });

  it("[R21] the first to pass ends the path, and another path is not ended by it", () => {
    const world = ruled({ role: "viewer", expiresAt: 200 }, "members", until);
    expect(edges(world, "bea")).toEqual([true, false, false]);
    world.rule("S", { member: "bea" }, open);
    expect(edges(world, "bea")).toEqual([true, true, true]);
    world.now = 200;
    expect(world.may("bea", "view", "site:hq")).toBe(false);
  });

  it("[R21] a path that ended no longer lets its user inside", () => {
    const own = pair().share("S", "acme", { user: "zoe" }, until).answer("S", "accepted");
    own.now = 99;
    expect(own.isInside("zoe", "acme")).toBe(true);
    own.now = 100;
    expect(own.isInside("zoe", "acme")).toBe(false);
  });
});

describe("an explanation", () => {
  it("names the paths that allow, with the facts they come from", () => {
    const world = ruled({ role: "viewer" }, { member: "bea" }, { role: "viewer" });
    const { allowed, by } = world.explain("bea", "view", "site:hq");
    expect(allowed).toBe(true);
    expect(by.map((path) => path.steps.map((step) => step.from.kind))).toEqual([["share", "rule"]]);
  });

  it("names what each other path lacks, the nearest first", () => {
    const world = ruled({ role: "admin", expiresAt: 0 }, "members", { role: "viewer" })
      .member("acme", "bea")
      .grant("acme", { member: "bea" }, { role: "viewer" })
      .explain("bea", "edit", "site:hq");
    expect(world.allowed).toBe(false);
    const lacks = world.near.map(({ missing }) =>
      missing.map(({ step, obstacle }) => `${step?.from.kind} ${obstacle}`),
    );
    expect(lacks.slice(0, 1)).toEqual([["grant action"]]);
    expect(lacks).toContainEqual(["share expired", "rule action"]);
  });

  it("names all that a step lacks, not the first thing only", () => {
    const world = pair()
      .member("acme", "ann")
      .grant(
        "acme",
        { member: "ann" },
        {
          role: "viewer",
          scope: { tags: ["South"] },
          expiresAt: 0,
        },
      );
    const [nearest] = world.explain("ann", "edit", "site:hq").near;
    expect(nearest?.missing.map(({ obstacle }) => obstacle)).toEqual([
      "expired",
      "scope",
      "action",
    ]);
  });
});
