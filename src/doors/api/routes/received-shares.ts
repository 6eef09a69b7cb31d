import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const receivedShareRoutes: readonly EditRoute[] = [
  route("POST", "/received-shares/:share/accept", form.empty, (org, params) => ({
    command: "received.accept",
    input: { org, share: p(params, "share") },
  })),
  route("POST", "/received-shares/:share/decline", form.empty, (org, params) => ({
    command: "received.decline",
    input: { org, share: p(params, "share") },
  })),
  route(
    "POST",
    "/received-shares/:share/rules",
    form.addRule,
    (org, params, body) => ({
      command: "rule.add",
      input: { org, share: p(params, "share"), ...body },
    }),
    LARGE_BODY_MAX,
  ),
  route(
    "PATCH",
    "/received-shares/:share/rules/:rule",
    form.changeTerms,
    (org, params, body) => ({
      command: "rule.change",
      input: { org, share: p(params, "share"), rule: p(params, "rule"), ...body },
    }),
    LARGE_BODY_MAX,
  ),
  route("DELETE", "/received-shares/:share/rules/:rule", form.empty, (org, params) => ({
    command: "rule.remove",
    input: { org, share: p(params, "share"), rule: p(params, "rule") },
  })),
];
