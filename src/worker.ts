import { Hono } from "hono";
import { api } from "./doors/api/index.ts";
import { authzen } from "./doors/authzen/index.ts";
import type { Ports } from "./doors/ports.ts";
import { problem } from "./doors/problem.ts";
import { logFault } from "./kit/log.ts";
import type { AccessMap, MapEnv } from "./objects/access-map.ts";
import { NOT_FOUND, refuse } from "./refusals.ts";
import {
  allocateOrg,
  findUser,
  platformRoleOf,
  receiverOfShare,
  treeOfOrg,
  treesOfUser,
  usersFor,
} from "./store/outside.ts";

export { AccessMap } from "./objects/access-map.ts";

export interface Env extends MapEnv {
  readonly DB: D1Database;
  readonly ACCESS_MAP: DurableObjectNamespace<AccessMap>;
  /** The platform's key: it may do everything, for anyone. A secret. */
  readonly LATCHKEY_ROOT_KEY: string;
}

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

/** The trees of orgs never change, so what was found once is kept; what was not found is not. */
const trees = new Map<number, number>();
const TREES_MAX = 50_000;

function portsOf(env: Env): Ports {
  return {
    rootKey: env.LATCHKEY_ROOT_KEY,
    object: (tree) => env.ACCESS_MAP.getByName(String(tree)),
    async treeOf(org) {
      const known = trees.get(org);
      if (known !== undefined) return known;
      const found = await treeOfOrg(env.DB, org);
      if (found !== undefined && trees.size < TREES_MAX) trees.set(org, found);
      return found;
    },
    allocateOrg: (tree, request) => allocateOrg(env.DB, tree, request, Date.now()),
    async person(alias) {
      if (!alias.includes("@")) return (await findUser(env.DB, alias)) ?? null;
      const email = alias.toLowerCase();
      if (!EMAIL.test(email)) return null;
      const id = (await usersFor(env.DB, [email], Date.now()))[email];
      return id === undefined ? null : { id, email };
    },
    platformRole: (user) => platformRoleOf(env.DB, user),
    treesOf: (user) => treesOfUser(env.DB, user),
    receiverOf: (share) => receiverOfShare(env.DB, share),
    async healthy() {
      return (await env.DB.prepare(`select count(*) as n from trees`).first()) !== null;
    },
  };
}

function finish(app: Hono): Hono {
  app.notFound((c) => problem(c, NOT_FOUND));
  app.onError((error, c) => {
    logFault(`${c.req.method} ${new URL(c.req.url).pathname}`, error);
    return problem(c, {
      ok: false,
      code: "unavailable",
      status: 500,
      detail: "Something failed here; it has been noted.",
    });
  });
  return app;
}

function mount(env: Env): Doors {
  const ports = portsOf(env);
  const rest = new Hono();
  rest.get("/healthz", async (c) => {
    const healthy = await ports.healthy().catch(() => false);
    return healthy
      ? c.json({ status: "ok" })
      : problem(c, refuse("unavailable", "The record does not answer."));
  });
  rest.route("/", api(ports));
  return { env, checks: finish(authzen(ports)), rest: finish(rest) };
}

/** The door of checks stands apart from the others: it is the busiest, and its few routes match fast. */
interface Doors {
  readonly env: Env;
  readonly checks: Hono;
  readonly rest: Hono;
}

const OF_CHECKS = /^https?:\/\/[^/]+\/(?:orgs\/[^/]+\/)?(?:access\/v1\/|\.well-known\/)/;

let doors: Doors | undefined;

export default {
  async fetch(request, env, ctx) {
    if (doors?.env !== env) doors = mount(env);
    const door = OF_CHECKS.test(request.url) ? doors.checks : doors.rest;
    const response = await door.fetch(request, env, ctx);
    const requestId = request.headers.get("x-request-id");
    if (requestId !== null) response.headers.set("x-request-id", requestId);
    return response;
  },
} satisfies ExportedHandler<Env>;
