import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const libraryRoutes: readonly EditRoute[] = [
  route(
    "PUT",
    "/libraries/:library",
    form.library,
    (org, params, body) => ({
      command: "library.put",
      input: { org, library: p(params, "library"), ...body },
    }),
    LARGE_BODY_MAX,
  ),
  route("DELETE", "/libraries/:library", form.empty, (org, params) => ({
    command: "library.remove",
    input: { org, library: p(params, "library") },
  })),
  // The copy is an edit of the org that gets it, and of its tree; a batch is of one tree.
  {
    ...route("POST", "/libraries/:library/copy", form.copyLibrary, (from, params, body) => {
      const { to, ...how } = body;
      const input = { org: to, from, library: p(params, "library"), ...how };
      return { command: "library.copy", input };
    }),
    alone: true,
  },
];
