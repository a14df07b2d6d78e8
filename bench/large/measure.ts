import type { Engine } from "../../src/engine/engine.ts";
import { alternate } from "../support/alternate.ts";
import { milliseconds } from "../support/format.ts";
import { messagesOf } from "../support/product-turns.ts";
import { atMost } from "../support/row.ts";
import type { Row } from "../support/row.ts";
import { median, quantile, ratios, spreadOf } from "../support/statistics.ts";
import { makeTurns, randomFrom, turnAt } from "../support/turn.ts";
import { COMMON_WORD, RARE_HITS, idAt, rareWordAt, userAt } from "./corpus.ts";

const NEWEST = 20;
const PAGE = 50;
/** So many users' pages are in the cache after the first rounds. */
const OFTEN = 100;
/** What an answer may take at most, whatever the size. */
const SEARCH_P99_MS = 100;
const GROWTH = 1.5;

/** A filled store. */
export interface Filled {
  readonly engine: Engine;
  readonly threads: number;
  /** Of how many threads it is the beginning: decides who owns which thread. */
  readonly total: number;
}

interface Question {
  readonly what: string;
  readonly count: number;
  readonly p99Ms?: number;
  readonly ask: (store: Filled, number: number) => Promise<void>;
}

const turns = makeTurns();
const random = randomFrom(11);

// Another thread each time: what is cached is what chance brings.
const anyOf = ({ threads }: Filled): number => Math.floor(random() * threads);

const questions: readonly Question[] = [
  {
    what: "first page of a user's threads",
    count: 20,
    ask: async ({ engine, threads, total }, number) => {
      const userId = userAt(Math.floor(random() * threads), total);
      const { items } = await engine.list({ limit: NEWEST }, { userId });
      expectAt(number, items.length, NEWEST);
    },
  },
  {
    what: "first page of the threads of one of 100 users, who come often",
    count: 20,
    ask: async ({ engine, threads, total }, number) => {
      // Apart from each other, so that they share no page of the file.
      const userId = userAt(
        Math.floor(((number % OFTEN) * threads) / OFTEN) + (number % OFTEN),
        total,
      );
      const { items } = await engine.list({ limit: NEWEST }, { userId });
      expectAt(number, items.length, NEWEST);
    },
  },
  {
    what: "open a thread",
    count: 20,
    ask: async (store, number) => {
      const thread = anyOf(store);
      const options = { userId: userAt(thread, store.total) };
      await store.engine.get(idAt(thread), options);
      const page = await store.engine.messages(idAt(thread), { limit: PAGE }, options);
      expectAt(number, Math.min(page.messages.length, 5), 5);
    },
  },
  {
    what: "append a turn",
    count: 20,
    ask: async (store, number) => {
      const thread = anyOf(store);
      const options = { userId: userAt(thread, store.total) };
      await store.engine.append(idAt(thread), messagesOf(turnAt(turns, number)), options);
    },
  },
  {
    what: "search for a rare word",
    count: 20,
    p99Ms: SEARCH_P99_MS,
    ask: async (store, number) => {
      const word = rareWordAt(Math.max(0, anyOf(store) - RARE_HITS));
      expectAt(number, (await store.engine.search({ text: word, limit: NEWEST })).items.length, 5);
    },
  },
  {
    what: "search for a common word, newest first",
    count: 10,
    p99Ms: SEARCH_P99_MS,
    ask: async ({ engine }, number) => {
      const found = await engine.search({ text: COMMON_WORD, order: "recent", limit: NEWEST });
      expectAt(number, found.items.length, NEWEST);
    },
  },
  {
    what: "search for a common word, ranked over the newest 10,000 hits",
    count: 5,
    ask: async ({ engine }, number) => {
      const found = await engine.search({ text: COMMON_WORD, order: "rank", limit: NEWEST });
      expectAt(number, found.items.length, NEWEST);
    },
  },
  {
    what: "search of one user for a common word, newest first",
    count: 5,
    ask: async ({ engine, threads, total }, number) => {
      const userId = userAt(Math.floor(random() * threads), total);
      const text = COMMON_WORD;
      const found = await engine.search({ text, order: "recent", limit: NEWEST }, { userId });
      expectAt(number, found.items.length, NEWEST);
    },
  },
];

/** Asks a small and a large store the same in turns. */
export async function* compare(
  name: string,
  { small, large }: { readonly small: Filled; readonly large: Filled },
  rounds: number,
): AsyncGenerator<Row> {
  for (const { what, count, p99Ms, ask } of questions) {
    const taken = await alternate(
      { small: (number) => ask(small, number), large: (number) => ask(large, number) },
      { rounds, count },
    );
    const [few, many] = [taken.small.flat(), taken.large.flat()];
    const figures = (of: Filled, all: readonly number[]): string =>
      `${of.threads.toLocaleString("en-US")} threads: p50 ${milliseconds(median(all))}, p99 ${milliseconds(quantile(all, 0.99))}`;
    yield {
      what: `${name}: ${what}`,
      bar: atMost(GROWTH),
      unit: "×",
      measured: spreadOf(ratios(taken.large.map(median), taken.small.map(median))),
      reference: `${figures(small, few)}; ${figures(large, many)}`,
    };
    if (p99Ms !== undefined)
      yield {
        what: `${name}: ${what}, p99`,
        bar: atMost(p99Ms),
        unit: "ms",
        measured: { ...spreadOf(many), median: quantile(many, 0.99), rounds: 1 },
        reference: `of ${many.length} questions`,
      };
  }
}

function expectAt(number: number, found: number, expected: number): void {
  if (found !== expected)
    throw new Error(`Question ${number} found ${found} instead of ${expected}.`);
}
