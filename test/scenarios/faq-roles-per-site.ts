import { scenario } from "./format.ts";

export default scenario(
  "roles differ by site, and the highest of several counts",
  ["R1", "R2"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:hq", in: "Acme" },
    { resource: "site:depot", in: "Acme" },
    { invite: "ann", to: "Acme", role: "viewer" },
    { join: "ann", to: "Acme" },
    { expect: "ann", on: "site:hq", may: ["view"], mayNot: ["edit"], role: "standard.viewer" },
    {
      grant: "G",
      in: "Acme",
      to: { member: "ann" },
      role: "collaborator",
      scope: { resources: ["site:hq"] },
    },
    { expect: "ann", on: "site:hq", may: ["view", "edit"], role: "standard.collaborator" },
    { expect: "ann", on: "site:depot", may: ["view"], mayNot: ["edit"], role: "standard.viewer" },
    { removeGrant: "G" },
    { expect: "ann", on: "site:hq", may: ["view"], mayNot: ["edit"] },
  ],
);
