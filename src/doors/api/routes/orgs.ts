import * as form from "../schemas.ts";
import { route, type EditRoute } from "./route.ts";

export const orgRoutes: readonly EditRoute[] = [
  route(
    "PATCH",
    "",
    { says: "Change an org, or a setting of it", body: form.updateOrg, shows: "org" },
    (org, _, body) => ({
      command: "org.update",
      input: { org, ...body },
    }),
  ),
  route(
    "DELETE",
    "",
    { says: "Delete an org and everything below it", body: form.deleteOrg, shows: null },
    (org, _, body) => ({
      command: "org.delete",
      input: { org, ...body },
    }),
  ),
];
