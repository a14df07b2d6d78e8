import { agent, createSkein, memoryStore } from "skein";

export async function main(print: (line: string) => void = console.log): Promise<void> {
  const skein = createSkein({
    store: memoryStore(),
    agents: [
      agent({
        name: "context-aware",
        instructions: "You help with the project of the conversation.",
        // Metadata is user input: only these keys reach the model, and only as quoted data.
        visibleMetadata: ["project", "priority"],
        systemPrompt:
          "You are {name}. {instructions}\n\nCurrent conversation context:\n{threadMetadata}",
      }),
    ],
  });
  const { thread } = await skein.create({
    agentId: "context-aware",
    metadata: { project: "web-api", priority: "high", note: "not for the model" },
  });
  const { text } = await skein.respond({ threadId: thread.id, input: "What project is this?" });
  print(text);
  await skein.close();
}

if (import.meta.main) await main();
