import { scenario } from "./format.ts";

export default scenario(
  "what to look at when someone cannot get in",
  ["R3", "R4", "R8", "R22"],
  [
    { org: "Acme", admin: "ada" },
    { org: "North", in: "Acme" },
    { org: "South", in: "Acme" },
    { resource: "site:top", in: "Acme", tags: ["Office"] },
    { resource: "site:n", in: "North", tags: ["Ofice"] },
    { resource: "site:s", in: "South", tags: ["Office"] },

    // Not accepted yet.
    { invite: "ann", to: "North", role: "viewer", scope: { tags: ["Office"] } },
    { expect: "ann", on: "site:n", mayNot: ["view"] },
    // Accepted, but the tag is misspelt.
    { join: "ann", to: "North" },
    { expect: "ann", on: "site:n", mayNot: ["view"] },
    { retag: "site:n", tags: ["Office"] },
    { expect: "ann", on: "site:n", may: ["view"], mayNot: ["edit"] },
    // The other sites lie beside or above the org that invited her.
    { expect: "ann", on: "site:s", mayNot: ["view"] },
    { expect: "ann", on: "site:top", mayNot: ["view"] },
    { invite: "ann", to: "Acme", role: "viewer" },
    { join: "ann", to: "Acme" },
    { list: "view", of: "ann", in: "Acme", exactly: ["site:top", "site:n", "site:s"] },
    { list: "view", of: "ann", in: "South", exactly: ["site:s"] },
  ],
);
