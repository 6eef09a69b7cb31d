import { scenario } from "./format.ts";

export default scenario(
  "rules come after acceptance and end with the share",
  ["R12", "R16", "R19"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:hq", in: "Acme" },
    { org: "Beta", admin: "bea" },
    { invite: "bo", to: "Beta", role: "viewer" },
    { join: "bo", to: "Beta" },
    { share: "S", from: "Acme", to: { org: "Beta" }, role: "viewer" },
    { refused: "not_accepted", step: { rule: "early", on: "S", to: "members", role: "viewer" } },
    { refused: "not_found", step: { acceptShare: "S", by: "stranger" } },
    { expect: "bo", on: "site:hq", mayNot: ["view"] },
    { acceptShare: "S" },
    { rule: "R", on: "S", to: "members", role: "viewer" },
    { expect: "bo", on: "site:hq", may: ["view"], mayNot: ["edit"] },
    { removeShare: "S" },
    { expect: "bo", on: "site:hq", mayNot: ["view"] },

    // A new share starts without the rules of the first.
    { share: "T", from: "Acme", to: { org: "Beta" }, role: "viewer" },
    { acceptShare: "T" },
    { expect: "bo", on: "site:hq", mayNot: ["view"] },
    { expect: "bea", on: "site:hq", may: ["view"] },
  ],
);
