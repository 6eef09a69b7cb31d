import { LARGE_BODY_MAX } from "../../body.ts";
import * as form from "../schemas.ts";
import { ofResource, p, route, type EditRoute } from "./route.ts";

export const resourceRoutes: readonly EditRoute[] = [
  route(
    "PUT",
    "/resources/:type/:id",
    { says: "Add a resource, or say anew what it is", body: form.resource, shows: "resource" },
    (org, params, body) => ({
      command: "resource.put",
      input: { ...ofResource(org, params), ...body },
    }),
  ),
  route(
    "PATCH",
    "/resources/:type/:id",
    { says: "Change a resource", body: form.resource, shows: "resource" },
    (org, params, body) => ({
      command: "resource.patch",
      input: { ...ofResource(org, params), ...body },
    }),
  ),
  route(
    "DELETE",
    "/resources/:type/:id",
    { says: "Remove a resource", body: form.empty, shows: null },
    (org, params) => ({
      command: "resource.delete",
      input: ofResource(org, params),
    }),
  ),
  // The copy is an edit of the org that gets it, and of its tree.
  route(
    "POST",
    "/resources/:type/:id/copy",
    { says: "Copy a resource into another org", body: form.copyResource, shows: "resource" },
    (org, params, body) => ({
      command: "resource.copy",
      input: {
        org: body.to,
        from: org,
        type: p(params, "type"),
        id: p(params, "id"),
        as: body.id,
        name: body.name,
      },
    }),
  ),
  route(
    "POST",
    "/resources/:type/:id/elevate",
    {
      says: "Take the top role on a resource, in the open",
      body: form.elevate,
      shows: "recipient",
    },
    (org, params, body) => ({
      command: "resource.elevate",
      input: { ...ofResource(org, params), ...body },
    }),
  ),
  route(
    "POST",
    "/recipients",
    {
      says: "Let people and teams in to resources",
      body: form.shareResources,
      shows: "passedOn",
      max: LARGE_BODY_MAX,
    },
    (org, _, body) => ({ command: "recipients.add", input: { org, ...body } }),
  ),
  route(
    "PATCH",
    "/resources/:type/:id/recipients/:grant",
    { says: "Change what a recipient may do", body: form.changeRecipient, shows: "recipient" },
    (org, params, body) => ({
      command: "recipient.change",
      input: { ...ofResource(org, params), grant: p(params, "grant"), ...body },
    }),
  ),
  route(
    "DELETE",
    "/resources/:type/:id/recipients/:grant",
    { says: "Take a resource from a recipient", body: form.empty, shows: null },
    (org, params) => ({
      command: "recipient.remove",
      input: { ...ofResource(org, params), grant: p(params, "grant") },
    }),
  ),
  route(
    "DELETE",
    "/resources/:type/:id/links/:link",
    { says: "Remove a link, and what it gave", body: form.empty, shows: null },
    (org, params) => ({
      command: "link.delete",
      input: { ...ofResource(org, params), link: p(params, "link") },
    }),
  ),
];
