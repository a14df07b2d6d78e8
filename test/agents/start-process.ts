import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

export interface TurnProcess {
  readonly child: ChildProcess;
  /** The lines that it has printed. */
  readonly lines: readonly string[];
  /** Resolves at the first line that begins with `start`. */
  printed(start: string): Promise<string>;
  /** Resolves with the signal that ended it, or `null` when it ended by itself. */
  readonly ended: Promise<NodeJS.Signals | null>;
}

export function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): TurnProcess {
  const script = join(import.meta.dirname, "turn-process.ts");
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    for (const wake of waiting) wake();
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once("close", (_code, signal) => {
      resolve(signal);
      for (const wake of waiting) wake();
    });
  });
  return {
    child,
    lines,
    ended,
    async printed(start) {
      for (;;) {
        const line = lines.find((other) => other.startsWith(start));
        if (line !== undefined) return line;
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`The process ended without printing ${start}.`);
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}
