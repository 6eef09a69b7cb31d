import * as form from "../schemas.ts";
import { p, route, type EditRoute } from "./route.ts";

export const reviewRoutes: readonly EditRoute[] = [
  route(
    "POST",
    "/reviews",
    { says: "Start an access review", body: form.startReview, shows: "review" },
    (org, _, body) => ({ command: "review.start", input: { org, ...body } }),
  ),
  route(
    "PUT",
    "/reviews/:review/items/:item",
    { says: "Keep or end an access", body: form.decideReview, shows: "review" },
    (org, params, body) => ({
      command: "review.decide",
      input: { org, review: p(params, "review"), item: p(params, "item"), ...body },
    }),
  ),
  route(
    "POST",
    "/reviews/:review/items/:item/ask",
    { says: "Ask a receiver whether it needs a share", body: form.empty, shows: "review" },
    (org, params) => ({
      command: "review.ask",
      input: { org, review: p(params, "review"), item: p(params, "item") },
    }),
  ),
  route(
    "POST",
    "/reviews/:review/close",
    { says: "Close an access review", body: form.empty, shows: "review" },
    (org, params) => ({ command: "review.close", input: { org, review: p(params, "review") } }),
  ),
];
