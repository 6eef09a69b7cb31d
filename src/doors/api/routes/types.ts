import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

/** Types and role sets: the root's, for its tree. */
export const typeRoutes: readonly EditRoute[] = [
  route(
    "PUT",
    "/role-sets/:set",
    { says: "Define a role set", body: form.roleSet, shows: "roleSet" },
    (org, params, body) => ({
      command: "roleSet.put",
      input: { org, set: p(params, "set"), ...body },
    }),
  ),
  route(
    "DELETE",
    "/role-sets/:set",
    { says: "Remove a role set", body: form.empty, shows: null },
    (org, params) => ({
      command: "roleSet.delete",
      input: { org, set: p(params, "set") },
    }),
  ),
  route(
    "PUT",
    "/types/:type",
    { says: "Define a type of resources", body: form.type, shows: "type" },
    (org, params, body) => ({
      command: "type.put",
      input: { org, type: p(params, "type"), ...body },
    }),
  ),
  route(
    "DELETE",
    "/types/:type",
    { says: "Remove what was said of a type", body: form.confirmation, shows: null },
    (org, params, body) => ({
      command: "type.delete",
      input: { org, type: p(params, "type"), ...body },
    }),
  ),
];
