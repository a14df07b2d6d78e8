import { createSkein, fromRepository } from "skein";
import type { RepositoryThread, ThreadRepository } from "skein";

/** Three functions are enough; the fourth makes lists work. A real one would talk to a database. */
export function mapRepository(
  records: Map<string, RepositoryThread> = new Map(),
): ThreadRepository {
  return {
    async getThread(id) {
      return records.get(id);
    },
    async putThread(thread) {
      records.set(thread.id, thread);
    },
    async deleteThread(id) {
      records.delete(id);
    },
    async getUserThreads(userId) {
      return [...records.values()].filter((thread) => thread.userId === userId);
    },
  };
}

export async function main(print: (line: string) => void = console.log): Promise<void> {
  const records = new Map<string, RepositoryThread>();
  const repository = mapRepository(records);
  const skein = createSkein({ store: fromRepository(repository) });
  await skein.respond({ threadId: "mine", userId: "alice", input: "My name is Alice." });
  await skein.close();
  print(`${records.get("mine")?.messages.length} messages in the repository`);

  const later = createSkein({ store: fromRepository(repository) });
  const { text } = await later.respond({
    threadId: "mine",
    userId: "alice",
    input: "What's my name?",
  });
  print(text);
  const { items } = await later.list({}, { userId: "alice" });
  print(items.map(({ id }) => id).join(", "));
  await later.close();
}

if (import.meta.main) await main();
