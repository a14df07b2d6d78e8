import { expect, test } from "vitest";
import { SkeinError } from "../../src/model/error.ts";
import type { ErrorCode } from "../../src/model/error-codes.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { startServer } from "./server.ts";

const SECRET = "/home/someone/private.db";

test.each<readonly [ErrorCode, number, string]>([
  ["internal", 500, "A fault in Skein."],
  ["store_busy", 503, "Another process kept the store locked for too long."],
  ["store_full", 507, "The disk is full."],
  ["store_corrupt", 500, "The store has data that it cannot read."],
])(
  "of %s the client learns the code's meaning, and the log the rest",
  async (code, status, message) => {
    const store = memoryStore();
    await using server = await startServer({ store });
    const trouble = new SkeinError(code, `Cannot read ${SECRET}.`, {
      field: SECRET,
      details: { path: SECRET },
    });
    store.loadThread = () => Promise.reject(trouble);
    const answer = await server.get("/threads/any");
    expect([answer.status, answer.body]).toEqual([status, { error: { code, message } }]);
    expect(answer.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
    expect(server.faults).toEqual([trouble]);
  },
);

test("of an error that was not foreseen the client learns nothing, and the log all", async () => {
  const store = memoryStore();
  await using server = await startServer({ store });
  const trouble = new Error(`EIO: ${SECRET}`);
  store.loadThread = () => Promise.reject(trouble);
  const { status, body } = await server.get("/threads/any");
  expect([status, body]).toEqual([
    500,
    { error: { code: "internal", message: "A fault in Skein." } },
  ]);
  expect(server.faults).toEqual([trouble]);
});
