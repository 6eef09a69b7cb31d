import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const teamRoutes: readonly EditRoute[] = [
  route("POST", "/teams", form.team, (org, _, body) => ({
    command: "team.create",
    input: { org, ...body },
  })),
  route("PATCH", "/teams/:team", form.team, (org, params, body) => ({
    command: "team.rename",
    input: { org, team: p(params, "team"), ...body },
  })),
  route("DELETE", "/teams/:team", form.empty, (org, params) => ({
    command: "team.remove",
    input: { org, team: p(params, "team") },
  })),
  route("PUT", "/teams/:team/members/:member", form.empty, (org, params) => ({
    command: "team.join",
    input: { org, team: p(params, "team"), member: p(params, "member") },
  })),
  route("DELETE", "/teams/:team/members/:member", form.empty, (org, params) => ({
    command: "team.leave",
    input: { org, team: p(params, "team"), member: p(params, "member") },
  })),
  route(
    "POST",
    "/teams/:team/grants",
    form.memberGrant,
    (org, params, body) => ({
      command: "grant.add",
      input: { org, addressed: true, to: { team: p(params, "team") }, ...body },
    }),
    LARGE_BODY_MAX,
  ),
];
