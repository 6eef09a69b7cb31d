import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const issuerRoutes: readonly EditRoute[] = [
  route("DELETE", "/issuers/:issuer", form.empty, (org, params) => ({
    command: "issuer.remove",
    input: { org, issuer: p(params, "issuer") },
  })),
];
