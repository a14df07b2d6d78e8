import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agent, createSkein, fromMessageStore, memoryStore } from "skein";
import type { ChatMessage, ChatMessageStore, Skein } from "skein";

type Print = (line: string) => void;

/** Keeps messages as lines of a file. A real one would talk to a database. */
function fileMessageStore(path: string): ChatMessageStore {
  const listMessages = async (): Promise<readonly ChatMessage[]> => {
    const text = await readFile(path, "utf8").catch(() => "");
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  };
  return {
    listMessages,
    async addMessages(messages) {
      const lines = messages.map((message) => `${JSON.stringify(message)}\n`);
      await appendFile(path, lines.join(""), { flush: true });
    },
    serialize: async () => ({ messages: await listMessages() }),
    deserialize: async (state) => ({ listMessages: async () => messagesIn(state) }),
  };
}

function messagesIn(state: unknown): readonly ChatMessage[] {
  return (state as { readonly messages: readonly ChatMessage[] }).messages;
}

const joker = agent({ name: "joker", instructions: "You are good at telling jokes." });

/** A thread whose messages are in a store of one's own: handed on as text, taken over by another such store, twice. */
async function ownStore(folder: string, print: Print): Promise<void> {
  const store = fromMessageStore(fileMessageStore(join(folder, "first.jsonl")));
  await using skein = createSkein({ store, agents: [joker] });
  await skein.respond({ threadId: store.threadId, input: "My name is Alice. Tell me a joke." });
  const state = JSON.stringify(await store.serialize());
  print(`own store: ${messagesIn(JSON.parse(state)).length} messages serialised`);

  const path = join(folder, "second.jsonl");
  const restored = fromMessageStore(fileMessageStore(path));
  await restored.updateFromState(JSON.parse(state));
  await restored.updateFromState(JSON.parse(state));
  await using resumed = createSkein({ store: restored, agents: [joker] });
  await ask(resumed, restored.threadId, print);
  print(`own store: ${(await fileMessageStore(path).listMessages()).length} messages kept`);
}

/** The other way round: any thread is a message store for programs that want one. */
async function threadAsStore(print: Print): Promise<void> {
  await using skein = createSkein({ store: memoryStore(), agents: [joker] });
  const messageStore = skein.messageStore("chat");
  await messageStore.addMessages([
    { id: "q1", role: "user", content: "My name is Alice." },
    { id: "a1", role: "assistant", content: "Ahoy, Alice!", author: "joker" },
  ]);
  const state = JSON.stringify(await messageStore.serialize({ mode: "full" }));

  await using elsewhere = createSkein({ store: memoryStore(), agents: [joker] });
  const restored = await elsewhere.messageStore.restore(JSON.parse(state));
  await restored.updateFromState(JSON.parse(state));
  print(`thread as store: ${(await restored.listMessages()).length} messages restored`);
  await ask(elsewhere, restored.threadId, print);
}

async function ask(skein: Skein, threadId: string, print: Print): Promise<void> {
  const { text } = await skein.respond({ threadId, input: "What's my name?" });
  print(`resumed: ${text}`);
}

export async function main(print: Print = console.log): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "skein-message-store-"));
  await ownStore(folder, print);
  await threadAsStore(print);
  await rm(folder, { recursive: true });
}

if (import.meta.main) await main();
