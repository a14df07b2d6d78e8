import { afterAll, beforeAll, describe, test } from "vitest";
import { CRASH_POINTS } from "../../src/agents/crash-point.ts";
import { startStubModel } from "../../src/testing/index.ts";
import type { StubModel } from "../../src/testing/index.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { KILLED_STORES } from "./killed-stores.ts";
import type { StoreName } from "./killed-stores.ts";
import { killRound } from "./round.ts";

// Without it, `npm test` passes every point once on SQLite and kills four times at any moment, and has some of the
// points on every other store. `npm run test:crash` shares 200 rounds out among the stores.
const ALL_ROUNDS = Number(process.env["SKEIN_CRASH_ROUNDS"] ?? 0);
// The name of a store, which then gets all rounds.
const ONLY = process.env["SKEIN_CRASH_STORE"];

if (ONLY !== undefined && !Object.hasOwn(KILLED_STORES, ONLY))
  throw new Error(`SKEIN_CRASH_STORE is one of ${Object.keys(KILLED_STORES).join(", ")}.`);

const LAP = CRASH_POINTS.length + 4;
// Has no factor in common with a lap: a few rounds are spread over it, and a whole lap passes all of it.
const STRIDE = 5;

/** Where to kill in each round; `from` lets stores that have few rounds begin at different points. */
function killsOf(rounds: number, from: number): readonly (string | number)[] {
  return Array.from({ length: rounds }, (_, index) => {
    const lap = Math.floor(index / LAP) + 1;
    const point = CRASH_POINTS[(from + index * STRIDE) % LAP];
    return point === undefined ? 40 + (((from + index) * 137) % 900) : `${point}#${lap}`;
  });
}

function roundsOf(name: StoreName): number {
  const { rounds, share } = KILLED_STORES[name];
  if (ONLY !== undefined) return name === ONLY ? ALL_ROUNDS || rounds : 0;
  return ALL_ROUNDS === 0 ? rounds : Math.round(ALL_ROUNDS * share);
}

let model: StubModel;
beforeAll(async () => {
  model = await startStubModel();
});
afterAll(async () => {
  await model.close();
});

function testKills(name: StoreName): void {
  const store = KILLED_STORES[name];
  const kills = killsOf(roundsOf(name), Object.keys(KILLED_STORES).indexOf(name));
  const shown = kills.length === 0 ? ["no round"] : kills;
  test.concurrent.for(shown)(
    "loses nothing when it dies at %s",
    { timeout: 120_000 },
    async (at, { expect: expectHere, skip }) => {
      if (kills.length === 0) skip(`only ${ONLY} was asked for`);
      const round = await killRound({ at, modelUrl: model.url, store });
      expectHere(round.problems).toEqual([]);
      expectHere(round.wasKilled).toBe(true);
      // Three come after the restart; how many came before depends on where it died.
      expectHere(round.acknowledged).toBeGreaterThanOrEqual(3);
    },
  );
}

describe("a server on SQLite that is killed with SIGKILL and started again", () => {
  testKills("sqlite");
});

describe("a server on SQLite behind a cache that is killed and started again", () => {
  testKills("cached");
});

describe("a server on files that is killed and started again", () => {
  testKills("file");
});

await describeServer("postgres", "a server on PostgreSQL that is killed and started again", () => {
  testKills("postgres");
});

await describeServer("mariadb", "a server on MariaDB that is killed and started again", () => {
  testKills("mariadb");
});

await describeServer("redis", "a server on Redis that is killed and started again", () => {
  testKills("redis");
});
