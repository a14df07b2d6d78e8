import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { connectEvents } from "./event-client.ts";
import { startServer } from "./server.ts";

test("a server tells its readers what another one on the same file writes, text on its way included", async () => {
  const folder = mkdtempSync(join(tmpdir(), "skein-two-"));
  const path = join(folder, "skein.db");
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const model = scriptedModel([
    ["Hello", { wait: gates[0].promise }, " wide", { wait: gates[1].promise }, " world"],
  ]);
  {
    await using writer = await startServer({ store: sqliteStore({ path }), model });
    await using reader = await startServer({ store: sqliteStore({ path }), model, worker: false });
    const { body: thread } = await writer.post("/threads", { title: "Shared" });
    await using feed = await connectEvents(`${reader.url}/api/v1/events`);
    await feed.nextOf("ready");
    await using events = await connectEvents(`${reader.url}/api/v1/threads/${thread.id}/events`);
    await events.nextOf("ready");
    const { body } = await writer.post(`/threads/${thread.id}/messages`, { message: "Go" });
    expect((await events.nextOf("entry")).data.data.message.content).toBe("Go");
    expect((await feed.nextOf("thread")).data.thread_id).toBe(thread.id);
    expect((await events.nextOf("delta")).data).toMatchObject({ offset: 0, text: "Hello" });
    gates[0].resolve();
    expect((await events.nextOf("delta")).data).toMatchObject({ offset: 5, text: " wide" });
    await using late = await connectEvents(`${reader.url}/api/v1/threads/${thread.id}/events`);
    expect((await late.nextOf("snapshot")).data.parts).toMatchObject([{ text: "Hello wide" }]);
    gates[1].resolve();
    let entry = await events.nextOf("entry");
    while (entry.data.op !== "message.commit") entry = await events.nextOf("entry");
    expect(entry.data.data.parts).toEqual([{ type: "text", text: "Hello wide world" }]);
    await reader.skein.waitForRun(thread.id, body.run.id);
    const url = `/threads/${thread.id}/runs/${body.run.id}/stream`;
    const stream = await reader.get(url);
    expect(stream.headers.get("stream-next-offset")).toBe("~");
    expect(stream.headers.get("stream-closed")).toBe("true");
    const deltas = stream.body.filter(({ type }: { type: string }) => type === "delta");
    expect(deltas.map(({ text }: { text: string }) => text).join("")).toBe("Hello wide world");
    expect((await reader.get(`${url}?offset=~`)).body).toEqual([]);
  }
  rmSync(folder, { recursive: true, force: true });
});
