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
              bindings: {
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
          include: ["test/{doors,objects,store,sim}/**/*.test.ts"],
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
