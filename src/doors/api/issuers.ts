import type { Hono } from "hono";
import { isRefusal } from "../../refusals.ts";
import type { Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import { wrongAddress } from "./addresses.ts";
import { SHOWN } from "./shown.ts";
import { on } from "./describe.ts";
import { locate, performOne, WRITTEN } from "./index.ts";
import * as form from "./schemas.ts";

const AT = "/v1/orgs/:org/issuers";

/** Issuers whose tokens an org takes; where their keys lie must lead out, and not back in. */
export function issuerRoutes(app: Hono, ports: Ports): void {
  const create = {
    says: "Trust an issuer of bearer tokens",
    body: form.createIssuer,
    answers: { 201: SHOWN.issuer },
    under: WRITTEN,
  } as const;
  on(app, "POST", AT, create, async (c, body) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const { issuer } = read.value;
    const jwksUrl = read.value.jwksUrl ?? `${issuer.replace(/\/$/, "")}/.well-known/jwks.json`;
    const wrong = await wrongAddress(ports, asked, jwksUrl, "/jwksUrl");
    if (wrong) return problem(c, wrong);
    const input = { org: asked.org, ...read.value, jwksUrl };
    return performOne(c, ports, asked, { command: "issuer.create", input });
  });
  const update = {
    says: "Change how an issuer is trusted",
    body: form.updateIssuer,
    answers: { 200: SHOWN.issuer },
    under: WRITTEN,
  } as const;
  on(app, "PATCH", `${AT}/:issuer`, update, async (c, body) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const { jwksUrl } = read.value;
    const wrong =
      jwksUrl === undefined ? null : await wrongAddress(ports, asked, jwksUrl, "/jwksUrl");
    if (wrong) return problem(c, wrong);
    const input = { org: asked.org, issuer: c.req.param("issuer"), ...read.value };
    return performOne(c, ports, asked, { command: "issuer.update", input });
  });
}
