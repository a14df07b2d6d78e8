import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { KILLED_STORES } from "../crash/killed-stores.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { startCluster } from "./cluster.ts";
import { findFakeTime, offsetText } from "./faketime.ts";
import { ask, startFaultModel } from "./fault-model.ts";
import { logOf, scanInvariants } from "./invariants/scan-invariants.ts";
import { createSkein } from "../../src/index.ts";
import { talkTo } from "./talk.ts";

const HOUR = 3_600;
const fakeTime = await findFakeTime();

await describeServer("postgres", "workers whose clocks are an hour wrong, on PostgreSQL", () => {
  test(
    "steal no run, wake and expire none too early or too late, also when a clock is set back",
    { timeout: 120_000 },
    async ({ skip }) => {
      if (typeof fakeTime === "string") return skip(fakeTime);
      await using model = await disposable(startFaultModel());
      const { address, open } = KILLED_STORES.postgres;
      const store = await address();
      await using cluster = await startCluster({ store, modelUrl: model.url, nodes: ["web"] });
      const files = ["ahead", "behind"].map((name) => join(cluster.directory, name));
      const set = (index: number, seconds: number): void =>
        writeFileSync(files[index] ?? "", offsetText(seconds));
      for (const [index, file] of files.entries()) {
        set(index, index === 0 ? HOUR : -HOUR);
        await cluster.add("worker", { env: fakeTime(file) });
      }
      const wrongBy = files.map((file) => {
        const { stdout } = spawnSync(process.execPath, ["-p", "Date.now()"], {
          env: fakeTime(file),
        });
        return Math.round((Number(stdout) - Date.now()) / HOUR / 1_000);
      });
      expect(wrongBy).toEqual([1, -1]);
      const talk = talkTo(cluster);
      const long = await Promise.all([1, 2, 3, 4].map(() => talk.begin()));
      for (const [n, id] of long.entries())
        await talk.say(id, `long-${n}`, ask.talk(`long-${n}`, 80, 50));
      // Asks a person, and would expire within half an hour.
      const asking = await talk.begin();
      const waiting = await talk.say(asking, "waits", ask.call("waits", "approved"), {
        expiresInMs: HOUR * 500,
      });
      const functions = await talk.begin("order");
      const order = await talk.say(functions, "order", "order");
      await sleep(1_500);
      // The clock that was ahead is put back in the middle of what it does, and the other one forward.
      set(0, -HOUR);
      set(1, HOUR);
      await sleep(2_500);
      const run = await cluster.call(`/api/v1/threads/${asking}/runs/${waiting.runId}`);
      expect(run).toMatchObject({ status: "requires_action" });
      await talk.pay(order, 1);
      await talk.untilIdle();
      const opened = open(store, cluster.directory);
      const skein = createSkein({ store: opened, worker: false });
      const { accepted, threadIds } = talk;
      const { ledger } = cluster;
      expect(
        await scanInvariants({ store: opened, ledger, accepted, threadIds, isQuiet: true }),
      ).toEqual([]);
      for (const id of long) {
        const claims = (await logOf(skein, id)).filter(
          ({ op, data }) => op === "run.update" && data.event === "claim",
        );
        expect(claims).toHaveLength(1);
      }
      await skein.close();
    },
  );
});

async function disposable<T extends { close(): Promise<void> }>(
  opening: Promise<T>,
): Promise<T & AsyncDisposable> {
  const opened = await opening;
  return Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() });
}
