import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const keyRoutes: readonly EditRoute[] = [
  route(
    "DELETE",
    "/keys/:key",
    { says: "Remove a key", body: form.empty, shows: null },
    (org, params) => ({
      command: "key.delete",
      input: { org, key: p(params, "key") },
    }),
  ),
];
