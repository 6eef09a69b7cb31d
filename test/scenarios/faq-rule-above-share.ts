import { scenario } from "./format.ts";

export default scenario(
  "no rule goes above its share, then or later",
  ["R14", "R17"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:hq", in: "Acme" },
    { org: "Beta", admin: "bea" },
    { invite: "bo", to: "Beta", role: "viewer" },
    { join: "bo", to: "Beta" },
    { share: "S", from: "Acme", to: { org: "Beta" }, role: "collaborator" },
    { acceptShare: "S" },
    { expect: "bo", on: "site:hq", mayNot: ["view"] },
    {
      refused: "role_above_share",
      step: { rule: "high", on: "S", to: { member: "bo" }, role: "admin" },
    },
    { rule: "R", on: "S", to: { member: "bo" }, role: "collaborator" },
    { expect: "bo", on: "site:hq", may: ["edit"], mayNot: ["share"] },

    { changeShare: "S", role: "viewer" },
    {
      expect: "bo",
      on: "site:hq",
      may: ["view"],
      mayNot: ["comment", "edit"],
      role: "standard.viewer",
    },
    { expect: "bea", on: "site:hq", may: ["view"], mayNot: ["edit"] },
    { changeShare: "S", role: "admin" },
    {
      expect: "bo",
      on: "site:hq",
      may: ["edit"],
      mayNot: ["share"],
      role: "standard.collaborator",
    },
  ],
);
