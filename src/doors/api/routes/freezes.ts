import * as form from "../schemas.ts";
import { route, type EditRoute } from "./route.ts";

export const freezeRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/freeze",
    {
      says: "Suspend what is shared with one partner, or with all",
      body: form.freeze,
      shows: "freezes",
    },
    (org, _, body) => ({
      command: "share.freeze",
      input: { org, ...body },
    }),
  ),
  route(
    "POST",
    "/thaw",
    { says: "Resume what was suspended", body: form.freeze, shows: null },
    (org, _, body) => ({
      command: "share.thaw",
      input: { org, ...body },
    }),
  ),
];
