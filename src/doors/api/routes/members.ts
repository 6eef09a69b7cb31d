import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const memberRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/members",
    { says: "Invite a member", body: form.inviteMember, shows: "member", max: LARGE_BODY_MAX },
    (org, _, body) => ({ command: "member.invite", input: { org, ...body } }),
  ),
  route(
    "PATCH",
    "/members/:member",
    { says: "Change a member", body: form.updateMember, shows: "member" },
    (org, params, body) => ({
      command: "member.update",
      input: { org, member: p(params, "member"), ...body },
    }),
  ),
  route(
    "DELETE",
    "/members/:member",
    { says: "Remove a member with all their grants", body: form.empty, shows: null },
    (org, params) => ({
      command: "member.remove",
      input: { org, member: p(params, "member") },
    }),
  ),
  route(
    "POST",
    "/members/:member/resend",
    { says: "Send an invitation again", body: form.empty, shows: "member" },
    (org, params) => ({
      command: "member.resend",
      input: { org, member: p(params, "member") },
    }),
  ),
  route(
    "POST",
    "/members/:member/grants",
    { says: "Give a member a role", body: form.memberGrant, shows: "grant", max: LARGE_BODY_MAX },
    (org, params, body) => ({
      command: "grant.add",
      input: { org, addressed: true, to: { member: p(params, "member") }, ...body },
    }),
  ),
];
