import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { randomUUID } from "node:crypto";
import { Pulse } from "../pulse.ts";
import { isBusy } from "./sqlite-error.ts";

const YOUNG_MS = 60_000;
export const BEAT_MS = 5_000;

/** Proof of life: holds a lock of the operating system on a file of its own, which ends with the process, however
 *  that ends; and touches the file, which a process that is stopped does not. */
export class Instance {
  readonly id: string = randomUUID();
  readonly pulse: Pulse = new Pulse();
  readonly #folder: string;
  #lock: DatabaseSync | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param path  the store's file; the locks are in `<path>-instances/` */
  constructor(path: string) {
    this.#folder = instanceFolder(path);
  }

  /** Takes the lock. Idempotent. */
  hold(): void {
    if (this.#lock !== undefined) return;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#lock = lockExclusively(this.#file);
    void this.#beat();
    this.#timer = setInterval(() => void this.#beat(), BEAT_MS).unref();
    removeOld(this.#folder);
  }

  release(): void {
    if (this.#lock === undefined) return;
    clearInterval(this.#timer);
    this.#lock.close();
    this.#lock = undefined;
    rmSync(this.#file, { force: true });
  }

  get #file(): string {
    return lockFile(this.#folder, this.id);
  }

  /** A file that is gone, or a disk that is, shows nothing; the next beat tries again. */
  async #beat(): Promise<void> {
    const touch = async (): Promise<undefined> => {
      const now = new Date();
      utimesSync(this.#file, now, now);
    };
    await this.pulse.beat(touch).catch(() => undefined);
  }
}

/** Removes what crashed processes left. A young file may be one whose process is about to lock it. */
function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const id = /^(.+)\.lock$/u.exec(name)?.[1];
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    if (id === undefined || stat === undefined || Date.now() - stat.mtimeMs < YOUNG_MS) continue;
    try {
      isAliveIn(folder, id);
    } catch {
      // It is somebody else's, and there is no need to remove it.
    }
  }
}

/** Whether the process that holds an instance's lock lives. Removes what a dead one left. */
export function isInstanceAlive(path: string, id: string): boolean {
  return isAliveIn(instanceFolder(path), id);
}

function isAliveIn(folder: string, id: string): boolean {
  // Ids come from the database; none may lead out of the folder.
  if (!/^[0-9a-f-]{36}$/u.test(id)) return false;
  const file = lockFile(folder, id);
  if (!existsSync(file)) return false;
  try {
    lockExclusively(file).close();
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  }
  rmSync(file, { force: true });
  return false;
}

/** The file that an instance holds and touches. */
export function lockFile(folder: string, id: string): string {
  return join(folder, `${id}.lock`);
}

/** What open stores of a file leave for one another. */
export function instanceFolder(path: string): string {
  return `${path}-instances`;
}

function lockExclusively(file: string): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}
