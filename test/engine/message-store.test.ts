import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { textOf } from "../../src/model/part.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { fromMessageStore } from "../../src/store/repository/from-message-store.ts";
import type {
  ChatMessage,
  ChatMessageStore,
} from "../../src/store/repository/from-message-store.ts";

function engineOver(store = memoryStore()): Engine {
  return createEngine({ store });
}

/** A list, as the simplest of them is; its restoring appends, as everybody's first one does. */
function listStore(kept: ChatMessage[] = []): ChatMessageStore & { readonly kept: ChatMessage[] } {
  return {
    kept,
    listMessages: async () => kept,
    addMessages: async (messages) => void kept.push(...messages),
    serialize: async () => ({ messages: structuredClone(kept) }),
    updateFromState: async (state) => void kept.push(...messagesIn(state)),
  };
}

function messagesIn(state: unknown): readonly ChatMessage[] {
  return (state as { readonly messages: readonly ChatMessage[] }).messages;
}

async function saidIn(engine: Engine, id = "thread"): Promise<readonly string[]> {
  const { messages } = await engine.messages(id);
  return messages.map(({ parts }) => textOf(parts));
}

test("a thread over a message store adds what is said to it, once", async () => {
  const messageStore = listStore();
  const engine = engineOver(fromMessageStore(messageStore));
  await engine.create({ id: "thread", messages: [{ content: "One" }] });
  await engine.append("thread", { messages: [{ role: "assistant", content: "Two" }] });
  await engine.rename("thread", "Numbers");
  expect(messageStore.kept.map(({ role, content }) => [role, content])).toEqual([
    ["user", "One"],
    ["assistant", "Two"],
  ]);
});

test("a thread over a message store goes on after a restart", async () => {
  const { kept } = listStore();
  await engineOver(fromMessageStore(listStore(kept))).create({
    id: "thread",
    messages: [{ content: "One" }],
  });
  const later = engineOver(fromMessageStore(listStore(kept)));
  await later.append("thread", { messages: [{ content: "Two" }] });
  expect(await saidIn(later)).toEqual(["One", "Two"]);
  expect(kept.map(({ content }) => content)).toEqual(["One", "Two"]);
});

test("a message store is restored twice and has nothing twice", async () => {
  const messageStore = listStore();
  const store = fromMessageStore(messageStore);
  const engine = engineOver(store);
  await engine.create({ id: "thread", messages: [{ content: "One" }] });
  const state = await store.serialize();
  await store.updateFromState(state);
  await store.updateFromState(state);
  expect(await saidIn(engine)).toEqual(["One"]);
});

test("a state is merged by message id where the store can read it", async () => {
  const messageStore = listStore([{ id: "a", role: "user", content: "One" }]);
  const store = fromMessageStore({
    ...messageStore,
    deserialize: async (state) => ({ listMessages: async () => messagesIn(state) }),
  });
  const state = {
    messages: [...messageStore.kept, { id: "b", role: "assistant", content: "Two" }],
  };
  await store.updateFromState(state);
  await store.updateFromState(state);
  expect(messageStore.kept.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(await saidIn(engineOver(store))).toEqual(["One", "Two"]);
});

test("a message store that fails to add is told of, and the thread has nothing of it", async () => {
  const broken = { ...listStore(), addMessages: () => Promise.reject(new Error("no disk")) };
  const engine = engineOver(fromMessageStore(broken));
  await expect(engine.create({ id: "thread", messages: [{ content: "One" }] })).rejects.toThrow(
    "no disk",
  );
  await expect(engine.get("thread")).rejects.toMatchObject({ code: "thread_not_found" });
});

test("what takes messages back, and a second thread, are refused over a message store", async () => {
  const messageStore = listStore();
  const engine = engineOver(fromMessageStore(messageStore));
  const { messages } = await engine.create({ id: "thread", messages: [{ content: "One" }] });
  const edited = engine.edit("thread", messages[0]?.id ?? "", { content: "Zero" });
  await expect(edited).rejects.toMatchObject({ code: "unsupported_capability" });
  const other = engine.create({ id: "other", messages: [{ content: "Two" }] });
  await expect(other).rejects.toMatchObject({ code: "unsupported_capability" });
  expect(await saidIn(engine)).toEqual(["One"]);
});

test("a thread is a message store: what is added is listed, what is known is not added", async () => {
  const engine = engineOver();
  const store = engine.messageStore("chat");
  const messages: ChatMessage[] = [
    { id: "a", role: "user", content: "One", author: "alice" },
    { id: "b", role: "assistant", content: "Two", author: "joker" },
  ];
  await store.addMessages(messages);
  await store.addMessages([...messages, { id: "c", role: "user", content: "Three" }]);
  expect(await store.listMessages()).toEqual([
    ...messages,
    { id: "c", role: "user", content: "Three", author: "local" },
  ]);
});

test("a message store of many messages lists all of them, in order", async () => {
  const store = engineOver().messageStore("chat");
  const messages = Array.from({ length: 450 }, (_, index) => ({
    id: `m${index}`,
    role: "user" as const,
    content: `${index}`,
  }));
  await store.addMessages(messages);
  expect((await store.listMessages()).map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
});

test("a message store is restored where it was, and elsewhere, and twice", async () => {
  const [here, there] = [engineOver(), engineOver()];
  const store = here.messageStore("chat");
  await store.addMessages([{ id: "a", role: "user", content: "One" }]);
  const same = await here.messageStore.restore(await store.serialize());
  expect(await same.listMessages()).toEqual(await store.listMessages());
  const state = JSON.parse(JSON.stringify(await store.serialize({ mode: "full" })));
  const other = await there.messageStore.restore(state);
  await other.updateFromState(state);
  expect(await other.listMessages()).toEqual(await store.listMessages());
  await expect(
    here.messageStore("another").updateFromState(await store.serialize()),
  ).rejects.toMatchObject({ code: "id_conflict" });
});
