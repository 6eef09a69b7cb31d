import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

/** Types and role sets: the root's, for its tree. */
export const typeRoutes: readonly EditRoute[] = [
  route("PUT", "/role-sets/:set", form.roleSet, (org, params, body) => ({
    command: "roleSet.put",
    input: { org, set: p(params, "set"), ...body },
  })),
  route("DELETE", "/role-sets/:set", form.empty, (org, params) => ({
    command: "roleSet.delete",
    input: { org, set: p(params, "set") },
  })),
  route("PUT", "/types/:type", form.type, (org, params, body) => ({
    command: "type.put",
    input: { org, type: p(params, "type"), ...body },
  })),
  route("DELETE", "/types/:type", form.confirmation, (org, params, body) => ({
    command: "type.delete",
    input: { org, type: p(params, "type"), ...body },
  })),
];
