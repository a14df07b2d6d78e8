import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ByteCache } from "./byte-cache.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what is over the bound goes, the longest unused first", () => {
  const cache = new ByteCache<string>(100, 1_000);
  cache.set("g", "a", "A", 40);
  cache.set("g", "b", "B", 40);
  cache.get("a");
  cache.set("g", "c", "C", 40);
  expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual(["A", undefined, "C"]);
  expect(cache.sizeBytes).toBe(80);
});

test("what is larger than the bound is not kept, and drives nothing else out", () => {
  const cache = new ByteCache<string>(100, 1_000);
  cache.set("g", "a", "A", 40);
  cache.set("g", "b", "old", 40);
  cache.set("g", "b", "B", 101);
  expect([cache.get("a"), cache.get("b"), cache.sizeBytes]).toEqual(["A", undefined, 40]);
});

test("a use begins the time anew", () => {
  const cache = new ByteCache<string>(100, 1_000);
  cache.set("g", "a", "A", 10);
  cache.set("g", "b", "B", 10);
  vi.advanceTimersByTime(900);
  expect(cache.get("a")).toBe("A");
  vi.advanceTimersByTime(900);
  expect(cache.get("b")).toBeUndefined();
  expect(cache.get("a")).toBe("A");
  vi.advanceTimersByTime(1_001);
  expect(cache.get("a")).toBeUndefined();
  expect(cache.sizeBytes).toBe(0);
});

test("a group goes together", () => {
  const cache = new ByteCache<string>(100, 1_000);
  cache.set("g", "a", "A", 10);
  cache.set("h", "b", "B", 10);
  cache.set("g", "c", "C", 10);
  cache.deleteGroup("g");
  expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual([undefined, "B", undefined]);
  cache.clear();
  expect(cache.sizeBytes).toBe(0);
});
