import { scenario } from "./format.ts";

export default scenario(
  "what each role does, and a viewer who asks for more",
  ["R1", "R6", "R9"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:hq", in: "Acme" },
    { invite: "vic", to: "Acme", role: "viewer" },
    { invite: "com", to: "Acme", role: "commenter" },
    { invite: "col", to: "Acme", role: "collaborator" },
    { invite: "adm", to: "Acme", role: "admin" },
    { expect: "adm", on: "site:hq", mayNot: ["view", "share"] },
    { join: "vic", to: "Acme" },
    { join: "com", to: "Acme" },
    { join: "col", to: "Acme" },
    { join: "adm", to: "Acme" },
    {
      expect: "vic",
      on: "site:hq",
      may: ["view"],
      mayNot: ["comment", "create", "edit", "delete"],
    },
    {
      expect: "com",
      on: "site:hq",
      may: ["view", "comment"],
      mayNot: ["create", "edit", "delete"],
    },
    {
      expect: "col",
      on: "site:hq",
      may: ["comment", "create", "edit", "delete"],
      mayNot: ["share"],
    },
    { expect: "adm", on: "site:hq", may: ["view", "comment", "create", "edit", "delete", "share"] },
    { refused: "forbidden", step: { invite: "pal", to: "Acme", role: "viewer", by: "col" } },
    {
      refused: "invalid",
      step: { invite: "half", to: "Acme", role: "admin", scope: { resources: ["site:hq"] } },
    },
    { grant: "asked for", in: "Acme", to: { member: "vic" }, role: "collaborator", by: "adm" },
    { expect: "vic", on: "site:hq", may: ["edit"], mayNot: ["share"] },
  ],
);
