import { createSkein, isSkeinError, memoryStore } from "skein";

export async function main(print: (line: string) => void = console.log): Promise<void> {
  const skein = createSkein({ store: memoryStore() });
  const say = async (userId: string, threadId: string, input: string): Promise<string> =>
    (await skein.respond({ userId, threadId, input })).text;

  await say("alice", "alice-thread", "My favorite color is blue.");
  await say("bob", "bob-thread", "My favorite color is red.");
  print(await say("alice", "alice-thread", "What's my favorite color?"));
  print(await say("bob", "bob-thread", "What's my favorite color?"));

  // Another user's thread does not exist, whatever is done to it.
  try {
    await say("bob", "alice-thread", "What's my favorite color?");
  } catch (error) {
    print(isSkeinError(error) ? error.code : String(error));
  }
  const { items } = await skein.list({}, { userId: "bob" });
  print(items.map(({ id }) => id).join(", "));
  await skein.close();
}

if (import.meta.main) await main();
