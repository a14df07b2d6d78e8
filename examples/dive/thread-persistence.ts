import { createSkein, sqliteStore } from "skein";

export async function main(
  print: (line: string) => void = console.log,
  path = "threads.db",
): Promise<void> {
  const first = createSkein({ store: sqliteStore({ path }) });
  await first.respond({ threadId: "test-thread", input: "Remember that my name is Alice" });
  print(`${(await first.get("test-thread")).messageCount} messages`);
  await first.close();

  const second = createSkein({ store: sqliteStore({ path }) });
  const { text } = await second.respond({ threadId: "test-thread", input: "What's my name?" });
  print(text);
  print(`${(await second.get("test-thread")).messageCount} messages`);
  await second.close();
}

if (import.meta.main) await main();
