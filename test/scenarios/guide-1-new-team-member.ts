import { scenario } from "./format.ts";

export default scenario(
  "a new colleague works on every site once she has accepted",
  ["R3", "R8", "R9"],
  [
    { org: "Acme", admin: "ada" },
    { org: "North", in: "Acme" },
    { resource: "site:hq", in: "Acme" },
    { resource: "site:mill", in: "North" },
    { invite: "sarah", to: "Acme", role: "collaborator", scope: { all: true } },
    { expect: "sarah", on: "site:hq", mayNot: ["view", "edit"], role: null },
    { who: "view", on: "site:hq", exactly: ["ada"] },
    { refused: "already_member", step: { invite: "sarah", to: "Acme", role: "viewer" } },

    { join: "sarah", to: "Acme" },
    { expect: "sarah", on: "site:hq", may: ["view", "edit"], mayNot: ["share"] },
    { expect: "sarah", on: "site:mill", may: ["edit"], role: "standard.collaborator" },
    { resource: "site:new", in: "North" },
    { list: "edit", of: "sarah", in: "Acme", exactly: ["site:hq", "site:mill", "site:new"] },
    { refused: "forbidden", step: { invite: "zed", to: "Acme", role: "viewer", by: "sarah" } },

    { removeMember: "sarah", from: "Acme" },
    { expect: "sarah", on: "site:hq", mayNot: ["view", "edit"] },
    { list: "view", of: "sarah", in: "Acme", exactly: [] },
  ],
);
