import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const webhookRoutes: readonly EditRoute[] = [
  route(
    "DELETE",
    "/webhooks/:webhook",
    { says: "Remove an endpoint", body: form.empty, shows: null },
    (org, params) => ({
      command: "webhook.remove",
      input: { org, webhook: p(params, "webhook") },
    }),
  ),
];
