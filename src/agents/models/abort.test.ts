import { expect, test } from "vitest";
import { delay, itemsUntilAborted, untilAborted } from "./abort.ts";

test("work that never ends is left at the abort, and its later failure is nobody's fault", async () => {
  const controller = new AbortController();
  const work = Promise.withResolvers<number>();
  const waiting = untilAborted(work.promise, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: "aborted" });
  work.reject(new Error("too late"));
  await expect(untilAborted(Promise.resolve(1), AbortSignal.abort())).rejects.toMatchObject({
    code: "aborted",
  });
});

test("results and failures pass through", async () => {
  const { signal } = new AbortController();
  await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
  await expect(untilAborted(Promise.reject(new Error("own")), signal)).rejects.toThrow("own");
  await expect(delay(1, signal)).resolves.toBeUndefined();
});

test("a source is closed when its reader leaves or the signal fires, even if it hangs", async () => {
  const closed: string[] = [];
  async function* source(name: string): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
    } finally {
      closed.push(name);
    }
  }
  for await (const _ of itemsUntilAborted(source("left"), new AbortController().signal)) break;
  const controller = new AbortController();
  const read = async (): Promise<void> => {
    for await (const _ of itemsUntilAborted(source("aborted"), controller.signal))
      controller.abort();
  };
  await expect(read()).rejects.toMatchObject({ code: "aborted" });
  expect(closed).toEqual(["left", "aborted"]);

  const stuck = new AbortController();
  const silent = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
  };
  const waiting = itemsUntilAborted(silent, stuck.signal).next();
  stuck.abort();
  await expect(waiting).rejects.toMatchObject({ code: "aborted" });
});
