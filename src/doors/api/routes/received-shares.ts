import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const receivedShareRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/received-shares/:share/accept",
    { says: "Accept a share", body: form.empty, shows: "receivedShare" },
    (org, params) => ({
      command: "received.accept",
      input: { org, share: p(params, "share") },
    }),
  ),
  route(
    "POST",
    "/received-shares/:share/decline",
    { says: "Decline a share", body: form.empty, shows: "receivedShare" },
    (org, params) => ({
      command: "received.decline",
      input: { org, share: p(params, "share") },
    }),
  ),
  route(
    "POST",
    "/received-shares/:share/confirm",
    { says: "Say that a share is still needed", body: form.empty, shows: "receivedShare" },
    (org, params) => ({
      command: "received.confirm",
      input: { org, share: p(params, "share") },
    }),
  ),
  route(
    "POST",
    "/received-shares/:share/rules",
    {
      says: "Let people of the org use a share",
      body: form.addRule,
      shows: "rule",
      max: LARGE_BODY_MAX,
    },
    (org, params, body) => ({
      command: "rule.add",
      input: { org, share: p(params, "share"), ...body },
    }),
  ),
  route(
    "PATCH",
    "/received-shares/:share/rules/:rule",
    {
      says: "Change a team access rule",
      body: form.changeTerms,
      shows: "rule",
      max: LARGE_BODY_MAX,
    },
    (org, params, body) => ({
      command: "rule.change",
      input: { org, share: p(params, "share"), rule: p(params, "rule"), ...body },
    }),
  ),
  route(
    "DELETE",
    "/received-shares/:share/rules/:rule",
    { says: "Remove a team access rule", body: form.empty, shows: null },
    (org, params) => ({
      command: "rule.remove",
      input: { org, share: p(params, "share"), rule: p(params, "rule") },
    }),
  ),
];
