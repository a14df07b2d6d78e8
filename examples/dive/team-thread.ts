import { agent, createSkein, memoryStore } from "skein";

export async function main(print: (line: string) => void = console.log): Promise<void> {
  const skein = createSkein({
    store: memoryStore(),
    agents: [
      agent({
        name: "team-assistant",
        instructions: "You coordinate team work. Keep track of who is working on what.",
      }),
    ],
  });
  await skein.create(
    {
      id: "team-project-alpha",
      agentId: "team-assistant",
      members: { bob: "editor", carol: "editor" },
    },
    { userId: "alice" },
  );
  const say = async (userId: string, input: string): Promise<string> =>
    (await skein.respond({ userId, threadId: "team-project-alpha", input })).text;

  await say("alice", "I'm starting work on the authentication module. ETA is Friday.");
  await say("bob", "I'll handle the database schema. Can we sync on the user model structure?");
  print(await say("carol", "What's the current status of the authentication work?"));
  await skein.close();
}

if (import.meta.main) await main();
