import * as form from "../schemas.ts";
import { route, type EditRoute } from "./route.ts";

export const orgRoutes: readonly EditRoute[] = [
  route("PATCH", "", form.updateOrg, (org, _, body) => ({
    command: "org.update",
    input: { org, ...body },
  })),
  route("DELETE", "", form.deleteOrg, (org, _, body) => ({
    command: "org.delete",
    input: { org, ...body },
  })),
];
