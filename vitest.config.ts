import { join } from "node:path";
import { defineConfig, type ViteUserConfigFnObject } from "vitest/config";

/** `npm run test:crash` runs with this mode: the same crash tests, more rounds. */
const crashRounds = { SKEIN_CRASH_ROUNDS: "200" };

/** `npm run test:files` runs with this one: as many histories of files as a few minutes allow. */
const longHistories = { SKEIN_LONG: "1" };

const config: ViteUserConfigFnObject = defineConfig(({ mode }) => ({
  // Examples import the package by its name; here that is the source, not the build.
  resolve: {
    alias: [
      { find: /^skein$/, replacement: join(import.meta.dirname, "src/index.ts") },
      {
        find: /^skein\/(file|mysql|postgres|redis)$/,
        replacement: join(import.meta.dirname, "src/store/$1/$1-store.ts"),
      },
      { find: /^skein\/testing$/, replacement: join(import.meta.dirname, "src/testing/index.ts") },
    ],
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    globalSetup: ["test/support/servers/global-setup.ts"],
    setupFiles: ["test/support/fast-check.ts"],
    maxWorkers: 2,
    testTimeout: mode === "crash" || mode === "long" ? 1_200_000 : 30_000,
    hookTimeout: 30_000,
    env: mode === "crash" ? crashRounds : mode === "long" ? longHistories : {},
  },
}));

export default config;
