import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { SkeinError } from "../model/error.ts";
import { OWN_PREFIX } from "./locate.ts";

const PATIENCE_MS = 30_000;
const PAUSE_MS = 5;

/** One change of a workspace at a time, across processes: a lock of the operating system, which ends with the process that has
 *  it, however that ends. */
export class WorkspaceLock {
  readonly #folder: string;
  #turn: Promise<unknown> = Promise.resolve();
  #file: DatabaseSync | undefined;

  constructor(root: string) {
    this.#folder = join(root, OWN_PREFIX);
  }

  /** Carries `work` out alone. Not to be asked for again within it.
   *  @throws SkeinError  `timeout` after 30 s of waiting for another process */
  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(async () => {
      this.#file ??= await openLock(this.#folder, "workspace.lock");
      await taken(this.#file);
      try {
        return await work();
      } finally {
        this.#file.exec("ROLLBACK");
      }
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Shows that something long is under way, until the returned function is called. */
  async show(name: string): Promise<() => Promise<void>> {
    const file = await openLock(this.#folder, nameOf(name));
    await taken(file);
    return async () => {
      file.close();
      await this.forget(name);
    };
  }

  /** Whether the process that shows it lives. */
  async isShown(name: string): Promise<boolean> {
    const file = await openLock(this.#folder, nameOf(name));
    try {
      return !take(file);
    } finally {
      file.close();
    }
  }

  async forget(name: string): Promise<void> {
    await rm(join(this.#folder, nameOf(name)), { force: true });
  }

  async close(): Promise<void> {
    await this.#turn;
    this.#file?.close();
    this.#file = undefined;
  }
}

function nameOf(name: string): string {
  return `${name}.lock`;
}

async function openLock(folder: string, name: string): Promise<DatabaseSync> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { DatabaseSync } = await import("node:sqlite");
  return new DatabaseSync(join(folder, name), { timeout: 0 });
}

async function taken(file: DatabaseSync): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!take(file)) {
    if (performance.now() > until)
      throw new SkeinError("timeout", "Another process keeps the workspace locked.");
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (1 + Math.random())));
  }
}

const BUSY = 5; // SQLITE_BUSY

function take(file: DatabaseSync): boolean {
  try {
    file.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return false;
    throw error;
  }
}
