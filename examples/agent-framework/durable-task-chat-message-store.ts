import { agent, createSkein, createWorker, sqliteStore, textOf } from "skein";
import type { Message, Skein, Worker } from "skein";

type Print = (line: string) => void;

const APPENDS_PER_SEGMENT = 20;

/** Keeps a history: what is to be appended comes as events, and is appended in their order, each once. */
const historian = agent({
  name: "historian",
  async handler({ input, waitForEvent, append, setStatus, continueAs }) {
    let kept = typeof input === "number" ? input : 0;
    for (let n = 0; n < APPENDS_PER_SEGMENT; n++) {
      const event = await waitForEvent(`wait-${n}`, "append");
      const message = event === undefined ? undefined : messageIn(event.payload);
      if (message === undefined) return undefined;
      await append(`append-${n}`, message);
      kept += 1;
      await setStatus({ kept });
    }
    return continueAs(kept);
  },
});

interface ChatMessage {
  readonly role: "user" | "assistant";
  readonly content: string;
}

function messageIn(payload: unknown): ChatMessage | undefined {
  if (payload === null || typeof payload !== "object") return undefined;
  const { role, content } = { role: "", content: "", ...payload };
  if (role !== "user" && role !== "assistant") return undefined;
  return { role, content: String(content) };
}

/** A message store for agents of any kind, over an orchestration. */
export class DurableChatMessageStore {
  readonly #skein: Skein;
  readonly #threadId: string;
  readonly #runId: string;

  private constructor(skein: Skein, threadId: string, runId: string) {
    this.#skein = skein;
    this.#threadId = threadId;
    this.#runId = runId;
  }

  /** The same thread gives the same store. */
  static async open(skein: Skein, threadId: string): Promise<DurableChatMessageStore> {
    const { run } = await skein.create(
      { id: threadId, run: { agentId: "historian" } },
      { opId: `history-${threadId}` },
    );
    if (run === undefined) throw new Error(`The thread ${threadId} has no history.`);
    return new DurableChatMessageStore(skein, threadId, run.id);
  }

  /** A key that was used before adds nothing. */
  async addMessage(key: string, { role, content }: ChatMessage): Promise<void> {
    const event = { name: "append", payload: { role, content }, dedupKey: key };
    await this.#skein.sendEvent(this.#threadId, this.#runId, event);
  }

  /** Everything that was added before, once the orchestration has it. */
  async listMessages(): Promise<readonly Message[]> {
    for (;;) {
      const { signals = [], status } = await this.#skein.run(this.#threadId, this.#runId);
      if (signals.length === 0 && status !== "queued" && status !== "running") break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return (await this.#skein.messages(this.#threadId)).messages;
  }

  /** A reference: no content, and no credentials. */
  serialize(): string {
    return JSON.stringify({ threadId: this.#threadId });
  }

  static async deserialize(skein: Skein, state: string): Promise<DurableChatMessageStore> {
    const { threadId }: { readonly threadId: string } = JSON.parse(state);
    return DurableChatMessageStore.open(skein, threadId);
  }
}

export function startWorker(path: string): Promise<Worker> {
  return createWorker({ store: sqliteStore({ path }), agents: [historian] });
}

const HISTORY: readonly ChatMessage[] = [
  { role: "user", content: "Where is the harbour?" },
  { role: "assistant", content: "Down the hill, then left." },
  { role: "user", content: "Thank you." },
];

export async function main(
  print: Print = console.log,
  path: string = "message-store.db",
): Promise<void> {
  await using _worker = await startWorker(path);
  await using skein = createSkein({
    store: sqliteStore({ path }),
    agents: [historian],
    worker: false,
  });
  const store = await DurableChatMessageStore.open(skein, "history");
  for (const [index, message] of HISTORY.entries()) await store.addMessage(`m${index}`, message);
  const restored = await DurableChatMessageStore.deserialize(skein, store.serialize());
  for (const { role, parts } of await restored.listMessages()) print(`${role}: ${textOf(parts)}`);
  print(`the store is ${store.serialize()}`);
}

if (import.meta.main) await main(console.log, process.argv[2]);
