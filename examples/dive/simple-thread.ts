import { agent, createSkein, memoryStore } from "skein";

export async function main(print: (line: string) => void = console.log): Promise<void> {
  const skein = createSkein({
    store: memoryStore(),
    agents: [
      agent({
        name: "memory-assistant",
        instructions: "You remember our conversation and refer to it when it helps.",
      }),
    ],
  });
  const say = async (input: string): Promise<string> => {
    const { text } = await skein.respond({
      agentId: "memory-assistant",
      threadId: "user-conversation-1",
      userId: "alice",
      input,
    });
    return text;
  };
  print(await say("Hi! My name is Alice and I'm working on a Go project about web APIs."));
  print(await say("What's my name?"));
  print(await say("What am I working on?"));
  await skein.close();
}

if (import.meta.main) await main();
