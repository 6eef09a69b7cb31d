import { describe, expect, it } from "vitest";
import { check, RoleBook, type Path } from "../../src/access/index.ts";
import { Sketch } from "./sketch.ts";

const acme = () =>
  new Sketch().org("acme").resource("acme", "site:hq").resource("acme", "site:depot");

describe("[R1] a higher role includes the lower ones", () => {
  const actions = ["view", "comment", "edit", "share"];
  const allowed = (role: string) => {
    const world = acme().joined("acme", "ann", role);
    return actions.filter((action) => world.may("ann", action, "site:hq"));
  };

  it("[R1] each standard role adds to the one below it", () => {
    expect(allowed("viewer")).toEqual(["view"]);
    expect(allowed("commenter")).toEqual(["view", "comment"]);
    expect(allowed("collaborator")).toEqual(["view", "comment", "edit"]);
    expect(allowed("admin")).toEqual(["view", "comment", "edit", "share"]);
  });

  it("[R1] the other built-in sets are ordered as well", () => {
    const world = new Sketch()
      .org("acme")
      .resource("acme", "document:plan")
      .resource("acme", "project:p")
      .joined("acme", "ann", "workspace.editor")
      .joined("acme", "bob", "project.can_duplicate");
    expect(world.may("ann", "view", "document:plan")).toBe(true);
    expect(world.may("ann", "edit", "document:plan")).toBe(true);
    expect(world.may("ann", "share", "document:plan")).toBe(false);
    expect(world.may("bob", "view", "project:p")).toBe(true);
    expect(world.may("bob", "interact", "project:p")).toBe(true);
    expect(world.may("bob", "edit", "project:p")).toBe(false);
  });

  const crew = (ordered: boolean) =>
    new Sketch()
      .org("acme")
      .roleSet("acme", "crew", ordered, { reader: ["view"], stamper: ["stamp"] })
      .type("acme", "card", "crew")
      .resource("acme", "card:a")
      .joined("acme", "ann", "crew.stamper");

  it("[R1] in a tree's own ordered set too", () => {
    expect(crew(true).may("ann", "view", "card:a")).toBe(true);
  });

  it("[R1] in an unordered set roles do not include each other; they unite", () => {
    const world = crew(false);
    expect(world.may("ann", "stamp", "card:a")).toBe(true);
    expect(world.may("ann", "view", "card:a")).toBe(false);
    world.grant("acme", { member: "ann" }, { role: "crew.reader" });
    expect(world.may("ann", "view", "card:a")).toBe(true);
    expect(world.may("ann", "stamp", "card:a")).toBe(true);
  });

  it("[R1] a lower role's condition does not bind the higher role that has the action outright", () => {
    const world = new Sketch()
      .org("acme")
      .roleSet("acme", "own", true, {
        writer: ["view", { name: "edit", condition: "mine" }],
        chief: ["edit"],
      })
      .type("acme", "note", "own")
      .resource("acme", "note:hers", [], "ann")
      .resource("acme", "note:other", [], "bob")
      .joined("acme", "ann", "own.writer")
      .joined("acme", "cy", "own.chief");
    expect(world.may("ann", "edit", "note:hers")).toBe(true);
    expect(world.may("ann", "edit", "note:other")).toBe(false);
    expect(world.may("cy", "edit", "note:other")).toBe(true);
  });
});

describe("conditions", () => {
  it("are asked only of a role that reaches the resource, and only where nothing else decides", () => {
    const when = (condition: string) => ({ name: "edit", condition });
    const roles = [
      { name: "reader", actions: ["view"] },
      { name: "own", actions: [when("mine")] },
      { name: "chief", actions: ["edit", when("never asked")] },
    ];
    const types = [{ ...new RoleBook().type("note"), roleSet: "crew" }];
    const book = new RoleBook([{ name: "crew", ordered: false, roles }], types);
    const path = (role: string, key = 1): Path => ({
      org: 1,
      admin: false,
      owned: null,
      steps: [
        {
          role: { set: "crew", role },
          scope: { kind: "resources", keys: [key] },
          expiresAt: null,
          from: { kind: "grant", id: role },
        },
      ],
    });
    const asked: string[] = [];
    const ask = (action: string, ...paths: Path[]) =>
      check(book, paths, {
        user: "ann",
        action,
        resource: { key: 1, org: 1, type: "note", tags: [], owner: null },
        lineage: [1],
        now: 0,
        holds: (condition) => asked.push(condition) > 0,
      });
    expect(ask("view", path("reader"), path("own"))).toBe(true);
    expect(ask("edit", path("chief"), path("own"))).toBe(true);
    expect(ask("edit", path("own", 2))).toBe(false);
    expect(ask("sign", path("own"), path("chief"))).toBe(false);
    expect(asked).toEqual([]);
    expect(ask("edit", path("own"))).toBe(true);
    expect(asked).toEqual(["mine"]);
  });
});

