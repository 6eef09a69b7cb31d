import type { Hono } from "hono";
import { isRefusal } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { wrongAddress } from "./addresses.ts";
import { locate, performOne } from "./index.ts";
import * as form from "./schemas.ts";

const AT = "/v1/orgs/:org/issuers";

/** Issuers whose tokens an org takes; where their keys lie must lead out, and not back in. */
export function issuerRoutes(app: Hono, ports: Ports): void {
  app.post(AT, async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.createIssuer.safeParse(body.value);
    if (!read.success) return problem(c, formErrors(read.error));
    const { issuer } = read.data;
    const jwksUrl = read.data.jwksUrl ?? `${issuer.replace(/\/$/, "")}/.well-known/jwks.json`;
    const wrong = await wrongAddress(ports, asked, jwksUrl, "/jwksUrl");
    if (wrong) return problem(c, wrong);
    const input = { org: asked.org, ...read.data, jwksUrl };
    return performOne(c, ports, asked, { command: "issuer.create", input });
  });
  app.patch(`${AT}/:issuer`, async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.updateIssuer.safeParse(body.value);
    if (!read.success) return problem(c, formErrors(read.error));
    const { jwksUrl } = read.data;
    const wrong =
      jwksUrl === undefined ? null : await wrongAddress(ports, asked, jwksUrl, "/jwksUrl");
    if (wrong) return problem(c, wrong);
    const input = { org: asked.org, issuer: c.req.param("issuer"), ...read.data };
    return performOne(c, ports, asked, { command: "issuer.update", input });
  });
}
