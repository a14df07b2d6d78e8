import { execFile } from "node:child_process";
import { unprivileged } from "./unprivileged.ts";

/** What a program printed; rejects with its last lines when it fails. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, ...options }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { ...options, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else
          reject(new Error(`${program} failed: ${lastLines(stderr || stdout || error.message)}`));
      },
    );
    child.stdin?.end();
  });
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a program as the account that servers run as. */
export async function runUnprivileged(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  // The home of root is closed to others.
  return runProgram(program, args, { ...(await unprivileged()), cwd, env: { HOME: cwd } });
}

export function lastLines(text: string): string {
  return text.trim().split("\n").slice(-5).join("\n");
}
