import { Sketch, type TermsText, type To } from "./sketch.ts";

/** Acme owns two sites; Beta has an admin, two members and a team. */
export const pair = () =>
  new Sketch()
    .org("acme")
    .resource("acme", "site:hq", ["North"])
    .resource("acme", "site:depot", ["South"])
    .org("beta")
    .joined("beta", "boss", "admin")
    .member("beta", "bea")
    .member("beta", "bo")
    .team("beta", "crew", "bo");

/** Acme shares with Beta, which has not answered. */
export const offered = (terms: TermsText) => pair().share("S", "acme", { org: "beta" }, terms);
export const accepted = (terms: TermsText) => offered(terms).answer("S", "accepted");
/** Accepted, with one rule. */
export const ruled = (share: TermsText, to: To, rule: TermsText) =>
  accepted(share).rule("S", to, rule);
