import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, onTestFinished } from "vitest";
import { createSkein, sqliteStore } from "../../src/index.ts";
import type { Skein, SkeinOptions, Store } from "../../src/index.ts";
import { waitForRun } from "../../src/agents/wait-for-run.ts";
import type { Run } from "../../src/index.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { postgresUrl } from "../support/servers/servers.ts";
import { scanInvariants } from "./invariants/scan-invariants.ts";

/** One database and what several processes on it do to the world. */
export interface Place {
  /** Opens the database as another process does. */
  readonly open: () => Store;
  readonly ledger: string;
  /** Of a server. */
  readonly url?: string;
}

/** Runs `body` for a SQLite file and for PostgreSQL. */
export async function describePlaces(
  name: string,
  body: (fresh: () => Promise<Place>) => void,
): Promise<void> {
  const folder = async (): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), "skein-faults-"));
    onTestFinished(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
    return path;
  };
  describe(`${name}, on SQLite`, () => {
    body(async () => {
      const at = await folder();
      return {
        open: () => sqliteStore({ path: join(at, "skein.db") }),
        ledger: join(at, "ledger.jsonl"),
      };
    });
  });
  await describeServer("postgres", `${name}, on PostgreSQL`, () => {
    body(async () => {
      const [url, at] = await Promise.all([postgresUrl(), folder()]);
      return { open: () => postgresStore(url), ledger: join(at, "ledger.jsonl"), url };
    });
  });
}

export interface ProcessOptions extends Omit<SkeinOptions, "store"> {
  readonly store?: Store;
}

/** Skein as another process on the place has it. Closed after the test. */
export function enter(place: Place, options: ProcessOptions): Skein {
  const skein = createSkein({
    store: place.open(),
    modelRetry: { baseMs: 1 },
    // What one process makes of another one's faults is looked at in the store.
    onError: () => {},
    ...options,
  });
  onTestFinished(async () => {
    await skein.drain(0);
    await skein.close();
  });
  return skein;
}

/** Asks in a new thread. */
export async function asked(
  skein: Skein,
  content: string,
  { threadId = "t", agentId }: { readonly threadId?: string; readonly agentId?: string } = {},
): Promise<string> {
  const { run } = await skein.create({
    id: threadId,
    messages: [{ content }],
    run: agentId === undefined ? {} : { agentId },
  });
  return run?.id ?? "";
}

/** Resolves when the run waits for somebody, or has ended. */
export function untilAsked(skein: Skein, runId: string, threadId = "t"): Promise<Run> {
  const key = { tenant: "default", id: threadId };
  return waitForRun(skein, key, runId, { orAction: true, timeoutMs: 25_000 });
}

/** Scans a place whose runs have all ended, or wait. */
export async function scanQuiet(
  place: Place,
  threadIds: readonly string[] = ["t"],
): Promise<readonly string[]> {
  const store = place.open();
  try {
    const { ledger } = place;
    return await scanInvariants({ store, ledger, accepted: [], threadIds, isQuiet: true });
  } finally {
    await store.close();
  }
}
