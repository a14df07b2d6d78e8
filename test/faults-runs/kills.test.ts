import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StubModel } from "../../src/testing/index.ts";
import { KILLED_STORES } from "../crash/killed-stores.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import type { NodeRole } from "./cluster.ts";
import { startFaultModel } from "./fault-model.ts";
import { soak } from "./soak.ts";

// `npm run test:faults` asks for 60, with `--long` for 1,000; half of them on each store.
const KILLS = Number(process.env["SKEIN_FAULT_KILLS"] ?? 8) / 2;
const SEED = Number(process.env["SKEIN_FAULT_SEED"] ?? 20_261_121);

let model: StubModel;
beforeAll(async () => {
  model = await startFaultModel();
});
afterAll(async () => {
  await model.close();
});

function testKills(name: "sqlite" | "postgres", nodes: readonly NodeRole[]): void {
  test(
    `nothing is lost, done twice or stuck, in ${KILLS} kills`,
    { timeout: 60_000 + KILLS * 20_000 },
    async () => {
      const { address, open } = KILLED_STORES[name];
      const { problems, notes, accepted } = await soak({
        address: await address(),
        open,
        nodes,
        modelUrl: model.url,
        kills: KILLS,
        seed: SEED,
      });
      expect(problems, notes).toEqual([]);
      expect(accepted).toBeGreaterThan(KILLS * 3);
    },
  );
}

describe("two processes on one SQLite file that are killed again and again", () => {
  testKills("sqlite", ["both", "worker"]);
});

await describeServer(
  "postgres",
  "servers and workers on PostgreSQL that are killed again and again",
  () => {
    testKills("postgres", ["web", "both", "worker", "worker"]);
  },
);
