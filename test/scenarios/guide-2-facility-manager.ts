import { scenario } from "./format.ts";

export default scenario(
  "an outside manager works on one building and sees no other",
  ["R5", "R8", "R15"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:building-7", in: "Acme" },
    { resource: "site:building-8", in: "Acme" },
    {
      share: "S",
      from: "Acme",
      to: { user: "mike" },
      role: "collaborator",
      scope: { resources: ["site:building-7"] },
    },
    { expect: "mike", on: "site:building-7", mayNot: ["view", "edit"] },
    { refused: "not_found", step: { acceptShare: "S", by: "stranger" } },

    { acceptShare: "S" },
    { expect: "mike", on: "site:building-7", may: ["view", "edit"], mayNot: ["share"] },
    { expect: "mike", on: "site:building-8", mayNot: ["view"] },
    { list: "view", of: "mike", in: "Acme", exactly: ["site:building-7"] },
    { who: "edit", on: "site:building-7", exactly: ["ada", "mike"] },

    // The same name later is another building.
    { deleteResource: "site:building-7" },
    { resource: "site:building-7", in: "Acme" },
    { expect: "mike", on: "site:building-7", mayNot: ["view"] },
  ],
);
