import { defineConfig, type ViteUserConfigFnObject } from "vitest/config";

/** `npm run test:crash` runs with this mode: the same crash tests, more rounds. */
const crashRounds = { SKEIN_CRASH_ROUNDS: "200" };

const config: ViteUserConfigFnObject = defineConfig(({ mode }) => ({
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: mode === "crash" ? 600_000 : 30_000,
    hookTimeout: 30_000,
    env: mode === "crash" ? crashRounds : {},
  },
}));

export default config;
