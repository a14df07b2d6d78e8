import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";

/** A core for the server and another one for whoever loads it, where the system can pin processes. */
const SERVER_CORE = 0;
const LOAD_CORE = 1;

export const isPinning: boolean =
  availableParallelism() > 1 && spawnSync("taskset", ["-c", "1", "true"]).status === 0;

function startOn(core: number, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const node = [process.execPath, ...args];
  const [command = "", ...rest] = isPinning ? ["taskset", "-c", String(core), ...node] : node;
  const child = spawn(command, rest, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  // What a process notes is of interest only if it fails.
  let notes = "";
  child.stderr?.on("data", (chunk: Buffer) => (notes += chunk.toString()));
  child.once("exit", (code) => {
    if (code !== 0 && code !== null) console.error(notes);
  });
  return child;
}

export interface ServerProcess {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server that prints its URL when it accepts connections. */
export async function startServer(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
  const child = startOn(SERVER_CORE, args, env);
  const url = await urlIn(child);
  return {
    url,
    close: async () => {
      const ended = once(child, "close");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function urlIn(child: ChildProcess): Promise<string> {
  if (child.stdout !== null)
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /http:\/\/\S+/u.exec(line)?.[0];
      if (url !== undefined) return url;
    }
  throw new Error("The server ended before it accepted connections.");
}

/** A process that answers each job with one result. */
export interface Worker<Job, Result> {
  run(job: Job): Promise<Result>;
  close(): void;
}

export function startWorker<Job extends object, Result>(path: string): Worker<Job, Result> {
  const child = startOn(LOAD_CORE, [path], {});
  const ended = new AbortController();
  child.once("exit", () => ended.abort(new Error("The process ended before it answered.")));
  return {
    run: async (job) => {
      const answered = once(child, "message", { signal: ended.signal });
      child.send(job);
      const [result] = await answered;
      return result as Result;
    },
    close: () => void child.kill(),
  };
}

/** Makes this process a worker. */
export function serveJobs<Job, Result>(work: (job: Job) => Promise<Result>): void {
  process.on("message", (job: Job) => {
    work(job).then(
      (result) => process.send?.(result),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
