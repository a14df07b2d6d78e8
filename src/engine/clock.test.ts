import { expect, test } from "vitest";
import { memoryStore } from "../store/memory/memory-store.ts";
import type { Store } from "../store/store.ts";
import { createEngine } from "./create-engine.ts";

const HOUR_MS = 3_600_000;

/** A store on another machine, whose clock is right. */
function storeAt(time: () => number): Store {
  return Object.assign(memoryStore(), { now: time });
}

test("entries have the time of the store, whatever the machine's clock says", async () => {
  let now = Date.now() + HOUR_MS;
  const engine = createEngine({ store: storeAt(() => now) });
  await engine.create({ id: "t" });
  now += 5;
  await engine.rename("t", "Later");
  const log = await engine.log("t");
  expect(log.map(({ at }) => at)).toEqual([now - 5, now]);
});

test("a run expires by the store's clock, and not before", async () => {
  let now = Date.now() - HOUR_MS;
  const engine = createEngine({ store: storeAt(() => now) });
  await engine.create({ id: "t" });
  const messages = [{ content: "Go" }];
  const { run } = await engine.append("t", { messages, run: { expiresInMs: 1_000 } });
  const wake = (): Promise<void> => engine.worker.wake("default", "t", run?.id ?? "");
  now += 999;
  await wake();
  expect(await engine.run("t", run?.id ?? "")).toMatchObject({ status: "queued" });
  now += 1;
  await wake();
  expect(await engine.run("t", run?.id ?? "")).toMatchObject({ status: "expired" });
  await wake();
  expect((await engine.log("t")).filter(({ op }) => op === "run.end")).toHaveLength(1);
});
