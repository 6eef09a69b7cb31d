import { scenario } from "./format.ts";

export default scenario(
  "a tag takes in new sites, a list only what it names, and neither the rest",
  ["R4", "R5"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:a", in: "Acme", tags: ["Public"] },
    { resource: "site:secret", in: "Acme" },
    { invite: "tag", to: "Acme", role: "viewer", scope: { tags: ["Public"] } },
    { invite: "list", to: "Acme", role: "viewer", scope: { resources: ["site:a"] } },
    { expect: "list", on: "site:a", mayNot: ["view"] },
    { join: "tag", to: "Acme" },
    { join: "list", to: "Acme" },
    { expect: "tag", on: "site:a", may: ["view"] },
    { resource: "site:new", in: "Acme", tags: ["Public"] },
    { list: "view", of: "tag", in: "Acme", exactly: ["site:a", "site:new"] },
    { list: "view", of: "list", in: "Acme", exactly: ["site:a"] },
    { retag: "site:a", tags: [] },
    { list: "view", of: "tag", in: "Acme", exactly: ["site:new"] },
    { list: "view", of: "list", in: "Acme", exactly: ["site:a"] },
    { who: "view", on: "site:secret", exactly: ["ada"] },
  ],
);
