import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./fixture.ts";

interface Ended {
  readonly output: string;
  readonly signal: string | null;
}

function run(path: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const script = join(import.meta.dirname, "call-process.ts");
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, timeout: 25_000 };
    execFile(process.execPath, [script, path], options, (error, stdout, stderr) => {
      const signal = error?.signal ?? null;
      if (error !== null && signal === null) reject(new Error(stderr));
      else resolve({ output: stdout.trim(), signal });
    });
  });
}

// One question, two calls with their results, the answer to them, and what the function says; three threads of two messages.
const WHOLE = "completed | 6 | 3 | 2,2,2 | did A did B did C";

describe("runs that call runs", () => {
  test("end whole when nothing happens", async () => {
    const path = join(await temporaryFolder(), "skein.db");
    expect(await run(path)).toEqual({ output: WHOLE, signal: null });
  });

  // Killed right behind the end of a called run, of which its caller has not been told.
  test.each([
    "before-tool-intent",
    "after-tool-intent",
    "after-wait#1",
    "before-final#1",
    "after-final#1",
    "after-final#2",
    "before-call",
    "before-called-run",
    "after-called-run",
    "after-final#4",
  ])("end whole and once when their process is killed at %s", async (at) => {
    const path = join(await temporaryFolder(), "skein.db");
    const killed = await run(path, { SKEIN_CRASH_AT: at });
    expect(killed.signal).toBe("SIGKILL");
    expect(await run(path)).toEqual({ output: WHOLE, signal: null });
  });
});
