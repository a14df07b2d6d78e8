import { afterAll, beforeAll, expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import { createClient } from "../../src/client/client.ts";
import type { SkeinClient } from "../../src/client/client.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import type { WireRunEvent } from "../../src/protocol/run.ts";
import { startServer } from "../http/server.ts";
import type { TestServer } from "../http/server.ts";

const payCall = { toolCall: { name: "pay", input: { sum: 3 } } };
const pay = tool({
  name: "pay",
  description: "Pays.",
  input: { type: "object" },
  approval: "always",
  execute: () => "paid",
});

let server: TestServer;
let client: SkeinClient;

beforeAll(async () => {
  server = await startServer({
    agents: [
      {
        name: "payer",
        tools: [pay],
        model: scriptedModel([[payCall], "It is paid.", "Hello again."]),
      },
    ],
  });
  client = createClient(server.url, { userId: "alice" });
});

afterAll(() => server.close());

test("a conversation with an approval is held through the client", async () => {
  const { id } = await client.createThread({ agent_id: "payer", title: "Bills" });
  const posted = await client.send(id, "Pay the bill.");
  const runId = posted.run?.id ?? "";
  const events: WireRunEvent[] = [];
  const streaming = (async () => {
    for await (const event of client.streamRun(id, runId)) events.push(event);
  })();
  let [item] = (await client.inbox()).items;
  while (item === undefined) [item] = (await client.inbox()).items;
  expect(item).toMatchObject({ thread_id: id, run_id: runId, action: { name: "pay" } });
  await client.decide(id, runId, [{ action_id: item.action.id, decision: "approve" }]);
  await streaming;
  const texts = events.flatMap((event) => (event.type === "delta" ? [event.text] : []));
  expect(texts.join("")).toContain("It is paid.");
  expect(events.at(-1)).toMatchObject({ type: "end", run: { status: "completed" } });
  expect((await client.steps(id, runId)).map(({ kind }) => kind)).toEqual([
    "model",
    "tool",
    "model",
  ]);
  const answer = await client.send(id, { message: "Hi", wait: true });
  expect(answer.reply?.text).toBe("Hello again.");
  expect((await client.messages(id)).map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "assistant",
    "user",
    "assistant",
  ]);
});

test("lists go on where a page ended, and entries come once and in order", async () => {
  const ids = [];
  for (const n of [1, 2, 3])
    ids.push((await client.createThread({ title: `Page ${n}`, tags: ["paged"] })).id);
  const first = await client.listThreads({ tag: "paged", limit: 2 });
  const second = await client.listThreads({ tag: "paged", limit: 2, cursor: first.cursor });
  expect([...first.items, ...second.items].map(({ id }) => id).sort()).toEqual(ids.sort());
  expect(second.cursor).toBeUndefined();

  const [id = ""] = ids;
  const stop = new AbortController();
  const versions: number[] = [];
  const following = (async () => {
    for await (const entry of client.entries(id, { after: 0, signal: stop.signal })) {
      versions.push(entry.version);
      if (entry.version === 3) stop.abort();
    }
  })();
  await client.patchState(id, { seats: 2 }, { expected_state: 0 });
  await client.updateThread(id, { title: "Renamed" });
  await following;
  expect(versions).toEqual([1, 2, 3]);
});

test("a refusal is thrown with the server's code and field; so is a server that is not there", async () => {
  await expect(client.getThread("nobody")).rejects.toMatchObject({ code: "thread_not_found" });
  const { id } = await client.createThread();
  await expect(client.patchState(id, {}, { expected_state: 7 })).rejects.toMatchObject({
    code: "version_conflict",
    field: "expected_state",
  });
  const repeated = { idempotencyKey: "k1" };
  const one = await client.send(id, { message: "once", run: false }, repeated);
  const two = await client.send(id, { message: "once", run: false }, repeated);
  expect(two.message.id).toBe(one.message.id);
  const nobody = createClient("http://127.0.0.1:9");
  await expect(nobody.getThread("x")).rejects.toMatchObject({ code: "store_unavailable" });
  await expect(createClient(server.url, { userId: "bob" }).getThread(id)).rejects.toMatchObject({
    code: "thread_not_found",
  });
});
