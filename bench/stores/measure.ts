import { collectGarbage } from "../support/collect-garbage.ts";
import { median, quantile } from "../support/statistics.ts";
import { turnAt } from "../support/turn.ts";
import type { Turn } from "../support/turn.ts";
import type { Contestant, ThreadPlace } from "./thread-place.ts";

const PAGE = 50;
const NEWEST = 20;
const USERS = 10;
const LISTED_THREADS = 1_000;
/** So that sizes are not those of empty tables. */
const MESSAGES_PER_CELL = 4_000;
const SAMPLES = 200;
const FEWEST_SAMPLES = 3;
/** Keeps a thread of ten messages one of about ten. */
const TURNS_PER_THREAD = 5;

export interface Cell {
  readonly length: number;
  /** Milliseconds for the next turn. */
  readonly turn: { readonly p50: number; readonly p99: number } | null;
  /** Milliseconds for the newest 50 messages, p50. */
  readonly open: number | null;
  readonly bytesPerMessage: number | null;
  /** Why something was left out. */
  readonly reason?: string;
}

export interface CellOptions {
  readonly length: number;
  readonly turns: readonly Turn[];
  /** For growing threads turn by turn, and again for each thing that is timed. */
  readonly capSeconds: number;
}

/** Threads of one length in an empty place, grown turn by turn as conversations are. A thread that takes too long is
 *  brought in one step instead: then its size is not what turns would have made of it, and is left out. */
export async function measureCell(contestant: Contestant, options: CellOptions): Promise<Cell> {
  const { length, turns, capSeconds } = options;
  const place = await contestant.open();
  try {
    const empty = await place.bytes();
    const grown = await growThreads(place, options);
    const threads = grown.threads.length > 0 ? grown.threads : ["brought"];
    const bytes = (await place.bytes()) - empty;
    let reason = `not grown within ${capSeconds} s`;
    if (grown.threads.length === 0) {
      const brought = Array.from({ length: length / 2 }, (_, number) => turnAt(turns, number));
      await place.create("brought", userAt(0));
      try {
        await place.bring("brought", userAt(0), brought);
      } catch (error) {
        reason += `; cannot be brought: ${String(error).slice(0, 80)}`;
        return { length, turn: null, open: null, bytesPerMessage: null, reason };
      }
    }
    const most = Math.min(SAMPLES, Math.max(threads.length * TURNS_PER_THREAD, length / 10));
    const taken = await sample(most, capSeconds, (number) => {
      const at = number % threads.length;
      return place.append(threads[at] ?? "", userAt(at), turnAt(turns, number));
    });
    const open = await sample(SAMPLES, capSeconds, async (number) => {
      const found = await place.last(threads[number % threads.length] ?? "", PAGE);
      if (found < Math.min(PAGE, length)) throw new Error(`${contestant.name}: ${found} messages.`);
    });
    return {
      length,
      turn: { p50: median(taken), p99: quantile(taken, 0.99) },
      open: median(open),
      bytesPerMessage: grown.threads.length > 0 ? bytes / grown.messages : null,
      ...(grown.threads.length === 0 && { reason }),
    };
  } finally {
    await place.close();
  }
}

/** Milliseconds for the 20 newest threads of one of ten users among 1,000 threads, p50; `null` without such a list. */
export async function measureList(
  contestant: Contestant,
  { turns, capSeconds }: Omit<CellOptions, "length">,
): Promise<number | null> {
  const place = await contestant.open();
  try {
    if (place.newest === undefined) return null;
    for (let number = 0; number < LISTED_THREADS; number++) {
      await place.create(`thread-${number}`, userAt(number));
      await place.append(`thread-${number}`, userAt(number), turnAt(turns, number));
    }
    await place.bytes();
    const taken = await sample(SAMPLES, capSeconds, async (number) => {
      const found = await place.newest?.(userAt(number), NEWEST);
      if (found !== NEWEST) throw new Error(`${contestant.name}: ${found} threads.`);
    });
    return median(taken);
  } finally {
    await place.close();
  }
}

async function growThreads(
  place: ThreadPlace,
  { length, turns, capSeconds }: CellOptions,
): Promise<{ readonly threads: readonly string[]; readonly messages: number }> {
  const until = performance.now() + capSeconds * 1_000;
  const threads: string[] = [];
  let messages = 0;
  while (messages < MESSAGES_PER_CELL && performance.now() < until) {
    const thread = `thread-${threads.length}`;
    const user = userAt(threads.length);
    await place.create(thread, user);
    for (let done = 0; done < length; done += 2) {
      if (performance.now() > until) return { threads, messages };
      await place.append(thread, user, turnAt(turns, messages >> 1));
      messages += 2;
    }
    threads.push(thread);
  }
  return { threads, messages };
}

async function sample(
  most: number,
  capSeconds: number,
  step: (number: number) => Promise<void>,
): Promise<readonly number[]> {
  collectGarbage();
  const until = performance.now() + capSeconds * 1_000;
  const taken: number[] = [];
  while (taken.length < most && (taken.length < FEWEST_SAMPLES || performance.now() < until)) {
    const start = performance.now();
    await step(taken.length);
    taken.push(performance.now() - start);
  }
  return taken;
}

function userAt(number: number): string {
  return `user-${number % USERS}`;
}
