import type { z } from "zod";
import type { Edit } from "../../../commands/index.ts";
import type { ReadName } from "../../../commands/reads.ts";
import { BODY_MAX } from "../../body.ts";

/** The parts of a path, by name; `org` is a number. */
export type Params = Readonly<Record<string, string>>;

/** A route that makes one edit. */
export interface EditRoute {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** What it does, as a reader looks for it. */
  readonly says: string;
  readonly body: z.ZodType;
  readonly max: number;
  /** The reading that the answer shows; some edits leave nothing to show. */
  readonly shows: ReadName | null;
  /** It may change another tree than that of its path, so no batch takes it. */
  readonly alone?: true;
  readonly edit: (org: number, params: Params, body: never) => Edit;
}

type Method = EditRoute["method"];

interface Said<S extends z.ZodType> extends Pick<EditRoute, "says" | "shows"> {
  readonly body: S;
  readonly max?: number;
}

export const route = <S extends z.ZodType>(
  method: Method,
  path: string,
  said: Said<S>,
  edit: (org: number, params: Params, body: z.output<S>) => Edit,
): EditRoute => ({ max: BODY_MAX, ...said, method, path: `/v1/orgs/:org${path}`, edit });

/** A part of the path. */
export const p = (params: Params, name: string): string => params[name] ?? "";
export const ofResource = (org: number, params: Params) => ({
  org,
  type: p(params, "type"),
  id: p(params, "id"),
});
