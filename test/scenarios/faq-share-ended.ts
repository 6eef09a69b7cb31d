import { scenario } from "./format.ts";

export default scenario(
  "a share made by mistake, declined or taken back gives nothing",
  ["R8", "R12", "R14"],
  [
    { org: "Acme", admin: "ada" },
    { resource: "site:hq", in: "Acme" },
    { share: "wrong", from: "Acme", to: { user: "eve" }, role: "collaborator" },
    { expect: "eve", on: "site:hq", mayNot: ["view"] },
    { acceptShare: "wrong" },
    { expect: "eve", on: "site:hq", may: ["view", "edit"] },
    { changeShare: "wrong", role: "viewer" },
    { expect: "eve", on: "site:hq", may: ["view"], mayNot: ["edit"] },
    { removeShare: "wrong" },
    { expect: "eve", on: "site:hq", mayNot: ["view"] },

    // Never accepted, so never anything; and the person who was meant needs a share of their own.
    { share: "again", from: "Acme", to: { user: "eve" }, role: "viewer" },
    { declineShare: "again" },
    { expect: "eve", on: "site:hq", mayNot: ["view"] },
    { share: "right", from: "Acme", to: { user: "eva" }, role: "viewer" },
    { acceptShare: "right" },
    { who: "view", on: "site:hq", exactly: ["ada", "eva"] },
  ],
);
