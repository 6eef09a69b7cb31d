import { describe, expect, it } from "vitest";
import { parseRole, RoleBook, roleText, rolesOn } from "../../src/access/index.ts";
import { Sketch } from "./sketch.ts";

const PROJECT = { role: "project.can_view", scope: { resources: ["project:p"] } };

/** North has a project; Ann is a member beside it, in South. */
const tree = () =>
  new Sketch()
    .org("acme")
    .org("north", "acme")
    .org("south", "acme")
    .resource("north", "project:p")
    .resource("north", "project:q")
    .member("south", "ann")
    .team("south", "crew", "ann");

describe("[R30] what was passed on may name anyone of the tree", () => {
  const to = { member: "ann", of: "south" } as const;

  it("[R30] a member or a team from beside the resource's org, and for that resource alone", () => {
    for (const whom of [to, { team: "crew" }] as const) {
      const world = tree().grant("north", whom, PROJECT, "G", "recipients");
      expect(world.list("ann", "view")).toEqual(["project:p"]);
    }
  });

  it("[R22] a grant of an admin's never does", () => {
    expect(tree().grant("north", to, PROJECT).list("ann", "view")).toEqual([]);
  });

  it("[R8] nothing comes of it before its member has accepted", () => {
    const world = tree().member("south", "ann", "pending");
    expect(world.grant("north", to, PROJECT, "G", "recipients").list("ann", "view")).toEqual([]);
  });

  it("[R2] the highest counts between a person and their team", () => {
    const world = tree()
      .grant("north", to, PROJECT, "G", "recipients")
      .grant(
        "north",
        { team: "crew" },
        { ...PROJECT, role: "project.can_edit" },
        "H",
        "recipients",
      );
    expect(world.role("ann", "project:p")).toBe("project.can_edit");
  });
});

describe("[R28] what a link gave", () => {
  it("[R28] ends when the link does", () => {
    const terms = { ...PROJECT, expiresAt: 10 };
    const world = tree().grant("north", { member: "ann", of: "south" }, terms, "G", "lnk_1_1_0");
    world.now = 9;
    expect(world.may("ann", "view", "project:p")).toBe(true);
    world.now = 10;
    expect(world.may("ann", "view", "project:p")).toBe(false);
  });
});

describe("[R30] the roles that one holds are what one may give", () => {
  const resource = { key: 1, org: 1, type: "project", tags: [], owner: "ann" };
  const path = (role: string, expiresAt: number | null = null) => ({
    org: 1,
    steps: [
      {
        role: parseRole(role),
        scope: { kind: "all" as const },
        expiresAt,
        from: { kind: "grant" as const, id: role },
      },
    ],
    admin: false,
    owned: null,
  });

  it("[R30] one for each path that reaches the resource now", () => {
    const paths = [path("project.can_view"), path("project.can_edit", 5), path("standard.admin")];
    const held = (now: number) =>
      rolesOn(new RoleBook(), paths, { user: "ann", resource, lineage: [1], now }).map(roleText);
    expect(held(4)).toEqual(["project.can_view", "project.can_edit"]);
    expect(held(5)).toEqual(["project.can_view"]);
    const elsewhere = { user: "ann", resource, lineage: [2], now: 4 };
    expect(rolesOn(new RoleBook(), paths, elsewhere)).toEqual([]);
  });
});