describe("[R2] the highest role counts, per resource", () => {
  it("[R2] two accesses to one resource give the higher role", () => {
    const world = acme()
      .joined("acme", "ann", "viewer")
      .grant("acme", { member: "ann" }, { role: "collaborator" });
    expect(world.may("ann", "edit", "site:hq")).toBe(true);
    expect(world.role("ann", "site:hq")).toBe("standard.collaborator");
  });

  it("[R2] collaborator here and viewer there", () => {
    const world = acme()
      .joined("acme", "ann", "viewer")
      .grant(
        "acme",
        { member: "ann" },
        {
          role: "collaborator",
          scope: { resources: ["site:hq"] },
        },
      );
    expect(world.role("ann", "site:hq")).toBe("standard.collaborator");
    expect(world.role("ann", "site:depot")).toBe("standard.viewer");
    expect(world.may("ann", "edit", "site:depot")).toBe(false);
    expect(world.list("ann", "edit")).toEqual(["site:hq"]);
    expect(world.list("ann", "view")).toEqual(["site:depot", "site:hq"]);
  });

  it("[R2] a role that has ended no longer counts as the highest", () => {
    const world = acme()
      .joined("acme", "ann", "viewer")
      .grant("acme", { member: "ann" }, { role: "admin", expiresAt: 10 });
    world.now = 10;
    expect(world.role("ann", "site:hq")).toBe("standard.viewer");
  });

  it("[R2] no role is shown where nothing reaches", () => {
    expect(acme().member("acme", "ann").role("ann", "site:hq")).toBeNull();
  });

  it("[R2] what someone has in one organisation and what another shares with them unite", () => {
    const world = acme()
      .org("beta")
      .resource("beta", "site:mill")
      .joined("acme", "ann", "collaborator")
      .share("S", "beta", { user: "ann" }, { role: "viewer" })
      .answer("S", "accepted");
    expect(world.list("ann", "view")).toEqual(["site:depot", "site:hq", "site:mill"]);
    expect(world.list("ann", "edit")).toEqual(["site:depot", "site:hq"]);
  });
});

describe("[R7] an org's admin", () => {
  const tree = (role: string) =>
    new Sketch()
      .org("acme")
      .org("north", "acme")
      .roleSet("acme", "crew", false, { reader: ["view"], stamper: ["stamp"] })
      .type("acme", "card", "crew")
      .resource("north", "site:hq")
      .resource("north", "document:plan")
      .resource("north", "project:p")
      .resource("north", "card:a")
      .joined("acme", "ann", role);

  for (const role of ["standard.admin", "workspace.owner"]) {
    it(`[R7] an admin has the top role on every type of the tree below (${role})`, () => {
      const world = tree(role);
      expect(world.isAdmin("ann", "acme")).toBe(true);
      expect(world.isAdmin("ann", "north")).toBe(true);
      expect(world.role("ann", "site:hq")).toBe("standard.admin");
      expect(world.role("ann", "document:plan")).toBe("workspace.owner");
      expect(world.role("ann", "card:a")).toBe("crew.stamper");
      expect(world.may("ann", "stamp", "card:a")).toBe(true);
    });

    it(`[R7] on a self-elevate type an admin has just what was given (${role})`, () => {
      const world = tree(role);
      expect(world.may("ann", "view", "project:p")).toBe(false);
      expect(world.role("ann", "project:p")).toBeNull();
      world.grant("acme", { member: "ann" }, { role: "project.can_edit" });
      expect(world.may("ann", "recipients", "project:p")).toBe(true);
    });
  }

  it("[R7] a lesser role reaches only types that use its set", () => {
    const world = tree("standard.collaborator");
    expect(world.may("ann", "view", "site:hq")).toBe(true);
    expect(world.may("ann", "view", "document:plan")).toBe(false);
    expect(world.may("ann", "stamp", "card:a")).toBe(false);
  });

  it("[R6] [R7] an admin's role on part of the org makes no admin", () => {
    const world = tree("viewer").grant(
      "acme",
      { member: "ann" },
      {
        role: "workspace.owner",
        scope: { resources: ["document:plan"] },
      },
    );
    expect(world.may("ann", "share", "document:plan")).toBe(true);
    expect(world.isAdmin("ann", "acme")).toBe(false);
    expect(world.may("ann", "edit", "site:hq")).toBe(false);
  });

  it("[R6] an admin, whose scope is all, reaches what is added later", () => {
    const world = tree("admin").resource("north", "site:new");
    expect(world.may("ann", "share", "site:new")).toBe(true);
  });

  it("[R7] an admin of a sub-workspace is no admin above it or beside it", () => {
    const world = tree("viewer").org("south", "acme").joined("north", "bob", "admin");
    expect(world.isAdmin("bob", "north")).toBe(true);
    expect(world.isAdmin("bob", "acme")).toBe(false);
    expect(world.isAdmin("bob", "south")).toBe(false);
  });

  it("[R7] a share of the admin role makes no admin of the owner's org", () => {
    const world = tree("viewer")
      .share("S", "acme", { user: "zoe" }, { role: "admin" })
      .answer("S", "accepted");
    expect(world.may("zoe", "share", "site:hq")).toBe(true);
    expect(world.isAdmin("zoe", "acme")).toBe(false);
    expect(world.may("zoe", "view", "document:plan")).toBe(false);
    expect(world.may("zoe", "stamp", "card:a")).toBe(false);
  });

  it("[R7] a share of the admin role to an org makes its people no admins either", () => {
    const world = tree("viewer")
      .org("beta")
      .joined("beta", "zoe", "admin")
      .share("S", "acme", { org: "beta" }, { role: "admin" })
      .answer("S", "accepted")
      .rule("S", "admins", { role: "admin" });
    expect(world.may("zoe", "share", "site:hq")).toBe(true);
    expect(world.isAdmin("zoe", "acme")).toBe(false);
    expect(world.may("zoe", "view", "document:plan")).toBe(false);
  });

  it("[R7] a share of the admin role carries resource actions only", () => {
    const world = tree("viewer")
      .share("S", "acme", { user: "zoe" }, { role: "admin" })
      .answer("S", "accepted");
    expect(world.may("zoe", "org.members", "site:hq")).toBe(false);
  });

  it("[R7] an admin for a time is one until that instant", () => {
    const world = tree("viewer").grant(
      "acme",
      { member: "ann" },
      {
        role: "admin",
        expiresAt: 100,
      },
    );
    world.now = 99;
    expect(world.isAdmin("ann", "acme")).toBe(true);
    world.now = 100;
    expect(world.isAdmin("ann", "acme")).toBe(false);
    expect(world.may("ann", "edit", "site:hq")).toBe(false);
  });
});

