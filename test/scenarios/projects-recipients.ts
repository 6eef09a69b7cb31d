import { scenario } from "./format.ts";

/** Project roles are each project's own, the highest of several counts, and an admin has no more. */
export default scenario(
  "a project is its owner's, its recipients hold what each was given, and admins too",
  ["R2", "R7", "R26"],
  [
    { org: "Acme", admin: "ada" },
    { invite: "ann", to: "Acme", role: "viewer" },
    { join: "ann", to: "Acme" },
    { invite: "bob", to: "Acme", role: "viewer" },
    { join: "bob", to: "Acme" },
    { resource: "project:alpha", in: "Acme", owner: "ann" },
    { resource: "project:beta", in: "Acme", owner: "ann" },
    { expect: "ann", on: "project:alpha", may: ["edit", "recipients"], role: "project.can_edit" },
    { expect: "bob", on: "project:alpha", mayNot: ["view"], role: null },
    { expect: "ada", on: "project:alpha", mayNot: ["view"], role: null },
    { team: "analysts", in: "Acme", of: ["bob"] },
    {
      grant: "group",
      in: "Acme",
      to: { team: "analysts" },
      role: "project.can_view",
      scope: { resources: ["project:alpha", "project:beta"] },
    },
    { expect: "bob", on: "project:alpha", may: ["view"], mayNot: ["interact", "duplicate"] },
    {
      grant: "individual",
      in: "Acme",
      to: { member: "bob" },
      role: "project.can_edit",
      scope: { resources: ["project:alpha"] },
    },
    { expect: "bob", on: "project:alpha", may: ["edit", "delete"], role: "project.can_edit" },
    { expect: "bob", on: "project:beta", mayNot: ["edit"], role: "project.can_view" },
    {
      refused: "forbidden",
      step: {
        grant: "own",
        by: "ada",
        in: "Acme",
        to: { member: "ada" },
        role: "project.can_edit",
        scope: { resources: ["project:alpha"] },
      },
    },
    { removeGrant: "individual" },
    { expect: "bob", on: "project:alpha", may: ["view"], mayNot: ["edit"] },
    { list: "view", of: "bob", in: "Acme", exactly: ["project:alpha", "project:beta"] },
  ],
);
