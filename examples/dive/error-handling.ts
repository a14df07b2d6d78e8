import { createSkein, isSkeinError, memoryStore, withRetry } from "skein";

export async function main(print: (line: string) => void = console.log): Promise<void> {
  const skein = createSkein({ store: memoryStore() });

  // Branch on the code; the message is for people.
  try {
    await skein.respond({ threadId: "missing", ifMissing: "error", input: "Hello" });
  } catch (error) {
    if (isSkeinError(error, "thread_not_found")) print(`${error.code}: ${error.message}`);
  }

  // Left alone, an unknown thread is created.
  const { threadId } = await skein.respond({ threadId: "missing", input: "Hello" });
  print(`created ${threadId}`);

  // Only what can pass is tried again, and the key makes sure that nothing is said twice.
  const input = { threadId: "missing", input: "Only once, please", opId: "request-17" };
  await withRetry(() => skein.respond(input), { attempts: 3 });
  await withRetry(() => skein.respond(input), { attempts: 3 });
  const { messages } = await skein.messages("missing");
  print(`${messages.filter(({ role }) => role === "user").length} messages of the user`);
  await skein.close();
}

if (import.meta.main) await main();
