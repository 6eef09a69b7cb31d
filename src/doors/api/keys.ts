import { createHmac } from "node:crypto";
import type { Hono } from "hono";
import { nanoid } from "nanoid";
import { sha256 } from "../../kit/hash.ts";
import { isRefusal } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import { keyMade } from "./answers.ts";
import { on } from "./describe.ts";
import { locate, performOne, requestName, WRITTEN, type Located } from "./index.ts";
import * as form from "./schemas.ts";

const SECRET_CHARS = 43;

/**
 * The secret of a token that is answered once, and of which only the hash is kept. A repeated
 * request must be answered alike without the token having been stored, so its secret is derived
 * from the request.
 */
export function newSecret(c: Ctx, ports: Ports, asked: Located, purpose: string): string {
  const repeated = c.req.header("idempotency-key");
  return repeated === undefined
    ? nanoid(SECRET_CHARS)
    : createHmac("sha256", ports.rootKey)
        .update(`${purpose} ${asked.org} ${requestName(asked.credentials, asked.tree, repeated)}`)
        .digest("base64url");
}

/** Making a key. */
export function keyRoutes(app: Hono, ports: Ports): void {
  const create = {
    says: "Make a key; its token is answered once",
    body: form.createKey,
    answers: { 201: keyMade },
    under: WRITTEN,
  } as const;
  on(app, "POST", "/v1/orgs/:org/keys", create, async (c, body) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const secret = newSecret(c, ports, asked, "key");
    const input = { org: asked.org, ...read.value, hash: sha256(secret) };
    return performOne(c, ports, asked, { command: "key.create", input }, (done, key) => {
      const id = (done.material as { id?: string } | null)?.id ?? "";
      return { ...key, token: `${id.replace(/^key_/, "lk_")}_${secret}` };
    });
  });
}
