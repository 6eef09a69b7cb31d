import { describe, expect, it } from "vitest";
import { Sketch, type TermsText, type To } from "./sketch.ts";

/** Acme owns two sites; Beta has an admin, two members and a team. */
const pair = () =>
  new Sketch()
    .org("acme")
    .resource("acme", "site:hq", ["North"])
    .resource("acme", "site:depot", ["South"])
    .org("beta")
    .joined("beta", "boss", "admin")
    .member("beta", "bea")
    .member("beta", "bo")
    .team("beta", "crew", "bo");

const offered = (terms: TermsText) => pair().share("S", "acme", { org: "beta" }, terms);
const accepted = (terms: TermsText) => offered(terms).answer("S", "accepted");
const ruled = (share: TermsText, to: To, rule: TermsText) => accepted(share).rule("S", to, rule);

describe("[R8] nothing counts until it is accepted", () => {
  const acme = () => new Sketch().org("acme").resource("acme", "site:hq");

  it("[R8] a pending member's grant opens no path, an active one's does", () => {
    const world = acme()
      .member("acme", "ann", "pending")
      .grant("acme", { member: "ann" }, { role: "viewer" });
    expect(world.may("ann", "view", "site:hq")).toBe(false);
    expect(world.isInside("ann", "acme")).toBe(false);
    world.member("acme", "ann", "active");
    expect(world.may("ann", "view", "site:hq")).toBe(true);
    expect(world.isInside("ann", "acme")).toBe(true);
  });

  it("[R8] a pending member gains nothing as one of all members, of a team, or as admin", () => {
    const world = acme()
      .member("acme", "ann", "pending")
      .team("acme", "crew", "ann")
      .grant("acme", "members", { role: "viewer" })
      .grant("acme", { team: "crew" }, { role: "viewer" })
      .grant("acme", { member: "ann" }, { role: "admin" });
    expect(world.may("ann", "view", "site:hq")).toBe(false);
    expect(world.isAdmin("ann", "acme")).toBe(false);
  });

  it("[R8] a share to a person opens a path only while it is active", () => {
    const world = acme().share("S", "acme", { user: "zoe" }, { role: "viewer" });
    expect(world.may("zoe", "view", "site:hq")).toBe(false);
    expect(world.answer("S", "declined").may("zoe", "view", "site:hq")).toBe(false);
    expect(world.answer("S", "accepted").may("zoe", "view", "site:hq")).toBe(true);
    expect(world.removeShare("S").may("zoe", "view", "site:hq")).toBe(false);
  });

  it("[R8] a share to an org, not answered or declined, opens none, whatever rules there are", () => {
    const world = offered({ role: "viewer" })
      .rule("S", "members", { role: "viewer" })
      .rule("S", "admins", { role: "viewer" });
    expect(world.who("view", "site:hq")).toEqual([]);
    expect(world.answer("S", "declined").who("view", "site:hq")).toEqual([]);
    expect(world.answer("S", "accepted").who("view", "site:hq")).toEqual(["bea", "bo", "boss"]);
  });

  it("[R8] a pending member of the receiver gains nothing from its rules", () => {
    const world = ruled({ role: "viewer" }, "members", { role: "viewer" });
    world.member("beta", "new", "pending");
    expect(world.may("new", "view", "site:hq")).toBe(false);
  });
});

describe("[R12] removal works at once", () => {
  it("[R12] for a member with all their grants; coming back brings none of them back", () => {
    const world = new Sketch()
      .org("acme")
      .resource("acme", "site:hq")
      .joined("acme", "ann", "collaborator")
      .grant("acme", { member: "ann" }, { role: "viewer" });
    expect(world.removeMember("acme", "ann").list("ann", "view")).toEqual([]);
    expect(world.member("acme", "ann").list("ann", "view")).toEqual([]);
  });

  it("[R12] for a member of the receiving org, without a word to the owner", () => {
    const world = ruled({ role: "viewer" }, "members", { role: "viewer" });
    expect(world.may("bea", "view", "site:hq")).toBe(true);
    expect(world.removeMember("beta", "bea").may("bea", "view", "site:hq")).toBe(false);
    expect(world.may("bo", "view", "site:hq")).toBe(true);
  });

  it("[R12] leaving one org leaves what another org gave", () => {
    const world = pair().joined("acme", "bea", "viewer").removeMember("beta", "bea");
    expect(world.may("bea", "view", "site:hq")).toBe(true);
  });
});

