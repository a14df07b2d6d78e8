import { expect, test } from "vitest";
import { createSkein, localBus, memoryStore } from "../../src/index.ts";
import type { LiveBus } from "../../src/index.ts";

interface Counted {
  readonly bus: LiveBus;
  readonly calls: string[];
}

function counted(): Counted {
  const bus = localBus();
  const calls: string[] = [];
  return {
    calls,
    bus: {
      ...bus,
      open: async () => {
        calls.push("open");
        await bus.open();
      },
      close: async () => {
        calls.push("close");
        await bus.close();
      },
    },
  };
}

test("of two buses for one open store the first is used, and no bus is left open", async () => {
  const [first, second] = [counted(), counted()];
  const store = memoryStore();
  const one = createSkein({ store, bus: first.bus, worker: false });
  const other = createSkein({ store, bus: second.bus, worker: false });
  await one.open();
  await other.open();
  expect(new Set(first.calls)).toEqual(new Set(["open"]));
  expect(second.calls).not.toContain("open");
  await one.close();
  await other.close();
  expect(first.calls).toContain("close");
  expect(second.calls).toContain("close");
});
