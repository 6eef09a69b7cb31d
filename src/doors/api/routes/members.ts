import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const memberRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/members",
    form.inviteMember,
    (org, _, body) => ({ command: "member.invite", input: { org, ...body } }),
    LARGE_BODY_MAX,
  ),
  route("PATCH", "/members/:member", form.updateMember, (org, params, body) => ({
    command: "member.update",
    input: { org, member: p(params, "member"), ...body },
  })),
  route("DELETE", "/members/:member", form.empty, (org, params) => ({
    command: "member.remove",
    input: { org, member: p(params, "member") },
  })),
  route("POST", "/members/:member/resend", form.empty, (org, params) => ({
    command: "member.resend",
    input: { org, member: p(params, "member") },
  })),
  route(
    "POST",
    "/members/:member/grants",
    form.memberGrant,
    (org, params, body) => ({
      command: "grant.add",
      input: { org, addressed: true, to: { member: p(params, "member") }, ...body },
    }),
    LARGE_BODY_MAX,
  ),
];
