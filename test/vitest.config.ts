import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { Response } from "miniflare";
import { defineConfig } from "vitest/config";
import { layOutAssets } from "../src/local/assets.ts";

layOutAssets();

const root = `${import.meta.dirname}/..`;

/** Files from outside, by name: inside workerd none can be read. None where there is no such folder. */
function filesOf(folder: string): Record<string, unknown> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return Object.fromEntries(
    names
      .filter((name) => name.endsWith(".json"))
      .map((name) => [name, JSON.parse(readFileSync(`${folder}/${name}`, "utf8"))]),
  );
}

/** The Worker under test, as its neighbours name it. */
const TESTED = "vitest-plugin-runner-workerd";

/** Another Worker, which is bound to the first org and asks without HTTP. */
const PORTAL = {
  name: "portal",
  modules: true,
  compatibilityDate: "2026-10-23",
  script: `export default { async fetch(request, { BOUND, UNBOUND }) {
    const { bound, method, args } = await request.json();
    return Response.json(await (bound ? BOUND : UNBOUND)[method](...args));
  } }`,
  serviceBindings: {
    BOUND: { name: TESTED, entrypoint: "Latchkey", props: { org: 1, name: "portal" } },
    UNBOUND: { name: TESTED, entrypoint: "Latchkey" },
  },
};

/** The model in plain Node, the rest inside workerd, the server over HTTP. */
export default defineConfig({
  test: {
    projects: [
      {
        root,
        test: {
          name: "model",
          environment: "node",
          include: [
            "test/access/**/*.test.ts",
            "test/scenarios/**/*.test.ts",
            "test/house/**/*.test.ts",
          ],
        },
      },
      {
        root,
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: `${root}/wrangler.toml` },
            miniflare: {
              // Nothing leaves: whoever is called from inside is unavailable.
              outboundService: () => new Response(null, { status: 503 }),
              serviceBindings: { PORTAL: "portal" },
              workers: [PORTAL],
              bindings: {
                ...(process.env["REQUESTS"] ? { REQUESTS: process.env["REQUESTS"] } : {}),
                LATCHKEY_ROOT_KEY: "root",
                ...(process.env["SEED"] ? { SEED: process.env["SEED"] } : {}),
                LOCAL_ADDRESSES: "1",
                ORIGIN: "http://latchkey.test",
                TEST_MIGRATIONS: await readD1Migrations(`${root}/migrations`),
              },
            },
          })),
        ],
        test: {
          name: "workerd",
          include: ["test/{doors,objects,store,sim,client}/**/*.test.ts"],
          setupFiles: [`${root}/test/support/migrate.ts`],
          testTimeout: 60_000,
          provide: {
            todo: filesOf(`${root}/../shared/authzen/todo`),
            search: Object.fromEntries(
              ["data", "subject", "resource", "action"].map((part) => [
                part,
                filesOf(`${root}/../shared/authzen/search/${part}`),
              ]),
            ),
          },
        },
      },
      {
        root,
        test: {
          name: "server",
          environment: "node",
          include: ["test/server/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
