import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const teamRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/teams",
    { says: "Make a team", body: form.team, shows: "team" },
    (org, _, body) => ({
      command: "team.create",
      input: { org, ...body },
    }),
  ),
  route(
    "PATCH",
    "/teams/:team",
    { says: "Rename a team", body: form.team, shows: "team" },
    (org, params, body) => ({
      command: "team.rename",
      input: { org, team: p(params, "team"), ...body },
    }),
  ),
  route(
    "DELETE",
    "/teams/:team",
    { says: "Remove a team", body: form.empty, shows: null },
    (org, params) => ({
      command: "team.remove",
      input: { org, team: p(params, "team") },
    }),
  ),
  route(
    "PUT",
    "/teams/:team/members/:member",
    { says: "Put a member into a team", body: form.empty, shows: "member" },
    (org, params) => ({
      command: "team.join",
      input: { org, team: p(params, "team"), member: p(params, "member") },
    }),
  ),
  route(
    "DELETE",
    "/teams/:team/members/:member",
    { says: "Take a member out of a team", body: form.empty, shows: null },
    (org, params) => ({
      command: "team.leave",
      input: { org, team: p(params, "team"), member: p(params, "member") },
    }),
  ),
  route(
    "POST",
    "/teams/:team/grants",
    { says: "Give a team a role", body: form.memberGrant, shows: "grant", max: LARGE_BODY_MAX },
    (org, params, body) => ({
      command: "grant.add",
      input: { org, addressed: true, to: { team: p(params, "team") }, ...body },
    }),
  ),
];
