import { describe, expect, it } from "vitest";
import { accepted, offered, pair, ruled } from "./pair.ts";
import { Sketch } from "./sketch.ts";

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
    expect(world.changeShare("S", { role: "collaborator" }).may("zoe", "edit", "site:hq")).toBe(
      true,
    );
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
