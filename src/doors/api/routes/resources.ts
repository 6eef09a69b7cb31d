import * as form from "../schemas.ts";
import { ofResource, route, type EditRoute } from "./route.ts";

export const resourceRoutes: readonly EditRoute[] = [
  route("PUT", "/resources/:type/:id", form.resource, (org, params, body) => ({
    command: "resource.put",
    input: { ...ofResource(org, params), ...body },
  })),
  route("PATCH", "/resources/:type/:id", form.resource, (org, params, body) => ({
    command: "resource.patch",
    input: { ...ofResource(org, params), ...body },
  })),
  route("DELETE", "/resources/:type/:id", form.empty, (org, params) => ({
    command: "resource.delete",
    input: ofResource(org, params),
  })),
];
