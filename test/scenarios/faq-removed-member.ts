import { scenario } from "./format.ts";

export default scenario(
  "someone who leaves the company loses everything at once",
  ["R8", "R10", "R12", "R13"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:hq", in: "Acme" },
    { invite: "ann", to: "Acme", role: "viewer" },
    { expect: "ann", on: "site:hq", mayNot: ["view"] },
    { join: "ann", to: "Acme" },
    { team: "crew", in: "Acme", of: ["ann"] },
    { grant: "by team", in: "Acme", to: { team: "crew" }, role: "commenter" },
    { grant: "by name", in: "Acme", to: { member: "ann" }, role: "collaborator" },
    { grant: "for all", in: "Acme", to: "members", role: "viewer" },
    { share: "S", from: "Acme", to: { user: "out" }, role: "viewer" },
    { acceptShare: "S" },
    { who: "view", on: "site:hq", exactly: ["ada", "ann", "out"] },
    { refused: "last_admin", step: { removeMember: "ada", from: "Acme" } },

    { removeMember: "ann", from: "Acme" },
    { removeShare: "S" },
    { who: "view", on: "site:hq", exactly: ["ada"] },
    { expect: "ann", on: "site:hq", mayNot: ["view", "edit"] },

    // A new invitation starts anew: no grant of the first time comes back.
    { invite: "ann", to: "Acme", role: "commenter" },
    { join: "ann", to: "Acme" },
    { expect: "ann", on: "site:hq", may: ["view", "comment"], mayNot: ["edit"] },
  ],
);
