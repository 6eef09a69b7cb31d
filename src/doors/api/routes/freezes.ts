import * as form from "../schemas.ts";
import { route, type EditRoute } from "./route.ts";

export const freezeRoutes: readonly EditRoute[] = [
  route("POST", "/freeze", form.freeze, (org, _, body) => ({
    command: "share.freeze",
    input: { org, ...body },
  })),
  route("POST", "/thaw", form.freeze, (org, _, body) => ({
    command: "share.thaw",
    input: { org, ...body },
  })),
];
