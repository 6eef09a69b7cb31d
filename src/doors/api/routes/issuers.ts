import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const issuerRoutes: readonly EditRoute[] = [
  route(
    "DELETE",
    "/issuers/:issuer",
    { says: "Trust an issuer no longer", body: form.empty, shows: null },
    (org, params) => ({
      command: "issuer.remove",
      input: { org, issuer: p(params, "issuer") },
    }),
  ),
];
