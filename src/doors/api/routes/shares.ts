import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const shareRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/shares",
    {
      says: "Share with a person or an organisation",
      body: form.offerShare,
      shows: "share",
      max: LARGE_BODY_MAX,
    },
    (org, _, body) => ({ command: "share.offer", input: { org, ...body } }),
  ),
  route(
    "PATCH",
    "/shares/:share",
    {
      says: "Change the terms of a share",
      body: form.changeShare,
      shows: "share",
      max: LARGE_BODY_MAX,
    },
    (org, params, body) => ({
      command: "share.change",
      input: { org, share: p(params, "share"), ...body },
    }),
  ),
  route(
    "POST",
    "/shares/:share/resend",
    { says: "Send an offer again", body: form.empty, shows: "share" },
    (org, params) => ({
      command: "share.resend",
      input: { org, share: p(params, "share") },
    }),
  ),
  route(
    "DELETE",
    "/shares/:share",
    { says: "Remove a share", body: form.empty, shows: null },
    (org, params) => ({
      command: "share.remove",
      input: { org, share: p(params, "share") },
    }),
  ),
];
