import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromRepository } from "skein";
import type { RepositoryThread, ThreadRepository } from "skein";
import { tryRepository } from "./repository-program.ts";

/** Threads in a folder, one JSON file each. Skein takes every promise of a repository at its word, so this one keeps
 *  what it says: a thread is on the disk when `putThread` resolves, and a crash leaves the old file or the new one. */
export function fileRepository(folder: string): ThreadRepository {
  // An id may be anything, and a file system may not tell upper from lower case: its hash is a safe name.
  const pathOf = (id: string): string =>
    join(folder, `${createHash("sha256").update(id).digest("hex")}.json`);

  async function readThread(path: string): Promise<RepositoryThread | null> {
    try {
      const { createdAt, updatedAt, ...thread } = JSON.parse(await readFile(path, "utf8"));
      return { ...thread, createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) };
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
  }

  async function readAll(): Promise<readonly RepositoryThread[]> {
    await mkdir(folder, { recursive: true });
    const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
    const threads = await Promise.all(names.map((name) => readThread(join(folder, name))));
    return threads.filter((thread) => thread !== null);
  }

  return {
    getThread: (id) => readThread(pathOf(id)),

    async putThread(thread) {
      await mkdir(folder, { recursive: true });
      const path = pathOf(thread.id);
      const file = await open(`${path}.draft`, "w");
      try {
        await file.writeFile(JSON.stringify(thread, null, 2));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.draft`, path);
    },

    deleteThread: (id) => rm(pathOf(id), { force: true }),

    getUserThreads: async (userId) =>
      (await readAll()).filter((thread) => thread.userId === userId),

    getThreadsByDateRange: async (start, end) =>
      (await readAll()).filter(({ updatedAt }) => {
        const at = updatedAt?.getTime() ?? 0;
        return at >= start.getTime() && at <= end.getTime();
      }),

    async deleteThreadsOlderThan(cutoff) {
      const old = (await readAll()).filter((thread) => (thread.updatedAt ?? cutoff) < cutoff);
      for (const { id } of old) await rm(pathOf(id), { force: true });
      return old.length;
    },
  };
}

export async function main(
  print: (line: string) => void = console.log,
  folder: string = join(tmpdir(), "skein-file-repository"),
): Promise<void> {
  await tryRepository(() => fileRepository(folder), print);
  print(`${(await readdir(folder)).length} files`);
  const store = fromRepository(fileRepository(folder));
  print(`${await store.deleteThreadsOlderThan(new Date(Date.now() + 1))} deleted`);
}

if (import.meta.main) await main();
