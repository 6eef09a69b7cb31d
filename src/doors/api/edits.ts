import { z } from "zod";
import type { Edit } from "../../commands/index.ts";
import { malformed, NOT_FOUND, type Refusal } from "../../refusals.ts";
import { BODY_MAX, LARGE_BODY_MAX } from "../body.ts";
import { formErrors } from "../problem.ts";
import * as form from "./schemas.ts";

/** The parts of a path, by name; `org` is a number. */
export type Params = Readonly<Record<string, string>>;

/** A route that makes one edit: the only table of them. Batches are read by the same table. */
export interface EditRoute {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body: z.ZodType;
  readonly max: number;
  readonly edit: (org: number, params: Params, body: never) => Edit;
}

type Method = EditRoute["method"];

function route<S extends z.ZodType>(
  method: Method,
  path: string,
  body: S,
  edit: (org: number, params: Params, body: z.output<S>) => Edit,
  max = BODY_MAX,
): EditRoute {
  return { method, path: `/v1/orgs/:org${path}`, body, max, edit };
}

const p = (params: Params, name: string): string => params[name] ?? "";
const ofResource = (org: number, params: Params) => ({
  org,
  type: p(params, "type"),
  id: p(params, "id"),
});

export const EDIT_ROUTES: readonly EditRoute[] = [
  route("PATCH", "", form.updateOrg, (org, _, body) => ({
    command: "org.update",
    input: { org, ...body },
  })),

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

  route(
    "POST",
    "/members",
    form.inviteMember,
    (org, _, body) => ({ command: "member.invite", input: { org, ...body } }),
    LARGE_BODY_MAX,
  ),
  route("PATCH", "/members/:member", form.updateMember, (org, params, body) => ({
    command: "member.update",
    input: { org, member: p(params, "member"), ...body },
  })),
  route("DELETE", "/members/:member", form.empty, (org, params) => ({
    command: "member.remove",
    input: { org, member: p(params, "member") },
  })),
  route("POST", "/members/:member/resend", form.empty, (org, params) => ({
    command: "member.resend",
    input: { org, member: p(params, "member") },
  })),
  route(
    "POST",
    "/members/:member/grants",
    form.memberGrant,
    (org, params, body) => ({
      command: "grant.add",
      input: { org, addressed: true, to: { member: p(params, "member") }, ...body },
    }),
    LARGE_BODY_MAX,
  ),

  route(
    "POST",
    "/grants",
    form.addGrant,
    (org, _, body) => ({ command: "grant.add", input: { org, ...body } }),
    LARGE_BODY_MAX,
  ),
  route(
    "PATCH",
    "/grants/:grant",
    form.changeTerms,
    (org, params, body) => ({
      command: "grant.change",
      input: { org, grant: p(params, "grant"), ...body },
    }),
    LARGE_BODY_MAX,
  ),
  route("DELETE", "/grants/:grant", form.empty, (org, params) => ({
    command: "grant.remove",
    input: { org, grant: p(params, "grant") },
  })),

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
  route("DELETE", "/shares/:share", form.empty, (org, params) => ({
    command: "share.remove",
    input: { org, share: p(params, "share") },
  })),

  route("POST", "/received-shares/:share/accept", form.empty, (org, params) => ({
    command: "received.accept",
    input: { org, share: p(params, "share") },
  })),
  route("POST", "/received-shares/:share/decline", form.empty, (org, params) => ({
    command: "received.decline",
    input: { org, share: p(params, "share") },
  })),
  route(
    "POST",
    "/received-shares/:share/rules",
    form.addRule,
    (org, params, body) => ({
      command: "rule.add",
      input: { org, share: p(params, "share"), ...body },
    }),
    LARGE_BODY_MAX,
  ),
  route(
    "PATCH",
    "/received-shares/:share/rules/:rule",
    form.changeTerms,
    (org, params, body) => ({
      command: "rule.change",
      input: { org, share: p(params, "share"), rule: p(params, "rule"), ...body },
    }),
    LARGE_BODY_MAX,
  ),
  route("DELETE", "/received-shares/:share/rules/:rule", form.empty, (org, params) => ({
    command: "rule.remove",
    input: { org, share: p(params, "share"), rule: p(params, "rule") },
  })),

  route("DELETE", "/keys/:key", form.empty, (org, params) => ({
    command: "key.delete",
    input: { org, key: p(params, "key") },
  })),
];

export const readOrg = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;

/** The edit that a request asks for, or what is wrong with its form. */
export function editOf(entry: EditRoute, params: Params, body: unknown): Edit | Refusal {
  const org = readOrg(params["org"]);
  if (org === undefined) return NOT_FOUND;
  if (entry.path.includes("/:type/")) {
    const type = form.typeName.safeParse(params["type"]);
    if (!type.success || !form.resourceId.safeParse(params["id"]).success)
      return malformed("No type and id of a resource.");
  }
  const read = entry.body.safeParse(body);
  return read.success ? entry.edit(org, params, read.data as never) : formErrors(read.error);
}

const patterns = EDIT_ROUTES.map((entry) => ({
  entry,
  pattern: new URLPattern({ pathname: entry.path }),
}));

/** The edit of one item of a batch: a request of the table above, by method and path. */
export function editOfItem(item: { method: string; path: string; body?: unknown }): Edit | Refusal {
  for (const { entry, pattern } of patterns) {
    if (entry.method !== item.method) continue;
    const groups = pattern.exec({ pathname: item.path })?.pathname.groups;
    if (!groups) continue;
    const params: Record<string, string> = {};
    for (const [name, value] of Object.entries(groups)) {
      const decoded = decode(value ?? "");
      if (decoded === undefined) return malformed("The path is malformed.");
      params[name] = decoded;
    }
    return editOf(entry, params, item.body);
  }
  return malformed(`A batch knows no ${item.method} ${item.path}.`);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
