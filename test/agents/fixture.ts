import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Agent } from "../../src/agents/agent.ts";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { SkeinOptions } from "../../src/agents/create-skein.ts";
import type { Model } from "../../src/agents/models/model.ts";
import type { RunStreamEvent, Skein } from "../../src/agents/skein.ts";
import { waitForRun } from "../../src/agents/wait-for-run.ts";
import type { Run } from "../../src/model/run.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Every store that agents are proved on. */
export const STORES: readonly (readonly [name: string, open: () => Promise<Store>])[] = [
  ["memory", async () => memoryStore()],
  ["sqlite", async () => sqliteStore({ path: join(await temporaryFolder(), "skein.db") })],
];

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "skein-agents-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestOptions extends Omit<SkeinOptions, "store" | "agents"> {
  readonly store: Store;
  readonly agent?: Partial<Agent>;
  readonly others?: readonly Agent[];
}

/** Skein whose default agent has the given model and tools. Closed after the test; failed model calls are retried at once. */
export function openSkein({ agent = {}, others = [], ...options }: TestOptions): Skein {
  const skein = createSkein({
    env: { SKEIN_DEMO_DELAY_MS: "0" },
    modelRetry: { baseMs: 1 },
    onError: (error) => {
      throw error;
    },
    ...options,
    agents: [{ name: "assistant", ...agent }, ...others],
  });
  cleanups.push(async () => {
    await skein.drain(0);
    await skein.close();
  });
  return skein;
}

export async function collect(
  events: AsyncIterable<RunStreamEvent>,
): Promise<readonly RunStreamEvent[]> {
  const all: RunStreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** What a reader has of each part after `events`: `message/part` → text. Attempts that were reset are dropped. */
export function textsOf(events: readonly RunStreamEvent[]): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const event of events) {
    if (event.type === "attempt-reset")
      for (const key of Object.keys(texts))
        if (key.startsWith(`${event.messageId}/`)) delete texts[key];
    if (event.type !== "delta") continue;
    const key = `${event.messageId}/${event.part}`;
    const before = texts[key] ?? "";
    if (before.length !== event.offset)
      throw new Error(`${key} has ${before.length} characters, and the next is ${event.offset}.`);
    texts[key] = before + event.text;
  }
  return texts;
}

/** Resolves when the run waits for somebody, or has ended. */
export function untilAsked(skein: Skein, runId: string, threadId = "t"): Promise<Run> {
  const key = { tenant: "default", id: threadId };
  return waitForRun(skein, key, runId, { orAction: true, timeoutMs: 20_000 });
}

/** A promise and its resolver. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

export type { Model };
