import { scenario } from "./format.ts";

export default scenario(
  "only admins manage access, and nobody their own",
  ["R1", "R7", "R9"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:hq", in: "Acme" },
    { invite: "ann", to: "Acme", role: "collaborator" },
    { join: "ann", to: "Acme" },
    { expect: "ann", on: "site:hq", may: ["edit"], mayNot: ["share"] },
    { expect: "ada", on: "site:hq", may: ["edit", "share"], role: "standard.admin" },
    {
      refused: "forbidden",
      step: { grant: "up", in: "Acme", to: { member: "ann" }, role: "admin", by: "ann" },
    },
    { refused: "forbidden", step: { removeMember: "ada", from: "Acme", by: "ann" } },
    {
      refused: "forbidden",
      step: { share: "S", from: "Acme", to: { user: "pal" }, role: "viewer", by: "ann" },
    },
    {
      refused: "forbidden",
      step: { share: "S", from: "Acme", to: { user: "ada" }, role: "viewer", by: "ada" },
    },
    {
      refused: "not_found",
      step: { grant: "up", in: "Acme", to: { member: "ann" }, role: "admin", by: "stranger" },
    },
    { grant: "up", in: "Acme", to: { member: "ann" }, role: "admin" },
    { expect: "ann", on: "site:hq", may: ["edit", "share"] },
    { removeGrant: "up" },
    { expect: "ann", on: "site:hq", may: ["edit"], mayNot: ["share"] },
  ],
);
