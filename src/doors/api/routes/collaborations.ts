import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const collaborationRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/collaborations",
    {
      says: "Ask an organisation to collaborate",
      body: form.askCollaboration,
      shows: "collaboration",
    },
    (org, _, body) => ({
      command: "collaboration.ask",
      input: { org, ...body },
    }),
  ),
  route(
    "POST",
    "/collaborations/:collaboration/accept",
    { says: "Agree to collaborate", body: form.empty, shows: "collaboration" },
    (org, params) => ({
      command: "collaboration.accept",
      input: { org, collaboration: p(params, "collaboration") },
    }),
  ),
  route(
    "DELETE",
    "/collaborations/:collaboration",
    { says: "Decline or end a collaboration", body: form.empty, shows: null },
    (org, params) => ({
      command: "collaboration.end",
      input: { org, collaboration: p(params, "collaboration") },
    }),
  ),
];
