import { scenario } from "./format.ts";

export default scenario(
  "access follows tags, any of several, for members and shares alike",
  ["R4", "R18"],
  [
    { org: "Acme", admin: "ada" },
    { org: "North", in: "Acme" },
    { resource: "site:hq", in: "Acme", tags: ["Office"] },
    { resource: "site:mill", in: "North", tags: ["Caf\u00e9", "Old"] },
    { resource: "site:plain", in: "Acme" },
    { invite: "ann", to: "Acme", role: "viewer", scope: { tags: ["office", "CAFE\u0301"] } },
    { expect: "ann", on: "site:hq", mayNot: ["view"] },
    { join: "ann", to: "Acme" },
    { list: "view", of: "ann", in: "Acme", exactly: ["site:hq", "site:mill"] },
    { expect: "ann", on: "site:plain", mayNot: ["view"] },
    { retag: "site:plain", tags: [" OFFICE "] },
    { expect: "ann", on: "site:plain", may: ["view"], mayNot: ["edit"] },
    { retag: "site:hq", tags: [] },
    { expect: "ann", on: "site:hq", mayNot: ["view"] },

    { org: "Beta", admin: "bea" },
    { share: "S", from: "Acme", to: { org: "Beta" }, role: "viewer", scope: { tags: ["Old"] } },
    { acceptShare: "S" },
    { list: "view", of: "bea", in: "Acme", exactly: ["site:mill"] },
    { retag: "site:mill", tags: ["New"] },
    { list: "view", of: "bea", in: "Acme", exactly: [] },
  ],
);
