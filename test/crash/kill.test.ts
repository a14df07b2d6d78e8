import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CRASH_POINTS } from "../../src/agents/crash-point.ts";
import { startStubModel } from "../../src/testing/index.ts";
import type { StubModel } from "../../src/testing/index.ts";
import { killRound } from "./round.ts";

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

describe.concurrent(
  "a server that is killed with SIGKILL and started again",
  { timeout: 60_000 },
  () => {
    test.each(kills)("loses nothing when it dies at %s", async (at) => {
      const { wasKilled, acknowledged, problems } = await killRound({ at, modelUrl: model.url });
      expect(problems).toEqual([]);
      expect(wasKilled).toBe(true);
      // Three come after the restart; how many came before depends on where it died.
      expect(acknowledged).toBeGreaterThanOrEqual(3);
    });
  },
);
