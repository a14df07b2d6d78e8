import { agent, contextWindow, createSkein, memoryStore } from "skein";

export async function main(print: (line: string) => void = console.log): Promise<void> {
  const skein = createSkein({
    store: memoryStore(),
    agents: [agent({ name: "short-memory", context: { lastMessages: 10 } })],
  });
  const { thread } = await skein.create({
    agentId: "short-memory",
    messages: [
      { role: "system", content: "Answer in one sentence." },
      ...Array.from({ length: 40 }, (_, index) => ({ content: `Message ${index + 1}` })),
    ],
  });
  await skein.respond({ threadId: thread.id, input: "Hello" });

  // The limit is a view for the model: the thread keeps everything.
  const { messages, total } = await skein.messages(thread.id, { limit: 200 });
  const window = contextWindow(messages, { lastMessages: 10 });
  print(`${total} messages are kept, ${window.length} go to the model`);
  print(`the first of them is the ${window[0]?.role} message`);
  await skein.close();
}

if (import.meta.main) await main();
