import { expect, test } from "vitest";
import { Pulse } from "./pulse.ts";

function clocked(): { readonly pulse: Pulse; readonly pass: (ms: number) => void } {
  let now = 0;
  const pulse = new Pulse(15_000, () => now);
  return { pulse, pass: (ms) => void (now += ms) };
}

const quiet = async (): Promise<undefined> => undefined;

test("a process that beats in time never lapses", async () => {
  const { pulse, pass } = clocked();
  for (let beats = 0; beats < 5; beats++) {
    pass(5_000);
    await pulse.beat(quiet);
    expect(pulse.lapses).toBe(0);
  }
});

test("a process that was stopped for too long has lapsed once, also after its next beat", async () => {
  const { pulse, pass } = clocked();
  await pulse.beat(quiet);
  pass(15_001);
  expect(pulse.lapses).toBe(1);
  await pulse.beat(quiet);
  expect(pulse.lapses).toBe(1);
  pass(15_001);
  expect(pulse.lapses).toBe(2);
});

test("a beat counts from when it was sent, and only if it arrived", async () => {
  const { pulse, pass } = clocked();
  await pulse.beat(quiet);
  pass(10_000);
  await expect(pulse.beat(async () => Promise.reject(new Error("away")))).rejects.toThrow("away");
  await pulse.beat(async () => {
    pass(4_000);
    return undefined;
  });
  expect(pulse.lapses).toBe(0);
  pass(11_500);
  expect(pulse.lapses).toBe(1);
});

test("the time where beats arrive goes on between them, whatever the way there took", async () => {
  const { pulse, pass } = clocked();
  expect(pulse.now()).toBe(undefined);
  const answer = (ms: number, time: number) => async (): Promise<number> => {
    pass(ms);
    return time;
  };
  await pulse.beat(answer(10, 1_000_005));
  expect(pulse.now()).toBe(1_000_010);
  pass(100);
  expect(pulse.now()).toBe(1_000_110);
  // Within what the way there and back explains.
  await pulse.beat(answer(10, 1_000_119));
  expect(pulse.now()).toBe(1_000_120);
  await pulse.beat(answer(10, 2_000_000));
  expect(pulse.now()).toBe(2_000_005);
});
