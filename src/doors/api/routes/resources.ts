import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { ofResource, p, route, type EditRoute } from "./route.ts";

export const resourceRoutes: readonly EditRoute[] = [
  route("PUT", "/resources/:type/:id", form.resource, (org, params, body) => ({
    command: "resource.put",
    input: { ...ofResource(org, params), ...body },
  })),
  route("PATCH", "/resources/:type/:id", form.resource, (org, params, body) => ({
    command: "resource.patch",
    input: { ...ofResource(org, params), ...body },
  })),
  route("DELETE", "/resources/:type/:id", form.empty, (org, params) => ({
    command: "resource.delete",
    input: ofResource(org, params),
  })),
  // The copy is an edit of the org that gets it, and of its tree.
  route("POST", "/resources/:type/:id/copy", form.copyResource, (org, params, body) => ({
    command: "resource.copy",
    input: {
      org: body.to,
      from: org,
      type: p(params, "type"),
      id: p(params, "id"),
      as: body.id,
      name: body.name,
    },
  })),
  route("POST", "/resources/:type/:id/elevate", form.elevate, (org, params, body) => ({
    command: "resource.elevate",
    input: { ...ofResource(org, params), ...body },
  })),
  route(
    "POST",
    "/recipients",
    form.shareResources,
    (org, _, body) => ({ command: "recipients.add", input: { org, ...body } }),
    LARGE_BODY_MAX,
  ),
  route(
    "PATCH",
    "/resources/:type/:id/recipients/:grant",
    form.changeRecipient,
    (org, params, body) => ({
      command: "recipient.change",
      input: { ...ofResource(org, params), grant: p(params, "grant"), ...body },
    }),
  ),
  route("DELETE", "/resources/:type/:id/recipients/:grant", form.empty, (org, params) => ({
    command: "recipient.remove",
    input: { ...ofResource(org, params), grant: p(params, "grant") },
  })),
  route("DELETE", "/resources/:type/:id/links/:link", form.empty, (org, params) => ({
    command: "link.delete",
    input: { ...ofResource(org, params), link: p(params, "link") },
  })),
];
