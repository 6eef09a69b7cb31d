import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const shareRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/shares",
    form.offerShare,
    (org, _, body) => ({ command: "share.offer", input: { org, ...body } }),
    LARGE_BODY_MAX,
  ),
  route(
    "PATCH",
    "/shares/:share",
    form.changeShare,
    (org, params, body) => ({
      command: "share.change",
      input: { org, share: p(params, "share"), ...body },
    }),
    LARGE_BODY_MAX,
  ),
  route("POST", "/shares/:share/resend", form.empty, (org, params) => ({
    command: "share.resend",
    input: { org, share: p(params, "share") },
  })),
  route("DELETE", "/shares/:share", form.empty, (org, params) => ({
    command: "share.remove",
    input: { org, share: p(params, "share") },
  })),
];
