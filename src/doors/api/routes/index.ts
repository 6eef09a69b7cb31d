import { collaborationRoutes } from "./collaborations.ts";
import { freezeRoutes } from "./freezes.ts";
import { grantRoutes } from "./grants.ts";
import { issuerRoutes } from "./issuers.ts";
import { keyRoutes } from "./keys.ts";
import { libraryRoutes } from "./libraries.ts";
import { memberRoutes } from "./members.ts";
import { orgRoutes } from "./orgs.ts";
import { receivedShareRoutes } from "./received-shares.ts";
import { resourceRoutes } from "./resources.ts";
import { reviewRoutes } from "./reviews.ts";
import { shareRoutes } from "./shares.ts";
import { teamRoutes } from "./teams.ts";
import { typeRoutes } from "./types.ts";
import { webhookRoutes } from "./webhooks.ts";
import type { EditRoute } from "./route.ts";

/** Every route that makes one edit: the only table of them. Batches are read by the same table. */
export const EDIT_ROUTES: readonly EditRoute[] = [
  ...orgRoutes,
  ...typeRoutes,
  ...resourceRoutes,
  ...memberRoutes,
  ...teamRoutes,
  ...grantRoutes,
  ...shareRoutes,
  ...freezeRoutes,
  ...receivedShareRoutes,
  ...collaborationRoutes,
  ...libraryRoutes,
  ...keyRoutes,
  ...webhookRoutes,
  ...issuerRoutes,
  ...reviewRoutes,
];
