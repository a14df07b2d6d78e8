import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "skein-durable-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Ended {
  readonly lines: readonly string[];
  readonly signal: string | null;
}

/** Runs a program as its reader would, in a process of its own. */
function run(
  program: string,
  path: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const folder = join(import.meta.dirname, "../../examples/agent-framework");
  const file = join(folder, `durable-task-${program}.ts`);
  const more = { SKEIN_DEMO_DELAY_MS: "0", ...env };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ["--conditions=skein-source", file, path],
      { env: { ...process.env, ...more }, timeout: 60_000 },
      (error, stdout, stderr) => {
        const signal = error?.signal ?? null;
        if (error !== null && signal === null) reject(new Error(stderr));
        else resolve({ lines: stdout.split("\n").filter((line) => line !== ""), signal });
      },
    );
  });
}

/** What the program prints when nothing happens to it, and where it is killed when something does. */
const PROGRAMS: Readonly<Record<string, { lines: readonly unknown[]; kills: readonly string[] }>> =
  {
    "orchestrated-thread": {
      lines: [
        "local: My name is Alice.",
        expect.stringMatching(/^assistant: .*Alice/u),
        "local: I live in Oslo.",
        expect.stringMatching(/^assistant: /u),
        "local: What's my name?",
        expect.stringMatching(/^assistant: .*Alice/u),
        "orchestrator: Goodbye after 3 turns.",
        expect.stringMatching(/^completed in segment \d+: \{"turns":3\}$/u),
      ],
      kills: ["after-append#2", "mid-stream#3", "before-continue#2", "after-continue#1"],
    },
    "chat-message-store": {
      lines: [
        "user: Where is the harbour?",
        "assistant: Down the hill, then left.",
        "user: Thank you.",
        'the store is {"threadId":"history"}',
      ],
      kills: ["before-append#2", "after-append#2", "after-wait"],
    },
    "activity-chat-message-store": {
      lines: [
        'status: {"messages":3,"words":9,"last":{"words":2,"characters":11,"isQuestion":false}}',
        'The ship leaves at noon. {"words":5,"characters":24,"isQuestion":false}',
        'Which pier? {"words":2,"characters":11,"isQuestion":true}',
        'Pier seven. {"words":2,"characters":11,"isQuestion":false}',
        ...[1, 2, 3].flatMap(() => [
          "step: wait append, attempt 1, completed",
          expect.stringMatching(/^step: task enrich, attempt [12], completed$/u),
          "step: task append, attempt 1, completed",
        ]),
      ],
      kills: ["after-task-intent#2", "before-task-result#2", "after-task-result#3"],
    },
    "multi-agent-thread": {
      lines: [
        "local: Which is the deepest: Ladoga, Baikal or Tanganyika?",
        "researcher: I have looked up three lakes.",
        'analyst: From deep to shallow: ["baikal","tanganyika","ladoga"]',
        'state: {"depths":{"baikal":1642,"tanganyika":1470,"ladoga":230},"done":["researcher","analyst"]}',
        "step: coordinator agent researcher, completed",
        "step: researcher model scripted, completed",
        ...[1, 2, 3].map(() => "step: researcher tool look_up_depth, completed"),
        "step: researcher model scripted, completed",
        "step: coordinator task state, completed",
        "step: coordinator agent analyst, completed",
        "step: analyst model scripted, completed",
        "step: analyst tool compare_depths, completed",
        "step: analyst model scripted, completed",
        "step: coordinator task state, completed",
        "the run is completed",
      ],
      kills: ["before-tool-result", "after-step-end#2", "before-final#1"],
    },
  };

describe.each(Object.entries(PROGRAMS))("the program %s", (program, { lines, kills }) => {
  test("does what it shows", async () => {
    const ended = await run(program, join(directory, `${program}.db`));
    expect(ended).toEqual({ signal: null, lines });
  });

  test.each(kills)(
    "does it whole and once when it is killed at %s and started again",
    async (at) => {
      const path = join(directory, `${program}-${at.replace("#", "-")}.db`);
      const killed = await run(program, path, { SKEIN_CRASH_AT: at });
      expect(killed.signal).toBe("SIGKILL");
      expect(await run(program, path)).toEqual({ signal: null, lines });
    },
  );
});
