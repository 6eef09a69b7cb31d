import { scenario } from "./format.ts";

export default scenario(
  "a share to an organisation lets in nobody by itself",
  ["R8", "R16", "R20"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:hq", in: "Acme" },
    { org: "Beta", admin: "bea" },
    { org: "Lab", in: "Beta", admin: "lou" },
    { invite: "bo", to: "Beta", role: "viewer" },
    { join: "bo", to: "Beta" },
    { invite: "max", to: "Beta", role: "collaborator" },
    { join: "max", to: "Beta" },
    { share: "S", from: "Acme", to: { org: "Beta" }, role: "viewer" },
    { who: "view", on: "site:hq", exactly: ["ada"] },
    { acceptShare: "S" },
    { who: "view", on: "site:hq", exactly: ["ada", "bea"] },
    { rule: "R", on: "S", to: { member: "bo" }, role: "viewer" },
    { who: "view", on: "site:hq", exactly: ["ada", "bea", "bo"] },
    { expect: "bo", on: "site:hq", may: ["view"], mayNot: ["comment"] },
    { expect: "max", on: "site:hq", mayNot: ["view"] },
    { expect: "lou", on: "site:hq", mayNot: ["view"] },
    { removeMember: "bo", from: "Beta" },
    { who: "view", on: "site:hq", exactly: ["ada", "bea"] },
    { declineShare: "S" },
    { who: "view", on: "site:hq", exactly: ["ada"] },
  ],
);
