import { readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders of a run are called this, the keeper's process id, and something random. */
export const FOLDER_PREFIX = "skein-servers-";

/** Ends and removes what a run left whose keeper was killed: by the folder's name, never by a program's. */
export async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.slice(FOLDER_PREFIX.length).split("-")[0]);
    if (!name.startsWith(FOLDER_PREFIX) || !Number.isInteger(pid) || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
    for (const process of await processesIn(folder)) kill(process);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** The processes that work in the folder; known on Linux only. */
async function processesIn(folder: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of await readdir("/proc").catch((): string[] => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(join("/proc", pid, "cmdline"), "utf8").catch(() => "");
    if (command.includes(`${folder}/`)) found.push(Number(pid));
  }
  return found;
}
