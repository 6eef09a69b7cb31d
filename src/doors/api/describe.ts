import type { Context, Env, Handler, Hono } from "hono";
import type { z } from "zod";
import { malformed, type Refusal } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ctx } from "../ports.ts";
import { formErrors } from "../problem.ts";

/*
 * What a route says of itself. It stands where the route is made, and the document of the API is read
 * off the routes that there are: neither can lack what the other has.
 */

export interface Operation<S extends z.ZodType = z.ZodType> {
  /** What it does, as a reader looks for it. */
  readonly says: string;
  /** The form of a JSON body. */
  readonly body?: S;
  /** How many bytes a body may have. */
  readonly max?: number;
  /** The rows of a body that is none of JSON: an import. */
  readonly rows?: z.ZodType;
  readonly query?: z.ZodObject;
  /** What is answered, by status; `null` where nothing is said. */
  readonly answers: Readonly<Partial<Record<200 | 201 | 202 | 204, z.ZodType | null>>>;
  /** Media types in which the same is answered, besides JSON. */
  readonly also?: readonly string[];
  /** The media type of the answer, where it is not JSON. */
  readonly type?: string;
  /** Anybody may ask. */
  readonly open?: true;
  /** Conditions under which a write may come, and what a read may be held to. */
  readonly under?: readonly ("If-Match" | "If-Preview" | "Idempotency-Key" | "Access-Revision")[];
}

const OPERATIONS = new WeakMap<object, Operation>();

/** What the handler of a route says of itself. */
export const operationOf = (handler: object): Operation | undefined => OPERATIONS.get(handler);

/** Has handlers say of themselves what an operation says. */
export const describing =
  (operation: Operation) =>
  <H extends object>(handler: H): H => {
    OPERATIONS.set(handler, operation);
    return handler;
  };

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * Makes a route and says what it does. Its handler is given a reader of the body, in the form that
 * the route says.
 */
export function on<P extends string, S extends z.ZodType = z.ZodType>(
  app: Hono,
  method: Method,
  path: P,
  operation: Operation<S>,
  answer: (
    c: Context<Env, P>,
    body: () => Promise<{ ok: true; value: z.output<S> } | Refusal>,
  ) => Promise<Response> | Response,
): void {
  const { body, max } = operation;
  const handler: Handler<Env, P> = (c) =>
    answer(c, () =>
      body ? bodyIn(c as Ctx, body, max) : Promise.resolve(malformed("No body is read here.")),
    );
  app.on(method, path, describing(operation)(handler));
}

/** What a request says, in the form that it must have. */
async function bodyIn<S extends z.ZodType>(
  c: Ctx,
  schema: S,
  max = BODY_MAX,
): Promise<{ ok: true; value: z.output<S> } | Refusal> {
  const body = await readJson(c, max);
  if (!body.ok) return body;
  const read = schema.safeParse(body.value);
  return read.success ? { ok: true, value: read.data } : formErrors(read.error);
}
