import type { z } from "zod";
import type { Edit } from "../../../commands/index.ts";
import { BODY_MAX } from "../../body.ts";

/** The parts of a path, by name; `org` is a number. */
export type Params = Readonly<Record<string, string>>;

/** A route that makes one edit. */
export interface EditRoute {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body: z.ZodType;
  readonly max: number;
  /** It may change another tree than that of its path, so no batch takes it. */
  readonly alone?: true;
  readonly edit: (org: number, params: Params, body: never) => Edit;
}

type Method = EditRoute["method"];

export function route<S extends z.ZodType>(
  method: Method,
  path: string,
  body: S,
  edit: (org: number, params: Params, body: z.output<S>) => Edit,
  max = BODY_MAX,
): EditRoute {
  return { method, path: `/v1/orgs/:org${path}`, body, max, edit };
}

/** A part of the path. */
export const p = (params: Params, name: string): string => params[name] ?? "";
export const ofResource = (org: number, params: Params) => ({
  org,
  type: p(params, "type"),
  id: p(params, "id"),
});