describe("[R26] a resource's owner", () => {
  const world = () =>
    new Sketch()
      .org("acme")
      .org("north", "acme")
      .resource("north", "project:p", [], "ann")
      .resource("north", "project:q", [], "bob")
      .resource("north", "site:hq", [], "ann");

  it("[R26] holds the role that its type names for owners, and no other owner's", () => {
    const ours = world().member("acme", "ann");
    expect(ours.may("ann", "edit", "project:p")).toBe(true);
    expect(ours.role("ann", "project:p")).toBe("project.can_edit");
    expect(ours.may("ann", "view", "project:q")).toBe(false);
    expect(ours.may("ann", "view", "site:hq")).toBe(false);
  });

  it("[R8] [R26] only as an active member of its org or one above it", () => {
    expect(world().may("ann", "view", "project:p")).toBe(false);
    expect(world().member("acme", "ann", "pending").may("ann", "view", "project:p")).toBe(false);
    const beside = world().org("south", "acme").member("south", "ann");
    expect(beside.may("ann", "view", "project:p")).toBe(false);
    const left = world().member("acme", "ann").removeMember("acme", "ann");
    expect(left.may("ann", "view", "project:p")).toBe(false);
  });
});

describe("[R17] a role at most another", () => {
  const book = new RoleBook([
    {
      name: "crew",
      ordered: false,
      roles: [
        { name: "reader", actions: ["view"] },
        { name: "own", actions: [{ name: "view", condition: "mine" }] },
        { name: "both", actions: ["view", "stamp"] },
      ],
    },
  ]);
  const crew = (role: string) => ({ set: "crew", role });
  const standard = (role: string) => ({ set: "standard", role });

  it("[R17] compares by rank in an ordered set", () => {
    expect(book.atMost(standard("viewer"), standard("admin"))).toBe(true);
    expect(book.atMost(standard("admin"), standard("admin"))).toBe(true);
    expect(book.atMost(standard("admin"), standard("collaborator"))).toBe(false);
  });

  it("[R17] compares by actions and conditions in an unordered one", () => {
    expect(book.atMost(crew("reader"), crew("both"))).toBe(true);
    expect(book.atMost(crew("both"), crew("reader"))).toBe(false);
    expect(book.atMost(crew("own"), crew("reader"))).toBe(true);
    expect(book.atMost(crew("reader"), crew("own"))).toBe(false);
  });

  it("[R17] roles of different sets, and unknown ones, do not compare", () => {
    expect(book.atMost(standard("viewer"), { set: "workspace", role: "owner" })).toBe(false);
    expect(book.atMost(standard("ghost"), standard("admin"))).toBe(false);
  });
});
