import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const collaborationRoutes: readonly EditRoute[] = [
  route("POST", "/collaborations", form.askCollaboration, (org, _, body) => ({
    command: "collaboration.ask",
    input: { org, ...body },
  })),
  route("POST", "/collaborations/:collaboration/accept", form.empty, (org, params) => ({
    command: "collaboration.accept",
    input: { org, collaboration: p(params, "collaboration") },
  })),
  route("DELETE", "/collaborations/:collaboration", form.empty, (org, params) => ({
    command: "collaboration.end",
    input: { org, collaboration: p(params, "collaboration") },
  })),
];
