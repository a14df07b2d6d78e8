import { afterEach, expect, test } from "vitest";
import { cacheKibFor } from "./cache-size.ts";
import { openReader, openWriter } from "./open-connection.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const folder = storeFolder();
const closings: (() => void)[] = [];

afterEach(() => {
  for (const close of closings.splice(0)) close();
});

test("the cache is a thirty-second of the file, between 16 and 128 MB", () => {
  expect(cacheKibFor(0)).toBe(16_000);
  expect(cacheKibFor(1_000_000)).toBe(31_250);
  expect(cacheKibFor(100_000_000)).toBe(128_000);
});

test("a small file is written and read with the least cache", () => {
  const options = { path: folder.file(), synchronous: "NORMAL" } as const;
  for (const open of [openWriter, openReader]) {
    const connection = open(options);
    closings.push(() => connection.close());
    expect(connection.value("PRAGMA cache_size")).toBe(-16_000);
  }
});
