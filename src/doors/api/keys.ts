import { createHmac } from "node:crypto";
import type { Hono } from "hono";
import { nanoid } from "nanoid";
import { sha256 } from "../../kit/hash.ts";
import { isRefusal } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { locate, performOne, requestName } from "./index.ts";
import * as form from "./schemas.ts";

const SECRET_CHARS = 43;

/**
 * Making a key: its token is answered once and only its hash is kept. A repeated request must be
 * answered alike without the token having been stored, so its secret is derived from the request.
 */
export function keyRoutes(app: Hono, ports: Ports): void {
  app.post("/v1/orgs/:org/keys", async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.createKey.safeParse(body.value ?? {});
    if (!read.success) return problem(c, formErrors(read.error));
    const repeated = c.req.header("idempotency-key");
    const secret =
      repeated === undefined
        ? nanoid(SECRET_CHARS)
        : createHmac("sha256", ports.rootKey)
            .update(`key ${asked.org} ${requestName(asked.credentials, asked.tree, repeated)}`)
            .digest("base64url");
    const input = { org: asked.org, ...read.data, hash: sha256(secret) };
    return performOne(c, ports, asked, { command: "key.create", input }, (done, key) => {
      const id = (done.material as { id?: string } | null)?.id ?? "";
      return { ...key, token: `${id.replace(/^key_/, "lk_")}_${secret}` };
    });
  });
}
