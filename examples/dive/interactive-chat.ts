import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { createSkein, isSkeinError, sqliteStore } from "skein";

export interface ChatOptions {
  readonly input?: Readable;
  readonly output?: Writable;
  readonly path?: string;
}

/** Asks for a user and talks until `quit`. The thread is found by the user: the same name goes on where it stopped. */
export async function main({
  input = process.stdin,
  output = process.stdout,
  path = "chat.db",
}: ChatOptions = {}): Promise<void> {
  const skein = createSkein({ store: sqliteStore({ path }) });
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string | undefined> => {
    output.write(question);
    const { value, done } = await lines.next();
    return done === true ? undefined : value.trim();
  };
  const userId = (await ask("Enter your user ID: ")) ?? "local";
  for (;;) {
    const said = await ask("\nYou: ");
    if (said === undefined || said === "quit") break;
    if (said === "") continue;
    try {
      output.write("Assistant: ");
      const events = skein.stream({ threadId: `thread-${userId}`, userId, input: said });
      for await (const event of events)
        if (event.type === "delta" && event.kind === "text") output.write(event.text);
      output.write("\n");
    } catch (error) {
      output.write(`Error: ${isSkeinError(error) ? error.message : String(error)}\n`);
    }
  }
  await skein.close();
}

if (import.meta.main) await main();
