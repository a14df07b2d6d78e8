import type { CallOptions, FeedOptions, ObserveOptions } from "../../../src/engine/engine.ts";
import type { Entry } from "../../../src/model/entry.ts";
import { SkeinError } from "../../../src/model/error.ts";
import type { FeedEvent } from "../../../src/store/query.ts";
import type { EventConnection, SeenEvent } from "../event-client.ts";
import { entryFromWire, feedEventFromWire } from "./from-wire.ts";
import { path } from "./remote.ts";
import type { Asked, Remote } from "./remote.ts";

/** Every entry behind `after`, over as many connections as it takes: as a browser's EventSource does it. */
export async function* observe(
  remote: Remote,
  threadId: string,
  { after = 0, ...options }: ObserveOptions,
): AsyncGenerator<Entry> {
  let cursor = after;
  const where = path("threads", threadId, "events");
  const ask = (): Asked => ({ query: { after: cursor }, options });
  for await (const { event, data } of connected(remote, where, ask, options)) {
    // Who must read again learns from the log why.
    if (event === "reload")
      await remote.call("GET", path("threads", threadId, "log"), {
        query: { after: cursor },
        options,
      });
    if (event !== "entry") continue;
    const entry = entryFromWire(data);
    // Who asks for what is to come may be told of what is before it.
    if (entry.version <= cursor) continue;
    cursor = entry.version;
    yield entry;
  }
}

export async function* feed(
  remote: Remote,
  { after, follow = true, ...options }: FeedOptions,
): AsyncGenerator<FeedEvent> {
  let cursor = after;
  const ask = (): Asked => ({ query: { after: cursor, ...(!follow && { follow }) }, options });
  const events = connected(remote, "/events", ask, options, follow);
  for await (const { event, id = "", data } of events) {
    // From now on is from the first connection on, not from a later one.
    cursor = id;
    if (event === "thread") yield feedEventFromWire(id, data);
  }
}

async function* connected(
  remote: Remote,
  where: string,
  ask: () => Asked,
  { signal }: CallOptions,
  again = true,
): AsyncGenerator<SeenEvent> {
  if (isAborted(signal)) throw new SkeinError("aborted", "The caller gave up.");
  try {
    do {
      await using connection = await remote.listen(where, ask());
      yield* eventsOf(connection);
    } while (again);
  } catch (error) {
    if (!isAborted(signal)) throw error;
  }
}

// A call, because the compiler does not expect the signal to change meanwhile.
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function* eventsOf(connection: EventConnection): AsyncGenerator<SeenEvent> {
  for (;;) {
    const event = await connection.nextOrEnd();
    if (event === undefined) return;
    yield event;
  }
}
