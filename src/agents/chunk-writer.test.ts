import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Chunk } from "../store/chunk.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { newestAttempt } from "./streamed-parts.ts";
import type { Piece } from "./streamed-parts.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const ids = { runId: "r", messageId: "m", attempt: 1 };

function collecting(): { readonly writer: ChunkWriter; readonly batches: (readonly Chunk[])[] } {
  const batches: (readonly Chunk[])[] = [];
  const writer = new ChunkWriter({
    ...ids,
    async write(chunks) {
      batches.push(structuredClone(chunks));
    },
  });
  return { writer, batches };
}

const text = (value: string, part = 0): Piece => ({ part, kind: "text", text: value });

test("small pieces wait for 50 ms and become one chunk", async () => {
  const { writer, batches } = collecting();
  for (const word of ["a ", "b ", "c"]) await writer.add(text(word));
  await vi.advanceTimersByTimeAsync(49);
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(batches).toEqual([[{ ...ids, ...text("a b c"), offset: 0 }]]);
  await writer.add(text("d"));
  await writer.flush();
  expect(batches[1]).toEqual([{ ...ids, ...text("d"), offset: 5 }]);
  expect(vi.getTimerCount()).toBe(0);
});

test("256 characters are written at once", async () => {
  const { writer, batches } = collecting();
  await writer.add(text("x".repeat(256)));
  expect(batches).toHaveLength(1);
});

test("the store is written to by one write at a time", async () => {
  let writing = 0;
  let most = 0;
  const writer = new ChunkWriter({
    ...ids,
    async write() {
      most = Math.max(most, ++writing);
      await new Promise((resolve) => setTimeout(resolve, 100));
      writing -= 1;
    },
  });
  for (let n = 0; n < 10; n++) {
    await writer.add(text("x".repeat(300)));
    await vi.advanceTimersByTimeAsync(30);
  }
  const flushed = writer.flush();
  await vi.runAllTimersAsync();
  await flushed;
  expect(most).toBe(1);
});

test("a failed write is thrown to the one who writes on", async () => {
  const failure = new Error("disk");
  const writer = new ChunkWriter({ ...ids, write: () => Promise.reject(failure) });
  await writer.add(text("x".repeat(300)));
  await vi.runAllTimersAsync();
  await expect(writer.add(text("y"))).rejects.toBe(failure);
  await expect(writer.flush()).rejects.toBe(failure);
});

test("every chunk of a call has its id and name", async () => {
  const { writer, batches } = collecting();
  const call = { part: 0, kind: "tool-input", callId: "c1", name: "clock" } as const;
  await writer.add({ ...call, text: "" });
  await vi.runAllTimersAsync();
  await writer.add({ part: 0, kind: "tool-input", callId: "c1", text: "{}" });
  await writer.flush();
  expect(batches.flat()).toEqual([
    { ...ids, ...call, offset: 0, text: "" },
    { ...ids, ...call, offset: 0, text: "{}" },
  ]);
});

test("chunks joined are the text, with whole characters in every chunk", async () => {
  const piece = fc.record({
    part: fc.nat(2),
    value: fc.oneof(
      fc.string({ unit: "binary", maxLength: 5 }),
      fc.constantFrom("\uD83D", "\uDE00", "\uD83D\uDE00", "\0", "x".repeat(300)),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const { writer, batches } = collecting();
      const wanted = new Map<number, string>();
      for (const { part, value } of pieces) {
        await writer.add(text(value, part));
        wanted.set(part, (wanted.get(part) ?? "") + value);
      }
      await writer.flush();
      const chunks = batches.flat();
      const offsets = new Map<number, number>();
      for (const { part, offset, text: written } of chunks) {
        expect(written.isWellFormed()).toBe(true);
        expect(offset).toBe(offsets.get(part) ?? 0);
        offsets.set(part, offset + written.length);
      }
      const parts = newestAttempt(chunks);
      for (const [part, value] of wanted)
        expect(parts[part]).toEqual({
          type: "text",
          text: value.toWellFormed().replaceAll("\0", "\uFFFD"),
        });
    }),
    { numRuns: 40 },
  );
});