describe("[R13] several grants", () => {
  it("[R13] a member may hold several, and each adds", () => {
    const world = pair()
      .joined("acme", "ann", "collaborator", { tags: ["North"] })
      .grant("acme", { member: "ann" }, { role: "viewer", scope: { tags: ["South"] } }, "second");
    expect(world.list("ann", "view")).toEqual(["site:depot", "site:hq"]);
    expect(world.list("ann", "edit")).toEqual(["site:hq"]);
    expect(world.removeGrant("second").list("ann", "view")).toEqual(["site:hq"]);
  });

  it("[R13] by name, by team and as one of all members", () => {
    const world = pair()
      .member("acme", "ann")
      .team("acme", "editors", "ann")
      .grant("acme", "members", { role: "viewer" })
      .grant("acme", { team: "editors" }, { role: "commenter" })
      .grant("acme", { member: "ann" }, { role: "collaborator", scope: { tags: ["North"] } });
    expect(world.role("ann", "site:hq")).toBe("standard.collaborator");
    expect(world.role("ann", "site:depot")).toBe("standard.commenter");
  });
});

describe("[R14] a share's role and scope may change, at once", () => {
  it("[R14] for a person", () => {
    const world = pair()
      .share("S", "acme", { user: "zoe" }, { role: "viewer" })
      .answer("S", "accepted");
    expect(world.changeShare("S", { role: "collaborator" }).may("zoe", "edit", "site:hq")).toBe(true);
    expect(world.changeShare("S", { role: "viewer" }).may("zoe", "edit", "site:hq")).toBe(false);
    world.changeShare("S", { scope: { tags: ["South"] } });
    expect(world.list("zoe", "view")).toEqual(["site:depot"]);
  });

  it("[R14] for an org", () => {
    const world = ruled({ role: "collaborator" }, "members", { role: "collaborator" });
    expect(world.changeShare("S", { role: "viewer" }).may("bea", "edit", "site:hq")).toBe(false);
    world.changeShare("S", { scope: { resources: ["site:hq"] } });
    expect(world.list("bea", "view")).toEqual(["site:hq"]);
  });
});

describe("[R15] a share to a person", () => {
  it("[R15] is that person's alone, and they need not be a member", () => {
    const world = pair()
      .share("S", "acme", { user: "bea" }, { role: "viewer" })
      .answer("S", "accepted");
    expect(world.who("view", "site:hq")).toEqual(["bea"]);
    expect(world.isInside("bea", "acme")).toBe(true);
    expect(world.isInside("bo", "acme")).toBe(false);
  });
});

describe("[R16] a share to an org", () => {
  it("[R16] gives nobody anything by acceptance alone, without a rule", () => {
    expect(accepted({ role: "admin" }).who("view", "site:hq")).toEqual([]);
  });

  it("[R16] the rule for admins reaches the receiving org's admins and nobody else", () => {
    const world = ruled({ role: "collaborator" }, "admins", { role: "collaborator" });
    expect(world.who("edit", "site:hq")).toEqual(["boss"]);
    expect(world.role("boss", "site:hq")).toBe("standard.collaborator");
  });

  it("[R16] being admin follows the receiver's own grants, by the instant", () => {
    const world = ruled({ role: "viewer" }, "admins", { role: "viewer" });
    world.grant("beta", { team: "crew" }, { role: "workspace.owner", expiresAt: 50 });
    world.now = 49;
    expect(world.who("view", "site:hq")).toEqual(["bo", "boss"]);
    world.now = 50;
    expect(world.who("view", "site:hq")).toEqual(["boss"]);
  });

  it("[R16] an admin from above the receiving org is one of its admins; one below or of the owner's is not", () => {
    const world = new Sketch()
      .org("acme")
      .resource("acme", "document:plan")
      .org("group")
      .org("unit", "group")
      .org("desk", "unit")
      .joined("group", "high", "admin")
      .joined("unit", "mid", "admin")
      .joined("desk", "low", "admin")
      .share("S", "acme", { org: "unit" }, { role: "workspace.viewer" })
      .answer("S", "accepted")
      .rule("S", "admins", { role: "workspace.viewer" });
    expect(world.who("view", "document:plan")).toEqual(["high", "mid"]);
  });

  it("[R16] the shared resources appear among what the receiver's people can see", () => {
    const world = ruled({ role: "viewer" }, "members", { role: "viewer" });
    world.resource("beta", "site:own").grant("beta", "members", { role: "viewer" });
    expect(world.list("bea", "view")).toEqual(["site:depot", "site:hq", "site:own"]);
  });
});

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
    const { allowed, by, near } = world.explain("bea", "view", "site:hq");
    expect(allowed).toBe(true);
    expect(by.map((path) => path.steps.map((step) => step.from.kind))).toEqual([["share", "rule"]]);
    expect(near).toEqual([]);
  });

  it("names what each other path lacks, the nearest first", () => {
    const world = pair()
      .member("acme", "ann")
      .grant("acme", { member: "ann" }, {
        role: "viewer",
        scope: { tags: ["South"] },
        expiresAt: 0,
      })
      .grant("acme", { member: "ann" }, { role: "viewer" });
    const { allowed, near } = world.explain("ann", "edit", "site:hq");
    expect(allowed).toBe(false);
    expect(near.map(({ missing }) => missing.map(({ obstacle }) => obstacle).join())).toEqual([
      "action",
      "expired",
    ]);
  });
});
