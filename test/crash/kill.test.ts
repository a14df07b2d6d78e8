import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CRASH_POINTS } from "../../src/agents/crash-point.ts";
import { startStubModel } from "../../src/testing/index.ts";
import type { StubModel } from "../../src/testing/index.ts";
import { sqliteStore } from "../../src/index.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { killRound } from "./round.ts";
import type { KilledStore } from "./round.ts";

// `npm test` passes every point once and kills four times at any moment; `npm run test:crash` goes on to 200.
const ROUNDS = Number(process.env["SKEIN_CRASH_ROUNDS"] ?? 24);

const kills: readonly (string | number)[] = Array.from({ length: ROUNDS }, (_, round) => {
  const point = CRASH_POINTS[round % (CRASH_POINTS.length + 4)];
  const lap = Math.floor(round / (CRASH_POINTS.length + 4)) + 1;
  return point === undefined ? 40 + ((round * 137) % 900) : `${point}#${lap}`;
});

let model: StubModel;
beforeAll(async () => {
  model = await startStubModel();
});
afterAll(async () => {
  await model.close();
});

const stores: Readonly<Record<string, KilledStore>> = {
  SQLite: {
    address: "sqlite:./.skein/skein.db",
    open: (directory) => sqliteStore({ path: join(directory, ".skein/skein.db") }),
  },
  files: {
    address: "file:./.skein/threads",
    open: (directory) => fileStore({ path: join(directory, ".skein/threads") }),
  },
};

describe.concurrent.each(Object.entries(stores))(
  "a server on %s that is killed with SIGKILL and started again",
  { timeout: 60_000 },
  (_name, store) => {
    test.each(kills)("loses nothing when it dies at %s", async (at) => {
      const round = await killRound({ at, modelUrl: model.url, store });
      expect(round.problems).toEqual([]);
      expect(round.wasKilled).toBe(true);
      // Three come after the restart; how many came before depends on where it died.
      expect(round.acknowledged).toBeGreaterThanOrEqual(3);
    });
  },
);
