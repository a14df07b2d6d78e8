import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { lastLines } from "./run-program.ts";
import type { ServerKind, Settings, Site } from "./server-kind.ts";
import { unprivileged } from "./unprivileged.ts";

const READY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 20;

/** One server process with data of its own, which it keeps from start to start. */
export class Instance {
  readonly #kind: ServerKind;
  readonly #site: Site;
  readonly #settings: Settings;
  #child: ChildProcess | undefined;

  constructor(kind: ServerKind, site: Site, settings: Settings) {
    this.#kind = kind;
    this.#site = site;
    this.#settings = settings;
  }

  get url(): string {
    return this.#kind.url(this.#site);
  }

  async create(): Promise<void> {
    await mkdir(this.#site.folder, { mode: 0o700 });
    const account = await unprivileged();
    if (account !== undefined) await chown(this.#site.folder, account.uid, account.gid);
    await this.#kind.prepare(this.#site);
  }

  /** Resolves with the process id when the server answers; `changes` hold for this start. */
  async start(changes: Settings = {}): Promise<number> {
    if (this.#child !== undefined) throw new Error(`The ${this.#kind.name} is running already.`);
    const log = await open(join(this.#site.folder, "log"), "a", 0o600);
    const [program, ...args] = this.#kind.command(this.#site, { ...this.#settings, ...changes });
    const child = spawn(program, args, {
      ...(await unprivileged()),
      cwd: this.#site.folder,
      env: { ...process.env, HOME: this.#site.folder },
      stdio: ["ignore", log.fd, log.fd],
    });
    this.#child = child;
    child.once("exit", () => (this.#child = undefined));
    try {
      await once(child, "spawn");
    } finally {
      await log.close();
    }
    await this.#becomesReady(child);
    return child.pid ?? 0;
  }

  /** Ends the process at once, without letting it write anything more. Nothing happens when it does not run. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill(this.#kind.killSignal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#site.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #becomesReady(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        await this.#kind.ping(this.url);
        return;
      } catch (error) {
        if (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
          await setTimeout(ASK_EVERY_MS);
          continue;
        }
        await this.kill();
        const log = await readFile(join(this.#site.folder, "log"), "utf8");
        throw new Error(`The ${this.#kind.name} does not start: ${lastLines(log)}`, {
          cause: error,
        });
      }
    }
  }
}
