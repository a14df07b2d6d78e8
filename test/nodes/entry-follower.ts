import { setTimeout as sleep } from "node:timers/promises";
import { connectEvents } from "../http/event-client.ts";

export interface SeenEntry {
  readonly version: number;
  /** The text of the message that the entry appends; else its op. */
  readonly what: string;
}

/** What a browser's EventSource does: follows a thread's entries, and connects again behind the last one it has. */
export interface EntryFollower extends AsyncDisposable {
  readonly entries: readonly SeenEntry[];
  /** Text of messages on their way, as it came. */
  readonly deltas: readonly string[];
  readonly ready: Promise<void>;
  until(isThere: () => boolean): Promise<void>;
}

const RETRY_MS = 50;

export function followEntries(base: string, threadId: string): EntryFollower {
  const entries: SeenEntry[] = [];
  const deltas: string[] = [];
  const gone = new AbortController();
  const ready = Promise.withResolvers<void>();
  let lastId = "0";
  const url = `${base}/api/v1/threads/${threadId}/events`;
  const followOnce = async (): Promise<void> => {
    await using events = await connectEvents(url, { headers: { "last-event-id": lastId } });
    gone.signal.addEventListener("abort", () => events.close(), { once: true });
    if (events.status !== 200) return;
    for (;;) {
      const { event, id, data } = await events.next();
      if (event === "ready") ready.resolve();
      if (event === "delta") deltas.push(data.text);
      if (event !== "entry") continue;
      lastId = id ?? lastId;
      entries.push({ version: data.version, what: data.data?.message?.content ?? data.op });
    }
  };
  const following = (async () => {
    while (!gone.signal.aborted) {
      await followOnce().catch(() => undefined);
      await sleep(RETRY_MS);
    }
  })();
  return {
    entries,
    deltas,
    ready: ready.promise,
    // The time limit of the test ends what never comes.
    until: async (isThere) => {
      while (!isThere()) await sleep(5);
    },
    [Symbol.asyncDispose]: async () => {
      gone.abort();
      await following;
    },
  };
}
