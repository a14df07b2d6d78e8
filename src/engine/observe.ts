import { setImmediate as nextTurn } from "node:timers/promises";
import { isSkeinError, SkeinError } from "../model/error.ts";
import type { Entry } from "../model/entry.ts";
import type { Principal } from "../model/principal.ts";
import type { FeedEvent } from "../store/query.ts";
import { principalOf, readHead } from "./core.ts";
import type { Core } from "./core.ts";
import type { FeedOptions, ObserveOptions } from "./engine.ts";
import { PAGE_BYTES } from "./page-bytes.ts";
import { requireRead } from "./threads.ts";
import { Wake } from "./wake.ts";

const ENTRIES_AT_A_TIME = 500;
// What an observer that does not keep up may have waiting in memory; the rest it reads from the log.
const PUSHED_AT_MOST = 1_000;
/** Nobody tells when the transactions end that hold back what was committed after them. */
const UNSETTLED_MS = 25;
/** Who only wants what there is waits for them no longer than this; what they hold back is behind its last cursor. */
const MOST_UNSETTLED_LOOKS = 80;

/** What a store lets go of by itself, such as a session whose time is over, leaves no entry. Gaps may come by the dozen. */
const LOOK_FOR_THREAD_MS = 10_000;

/** Every entry once, in order. The log is the source; what is committed in this process comes without reading it again. */
export async function* observe(
  core: Core,
  base: Principal,
  threadId: string,
  options: ObserveOptions = {},
): AsyncGenerator<Entry, void, undefined> {
  const principal = principalOf(base, options);
  const { signal } = options;
  const key = { tenant: principal.tenant, id: threadId };
  let version = checkAfter(options.after);
  await readHead(core, principal, threadId);
  const wake = new Wake();
  let pushed: Entry[] = [];
  let mayBeGone = false;
  let lookAgainAt = 0;
  let refusal: SkeinError | undefined;
  // Heard before the log is read: what is committed in between is in one of the two, and told apart by version.
  const stops = [
    core.live.onThread(key, ({ entries }) => {
      if (pushed.length < PUSHED_AT_MOST) pushed.push(...entries);
      wake.wake();
    }),
    core.live.foreign.listenTo(key, {
      onCommit: (told) => {
        if (told.version > version) wake.wake();
      },
      onGap: () => {
        mayBeGone = true;
        wake.wake();
      },
    }),
  ];
  try {
    while (!isAborted(signal)) {
      const fresh = following(pushed, version);
      pushed = [];
      const entries =
        fresh.length > 0
          ? fresh
          : await core.store.listEntries(key, version, ENTRIES_AT_A_TIME, PAGE_BYTES);
      for (const entry of entries) {
        version = entry.version;
        yield entry;
        if (isAborted(signal)) return;
        if (entry.op === "member.remove" || entry.op === "thread.purge")
          await readHead(core, principal, threadId);
      }
      if (entries.length > 0) {
        refusal = undefined;
        continue;
      }
      if (refusal !== undefined) throw refusal;
      if (mayBeGone && performance.now() >= lookAgainAt) {
        mayBeGone = false;
        lookAgainAt = performance.now() + LOOK_FOR_THREAD_MS;
        refusal = await refusalOf(core, principal, threadId);
        // Its last entries come first.
        if (refusal !== undefined) continue;
      }
      await wake.sleep(signal);
    }
  } finally {
    for (const stop of stops) stop();
  }
}

/** Why a thread may not be followed any more. One that was deleted may come back. */
async function refusalOf(
  core: Core,
  principal: Principal,
  threadId: string,
): Promise<SkeinError | undefined> {
  try {
    await readHead(core, principal, threadId);
    return undefined;
  } catch (error) {
    if (isSkeinError(error, "thread_not_found")) return error;
    if (isSkeinError(error, "thread_deleted")) return undefined;
    throw error;
  }
}

/** A version to go on from; 0 when there is none. */
export function checkAfter(after: number | undefined): number {
  if (after === undefined) return 0;
  if (!Number.isInteger(after) || after < 0)
    throw new SkeinError("invalid_request", "after must be a whole number of 0 or more.", {
      field: "after",
    });
  return after;
}

/** The entries that follow `version` without a gap. What another process committed in between is only in the log. */
function following(entries: readonly Entry[], version: number): readonly Entry[] {
  const next: Entry[] = [];
  for (const entry of entries) if (entry.version === version + next.length + 1) next.push(entry);
  return next;
}

/** Header changes of every thread that the principal may see, in the order of commits. */
export async function* feed(
  core: Core,
  base: Principal,
  options: FeedOptions = {},
): AsyncGenerator<FeedEvent, void, undefined> {
  const principal = principalOf(base, options);
  requireRead(principal);
  const { signal } = options;
  if (options.after !== undefined && typeof options.after !== "string")
    throw new SkeinError("invalid_request", 'after must be a cursor of the feed, or "0".', {
      field: "after",
    });
  const wake = new Wake();
  const stops = [
    core.live.onCommit(() => wake.wake()),
    core.live.foreign.listen({ onCommit: () => wake.wake(), onGap: () => wake.wake() }),
  ];
  try {
    // `0` is from the beginning, as for the versions of one thread.
    let after: string | null =
      options.after === "0"
        ? null
        : (options.after ?? (await core.store.feedEnd(principal.tenant)));
    let looks = 0;
    while (!isAborted(signal)) {
      const page = await core.store.listFeed(principal, { after, limit: ENTRIES_AT_A_TIME });
      after = page.cursor;
      for (const event of page.events) {
        yield event;
        if (isAborted(signal)) return;
      }
      looks = page.isUnsettled === true && page.events.length === 0 ? looks + 1 : 0;
      const isSettled = page.isUnsettled !== true || looks > MOST_UNSETTLED_LOOKS;
      if (page.isAtEnd && isSettled && options.follow === false) return;
      if (page.isAtEnd)
        await wake.sleep(signal, page.isUnsettled === true ? UNSETTLED_MS : undefined);
      // A reader with much to catch up, or who may see little of it, leaves others their turn.
      else await nextTurn();
    }
  } finally {
    for (const stop of stops) stop();
  }
}

// A call, because the compiler does not expect the signal to change during a yield.
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
