import type { RepositoryThread, ThreadRepository } from "skein";
import { tryRepository } from "./repository-program.ts";

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
  await tryRepository(() => mapRepository(records), print);
  print(`${records.size} threads in the repository`);
}

if (import.meta.main) await main();
