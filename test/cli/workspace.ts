import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");

export interface Finished {
  /** `null` when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcessWithoutNullStreams;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when stdout or stderr has a match; rejects when the process ends without one. */
  readonly seen: (pattern: RegExp) => Promise<RegExpMatchArray>;
  /** Resolves at the first output on stdout, or at the end of the process. */
  readonly firstOutput: Promise<void>;
  readonly ended: Promise<Finished>;
}

export interface RunOptions {
  /** Written to stdin, which then ends. Default nothing. */
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** A directory of its own with the real command line in it. */
export interface Workspace extends AsyncDisposable {
  readonly directory: string;
  /** Runs a command to its end. */
  readonly skein: (args: readonly string[], options?: RunOptions) => Promise<Finished>;
  /** Starts a command; stdin stays open. */
  readonly start: (args: readonly string[], options?: RunOptions) => Started;
  /** Runs a command with `--json` that must succeed, and reads every line of its output. */
  readonly json: (args: readonly string[], options?: RunOptions) => Promise<readonly Wire[]>;
}

/** Any object of the wire: tests look at the fields that they are about. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Wire = Record<string, any>;

/** @param main  the program; the sources' unless given */
export async function createWorkspace(main: string = MAIN): Promise<Workspace> {
  const directory = await mkdtemp(join(tmpdir(), "skein-cli-"));
  const running = new Set<ChildProcessWithoutNullStreams>();
  const start = (args: readonly string[], options: RunOptions = {}): Started => {
    const child = spawn(process.execPath, ["--conditions=skein-source", main, ...args], {
      cwd: directory,
      env: {
        PATH: process.env["PATH"],
        HOME: directory,
        SKEIN_DEMO_DELAY_MS: "0",
        ...options.env,
      },
    });
    running.add(child);
    child.on("exit", () => running.delete(child));
    return watched(child);
  };
  const skein = async (args: readonly string[], options: RunOptions = {}): Promise<Finished> => {
    const started = start(args, options);
    // The command may end before it has read everything.
    started.process.stdin.on("error", () => {});
    started.process.stdin.end(options.input ?? "");
    return await started.ended;
  };
  return {
    directory,
    start,
    skein,
    async json(args, options) {
      const { code, stdout, stderr } = await skein([...args, "--json"], options);
      if (code !== 0) throw new Error(`skein ${args.join(" ")} exited with ${code}: ${stderr}`);
      return jsonLines(stdout);
    },
    async [Symbol.asyncDispose]() {
      for (const child of running) child.kill("SIGKILL");
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export function jsonLines(text: string): readonly Wire[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line): Wire => JSON.parse(line));
}

function watched(child: ChildProcessWithoutNullStreams): Started {
  let stdout = "";
  let stderr = "";
  let wake = (): void => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    wake();
  });
  const ended = new Promise<Finished>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  const firstOutput = new Promise<void>((resolve) => {
    child.stdout.once("data", () => resolve());
    child.once("close", () => resolve());
  });
  let isOver = false;
  void ended.then(() => {
    isOver = true;
    wake();
  });
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    firstOutput,
    ended,
    async seen(pattern) {
      for (;;) {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (match !== null) return match;
        if (isOver) throw new Error(`Ended without ${pattern}:\n${stdout}\n${stderr}`);
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    },
  };
}
