import { scenario } from "./format.ts";

export default scenario(
  "a whole team sees what a peer organisation shared, once its admin lets it in",
  ["R16", "R17", "R19"],
  [
    { org: "Peer", admin: "pia" },
    { resource: "site:plant", in: "Peer" },
    { org: "Acme", admin: "ada" },
    { resource: "site:own", in: "Acme" },
    { invite: "tom", to: "Acme", role: "viewer" },
    { join: "tom", to: "Acme" },
    { invite: "late", to: "Acme", role: "viewer" },

    { share: "S", from: "Peer", to: { org: "Acme" }, role: "collaborator" },
    { expect: "ada", on: "site:plant", mayNot: ["view"] },
    { refused: "forbidden", step: { acceptShare: "S", by: "tom" } },
    { refused: "not_accepted", step: { rule: "early", on: "S", to: "members", role: "viewer" } },

    { acceptShare: "S" },
    { expect: "ada", on: "site:plant", may: ["view", "edit"], role: "standard.collaborator" },
    { expect: "tom", on: "site:plant", mayNot: ["view"] },

    { rule: "R", on: "S", to: "members", role: "viewer" },
    { expect: "tom", on: "site:plant", may: ["view"], mayNot: ["comment", "edit"] },
    { expect: "late", on: "site:plant", mayNot: ["view"] },
    { list: "view", of: "tom", in: "Peer", exactly: ["site:plant"] },
    { list: "view", of: "tom", in: "Acme", exactly: ["site:own"] },
    { who: "view", on: "site:plant", exactly: ["pia", "ada", "tom"] },

    { removeRule: "R" },
    { expect: "tom", on: "site:plant", mayNot: ["view"] },
    { removeShare: "S" },
    { who: "view", on: "site:plant", exactly: ["pia"] },
  ],
);
