import { scenario } from "./format.ts";

export default scenario(
  "one person reaches sites through several organisations",
  ["R2", "R12", "R15"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:a", in: "Acme" },
    { org: "Beta", admin: "bea" },
    { resource: "site:b", in: "Beta" },
    { org: "Gamma", admin: "gil" },
    { resource: "site:g", in: "Gamma" },
    { invite: "ann", to: "Acme", role: "collaborator" },
    { join: "ann", to: "Acme" },
    { share: "own", from: "Beta", to: { user: "ann" }, role: "viewer" },
    { share: "via", from: "Gamma", to: { org: "Acme" }, role: "commenter" },
    { expect: "ann", on: "site:b", mayNot: ["view"] },
    { acceptShare: "own" },
    { acceptShare: "via" },
    { rule: "R", on: "via", to: "members", role: "commenter" },
    { expect: "ann", on: "site:a", may: ["edit"], mayNot: ["share"] },
    { expect: "ann", on: "site:b", may: ["view"], mayNot: ["comment"] },
    { expect: "ann", on: "site:g", may: ["comment"], mayNot: ["edit"] },

    // Whoever leaves an organisation loses what came through it, and keeps the rest.
    { removeMember: "ann", from: "Acme" },
    { expect: "ann", on: "site:a", mayNot: ["view"] },
    { expect: "ann", on: "site:g", mayNot: ["view"] },
    { expect: "ann", on: "site:b", may: ["view"] },
  ],
);
