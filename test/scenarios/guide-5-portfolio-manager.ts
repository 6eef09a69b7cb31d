import { scenario } from "./format.ts";

export default scenario(
  "a manager holds a different role in each part of a portfolio",
  ["R2", "R4", "R5", "R13"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:r1", in: "Acme", tags: ["Region-1"] },
    { resource: "site:r2", in: "Acme", tags: ["Region-2"] },
    { resource: "site:hq", in: "Acme" },
    { resource: "site:r3", in: "Acme", tags: ["Region-3"] },
    { invite: "max", to: "Acme", role: "collaborator", scope: { tags: ["Region-1"] } },
    { join: "max", to: "Acme" },
    { expect: "max", on: "site:r1", may: ["edit"] },
    { expect: "max", on: "site:r2", mayNot: ["view"] },

    {
      grant: "second",
      in: "Acme",
      to: { member: "max" },
      role: "viewer",
      scope: { tags: ["Region-2"] },
    },
    {
      grant: "third",
      in: "Acme",
      to: { member: "max" },
      role: "collaborator",
      scope: { resources: ["site:hq"] },
    },
    { list: "view", of: "max", in: "Acme", exactly: ["site:r1", "site:r2", "site:hq"] },
    { list: "edit", of: "max", in: "Acme", exactly: ["site:r1", "site:hq"] },
    { expect: "max", on: "site:r2", may: ["view"], mayNot: ["edit"], role: "standard.viewer" },
    { expect: "max", on: "site:r3", mayNot: ["view"], role: null },

    // In both regions the stronger of the two counts.
    { retag: "site:r2", tags: ["Region-2", "Region-1"] },
    { expect: "max", on: "site:r2", may: ["edit"], role: "standard.collaborator" },
    { removeGrant: "max@Acme" },
    { expect: "max", on: "site:r2", may: ["view"], mayNot: ["edit"] },
    { list: "edit", of: "max", in: "Acme", exactly: ["site:hq"] },
  ],
);
