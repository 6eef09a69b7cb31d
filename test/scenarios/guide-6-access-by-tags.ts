import { scenario } from "./format.ts";

export default scenario(
  "a new building finds its manager by its tag",
  ["R4"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:a1", in: "Acme", tags: ["Division A"] },
    { resource: "site:b1", in: "Acme", tags: ["Division B"] },
    { invite: "ann", to: "Acme", role: "collaborator", scope: { tags: ["Division A"] } },
    { invite: "bob", to: "Acme", role: "collaborator", scope: { tags: ["Division B"] } },
    { join: "ann", to: "Acme" },
    { join: "bob", to: "Acme" },
    { expect: "ann", on: "site:a1", may: ["edit"] },
    { expect: "ann", on: "site:b1", mayNot: ["view"] },

    { resource: "site:a2", in: "Acme" },
    { expect: "ann", on: "site:a2", mayNot: ["view"] },
    { retag: "site:a2", tags: ["division a"] },
    { expect: "ann", on: "site:a2", may: ["view", "edit"] },
    { expect: "bob", on: "site:a2", mayNot: ["view"] },
    { retag: "site:a2", tags: ["Division B"] },
    { list: "edit", of: "ann", in: "Acme", exactly: ["site:a1"] },
    { list: "edit", of: "bob", in: "Acme", exactly: ["site:b1", "site:a2"] },
  ],
);
