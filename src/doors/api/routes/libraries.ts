import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const libraryRoutes: readonly EditRoute[] = [
  route(
    "PUT",
    "/libraries/:library",
    {
      says: "Say which values a library holds",
      body: form.library,
      shows: "library",
      max: LARGE_BODY_MAX,
    },
    (org, params, body) => ({
      command: "library.put",
      input: { org, library: p(params, "library"), ...body },
    }),
  ),
  route(
    "DELETE",
    "/libraries/:library",
    { says: "Remove a library", body: form.empty, shows: null },
    (org, params) => ({
      command: "library.remove",
      input: { org, library: p(params, "library") },
    }),
  ),
  // The copy is an edit of the org that gets it, and of its tree; a batch is of one tree.
  {
    ...route(
      "POST",
      "/libraries/:library/copy",
      {
        says: "Copy a library, or one value of it, to another org",
        body: form.copyLibrary,
        shows: "library",
      },
      (from, params, body) => {
        const { to, ...how } = body;
        const input = { org: to, from, library: p(params, "library"), ...how };
        return { command: "library.copy", input };
      },
    ),
    alone: true,
  },
];
