import { createSkein, fromRepository } from "skein";
import type { ThreadRepository } from "skein";

/** What every store of one's own is tried with: two users, a restart, and what the first of them is told then. Prints the
 *  answer, the threads of that user, and who spoke in hers. `open` is called once for each start. */
export async function tryRepository(
  open: () => ThreadRepository,
  print: (line: string) => void,
): Promise<void> {
  const skein = createSkein({ store: fromRepository(open()) });
  await skein.respond({ threadId: "Chat.1", userId: "alice", input: "My name is Alice." });
  await skein.respond({ threadId: "chat.1", userId: "bob", input: "My name is Bob." });
  await skein.close();

  const later = createSkein({ store: fromRepository(open()) });
  const { text } = await later.respond({
    threadId: "Chat.1",
    userId: "alice",
    input: "What's my name?",
  });
  print(text);
  const { items } = await later.list({}, { userId: "alice" });
  print(items.map(({ id }) => id).join(", "));
  await later.close();

  const thread = await open().getThread("Chat.1");
  print((thread?.messages ?? []).map(({ role }) => role).join(", "));
}
