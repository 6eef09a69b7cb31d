import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const root = `${import.meta.dirname}/..`;

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
              bindings: {
                LATCHKEY_ROOT_KEY: "root",
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
