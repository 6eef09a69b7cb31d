import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const grantRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/grants",
    {
      says: "Give a member, a team or all members a role",
      body: form.addGrant,
      shows: "grant",
      max: LARGE_BODY_MAX,
    },
    (org, _, body) => ({ command: "grant.add", input: { org, ...body } }),
  ),
  route(
    "PATCH",
    "/grants/:grant",
    { says: "Change a grant", body: form.changeTerms, shows: "grant", max: LARGE_BODY_MAX },
    (org, params, body) => ({
      command: "grant.change",
      input: { org, grant: p(params, "grant"), ...body },
    }),
  ),
  route(
    "DELETE",
    "/grants/:grant",
    { says: "Take a grant back", body: form.empty, shows: null },
    (org, params) => ({
      command: "grant.remove",
      input: { org, grant: p(params, "grant") },
    }),
  ),
];
