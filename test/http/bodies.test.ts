import { connect } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { bodyBudget, readBytes } from "../../src/http/body.ts";
import { ByteBudget } from "../../src/http/byte-budget.ts";
import { startServer } from "./server.ts";
import type { Answer } from "./server.ts";

const WHOLE_BUDGET = 268_435_456;

describe("all bodies together", () => {
  test.each([
    ["small", "Hi"],
    ["large", "x".repeat(100_000)],
  ])("a %s one beyond the budget is told to come back later", async (_name, title) => {
    await using server = await startServer();
    const post = (): Promise<Answer> =>
      server.post("/threads", { initial_message: title, run: false });
    bodyBudget.take(WHOLE_BUDGET - 10);
    try {
      const refused = await post();
      expect([refused.status, refused.body.error.code]).toEqual([503, "overloaded"]);
      expect(refused.headers.get("retry-after")).toBe("1");
      expect((await server.get("/threads")).body).toEqual([]);
    } finally {
      bodyBudget.release(WHOLE_BUDGET - 10);
    }
    expect((await post()).status).toBe(201);
    expect(server.faults).toEqual([]);
  });

  test("a length that is only declared takes no room of a large body", async () => {
    const budget = new ByteBudget(100_000);
    const sending = Promise.withResolvers<void>();
    const slow = new Request("http://localhost", {
      method: "POST",
      headers: { "content-length": "90000" },
      body: new ReadableStream({
        async pull(controller) {
          await sending.promise;
          controller.enqueue(new Uint8Array(90_000));
          controller.close();
        },
      }),
      duplex: "half",
    });
    const first = readBytes(slow, 200_000, budget);
    const second = readBytes(bytesOf(90_000), 200_000, budget);
    expect((await second).byteLength).toBe(90_000);
    sending.resolve();
    expect((await first).byteLength).toBe(90_000);
  });

  test("what was read, refused or broken off leaves the whole budget", async () => {
    const budget = new ByteBudget(1_000);
    await readBytes(bytesOf(1_000), 1_000, budget);
    await expect(readBytes(bytesOf(1_001), 1_001, budget)).rejects.toMatchObject({
      code: "overloaded",
    });
    const broken = new ReadableStream({
      pull: (controller) => controller.error(new Error("gone")),
    });
    const left = new Request("http://localhost", { method: "POST", body: broken, duplex: "half" });
    await expect(readBytes(left, 1_000, budget)).rejects.toMatchObject({ code: "aborted" });
    expect(() => budget.take(1_000)).not.toThrow();
  });
});

test.each([
  ["a declared", "Content-Length: 1000"],
  ["a large", "Content-Length: 1000000"],
  ["a chunked", "Transfer-Encoding: chunked"],
])("a client that leaves within %s body is no fault of the server", async (_name, header) => {
  await using server = await startServer();
  const create = vi.spyOn(server.skein, "create");
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.write(
    `POST /api/v1/threads HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${header}\r\n\r\n${header.startsWith("T") ? "1\r\n{\r\n" : "{"}`,
  );
  await server.get("/health");
  const gone = new Promise((resolve) => socket.on("close", resolve));
  socket.destroy();
  await gone;
  await server.get("/health");
  await server.close();
  expect(server.faults).toEqual([]);
  expect(create).not.toHaveBeenCalled();
});

function bytesOf(count: number): Request {
  return new Request("http://localhost", { method: "POST", body: new Uint8Array(count) });
}
