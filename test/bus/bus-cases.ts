import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { BusEvent, CommitTold, LiveBus } from "../../src/store/live-bus.ts";

export interface BusUnderTest {
  /** Two ends of one bus, as two processes have them; the same one where a bus is inside of a process. */
  readonly open: () => Promise<readonly [LiveBus, LiveBus]>;
  readonly hasText: boolean;
}

/** What a subscriber heard. */
export interface Heard {
  readonly events: BusEvent[];
  gaps: number;
  readonly stop: () => void;
  /** Resolves when `isThere`. */
  until(isThere: () => boolean): Promise<void>;
}

export function listenOn(bus: LiveBus): Heard {
  const events: BusEvent[] = [];
  const heard: Heard = {
    events,
    gaps: 0,
    stop: bus.subscribe(
      (event) => events.push(event),
      () => (heard.gaps += 1),
    ),
    // The time limit of the test ends what never comes.
    until: async (isThere) => {
      while (!isThere()) await sleep(5);
    },
  };
  return heard;
}

export function commit(
  threadId: string,
  version: number,
  rest: Partial<CommitTold> = {},
): BusEvent {
  return {
    kind: "commit",
    storeId: "store",
    sender: "here",
    tenant: "default",
    threadId,
    version,
    hasRun: false,
    ...rest,
  };
}

export function chunks(threadId: string, offset: number, text: string): BusEvent {
  const [runId, messageId] = ["run", "message"];
  return {
    kind: "chunks",
    storeId: "store",
    sender: "here",
    tenant: "default",
    threadId,
    runId,
    messageId,
    chunks: [{ runId, messageId, attempt: 1, part: 0, kind: "text", offset, text }],
  };
}

/** What every bus does. */
export function testBus({ open, hasText }: BusUnderTest): void {
  test("tells the other end what was published, and begins with a gap", async () => {
    const [here, there] = await open();
    const heard = listenOn(there);
    await heard.until(() => heard.gaps > 0);
    here.publish(commit("th_1", 3, { hasRun: true, tenant: 'Ümlaut\n"x"' }));
    await heard.until(() => heard.events.length > 0);
    expect(heard.events).toEqual([commit("th_1", 3, { hasRun: true, tenant: 'Ümlaut\n"x"' })]);
    heard.stop();
    await Promise.all([here.close(), there.close()]);
  });

  test("tells of the newest version of every thread of a burst", async () => {
    const [here, there] = await open();
    const heard = listenOn(there);
    await heard.until(() => heard.gaps > 0);
    for (let version = 1; version <= 20; version++)
      for (let thread = 0; thread < 100; thread++)
        here.publish(commit(`th_${thread}`, version, { hasRun: version === 2 && thread === 7 }));
    const newest = new Map<string, number>();
    const isAllThere = (): boolean => {
      for (const event of heard.events)
        if (event.kind === "commit") newest.set(event.threadId, event.version);
      return newest.size === 100 && [...newest.values()].every((version) => version === 20);
    };
    await heard.until(isAllThere);
    const withRun = heard.events.flatMap((it) =>
      it.kind === "commit" && it.hasRun ? [it.threadId] : [],
    );
    expect(new Set(withRun)).toEqual(new Set(["th_7"]));
    heard.stop();
    await Promise.all([here.close(), there.close()]);
  });

  test("tells that there is text", async () => {
    const [here, there] = await open();
    const heard = listenOn(there);
    await heard.until(() => heard.gaps > 0);
    const odd = "a\u0000b \ud83d\ude00 end";
    here.publish(chunks("th_1", 0, odd));
    await heard.until(() => heard.events.length > 0);
    const { chunks: text, ...told } = { chunks: undefined, ...chunks("th_1", 0, odd) };
    expect(heard.events).toEqual([hasText ? { ...told, chunks: text } : told]);
    heard.stop();
    await Promise.all([here.close(), there.close()]);
  });

  test("says nothing more to who stopped listening", async () => {
    const [here, there] = await open();
    const gone = listenOn(there);
    const heard = listenOn(there);
    await heard.until(() => heard.gaps > 0 && gone.gaps > 0);
    gone.stop();
    here.publish(commit("th_1", 1));
    await heard.until(() => heard.events.length > 0);
    expect(gone.events).toEqual([]);
    heard.stop();
    await Promise.all([here.close(), there.close()]);
  });

  test("tells before it closes; what is published afterwards does no harm", async () => {
    const [here, there] = await open();
    const heard = listenOn(there);
    await heard.until(() => heard.gaps > 0);
    here.publish(commit("th_last", 9));
    await here.close();
    expect(() => here.publish(commit("th_late", 1))).not.toThrow();
    await heard.until(() => heard.events.length > 0);
    expect(heard.events).toEqual([commit("th_last", 9)]);
    heard.stop();
    await Promise.all([here.close(), there.close()]);
  });
}
