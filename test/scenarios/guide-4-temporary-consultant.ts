import { scenario } from "./format.ts";

const project = {
  from: "Acme",
  to: { user: "alex" },
  role: "collaborator",
  scope: { tags: ["Consultant-Project"] },
} as const;

export default scenario(
  "a consultant works on tagged sites for three months",
  ["R4", "R12", "R15", "R21"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:a", in: "Acme", tags: ["consultant-project "] },
    { resource: "site:b", in: "Acme", tags: ["Other"] },
    { share: "S", ...project, expiresInDays: 90 },
    { expect: "alex", on: "site:a", mayNot: ["view"] },
    { acceptShare: "S" },
    { expect: "alex", on: "site:a", may: ["view", "edit"], mayNot: ["share"] },
    { expect: "alex", on: "site:b", mayNot: ["view"] },
    { retag: "site:b", tags: ["Other", "CONSULTANT-PROJECT"] },
    { expect: "alex", on: "site:b", may: ["edit"] },

    { at: 89.999 },
    { expect: "alex", on: "site:a", may: ["edit"] },
    { at: 90 },
    { expect: "alex", on: "site:a", mayNot: ["view", "edit"], role: null },
    { list: "view", of: "alex", in: "Acme", exactly: [] },

    // Without an end, it is taken away by hand; and what was taken away does not come back.
    { share: "T", ...project },
    { acceptShare: "T" },
    { expect: "alex", on: "site:a", may: ["edit"] },
    { removeShare: "T" },
    { expect: "alex", on: "site:a", mayNot: ["view"] },
    { refused: "not_found", step: { acceptShare: "T" } },
  ],
);
