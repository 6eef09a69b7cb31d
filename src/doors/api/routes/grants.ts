import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const grantRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/grants",
    form.addGrant,
    (org, _, body) => ({ command: "grant.add", input: { org, ...body } }),
    LARGE_BODY_MAX,
  ),
  route(
    "PATCH",
    "/grants/:grant",
    form.changeTerms,
    (org, params, body) => ({
      command: "grant.change",
      input: { org, grant: p(params, "grant"), ...body },
    }),
    LARGE_BODY_MAX,
  ),
  route("DELETE", "/grants/:grant", form.empty, (org, params) => ({
    command: "grant.remove",
    input: { org, grant: p(params, "grant") },
  })),
];
