import { setTimeout as sleep } from "node:timers/promises";
import { createParser } from "eventsource-parser";
import {
  missingServer,
  mariadbUrl,
  postgresUrl,
  redisUrl,
} from "../test/support/servers/servers.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { startNode } from "./support/product-server.ts";
import { atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { quantile, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";

const MESSAGES = 20;
const PAUSE_MS = 25;

interface Place {
  readonly what: string;
  readonly needs: readonly ("postgres" | "mariadb" | "redis")[];
  readonly at: (folder: string) => Promise<{ readonly store: string; readonly bus?: string }>;
}

const places: readonly Place[] = [
  {
    what: "PostgreSQL, LISTEN and NOTIFY",
    needs: ["postgres"],
    at: async () => ({ store: await postgresUrl() }),
  },
  {
    what: "PostgreSQL, no bus",
    needs: ["postgres"],
    at: async () => ({ store: await postgresUrl(), bus: "none" }),
  },
  {
    what: "PostgreSQL, Redis Streams",
    needs: ["postgres", "redis"],
    at: async () => ({ store: await postgresUrl(), bus: await redisUrl() }),
  },
  {
    what: "Redis, Redis Streams",
    needs: ["redis"],
    at: async () => ({ store: await redisUrl() }),
  },
  {
    what: "MariaDB, Redis Streams",
    needs: ["mariadb", "redis"],
    at: async () => ({ store: await mariadbUrl(), bus: await redisUrl() }),
  },
  {
    what: "MariaDB, no bus",
    needs: ["mariadb"],
    at: async () => ({ store: await mariadbUrl() }),
  },
  {
    what: "one SQLite file, no bus",
    needs: [],
    at: async (folder) => ({ store: `sqlite:${folder}/nodes.db` }),
  },
];

/** A message is posted to one server; when does the client of another one on the same database have it? From the
 *  first byte of the request to the event, so with the durable commit. */
export async function* nodes({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  for (const { what, needs, at } of places) {
    const missing = (await Promise.all(needs.map((kind) => missingServer(kind)))).find(Boolean);
    if (missing !== undefined) continue;
    const delays = await inTempFolder(async (folder) => measure(await at(folder), rounds));
    const all = delays.flat();
    yield {
      what: `${what}: p99 from a post to the other server's client`,
      bar: atMost(100),
      unit: "ms",
      measured: spreadOf(delays.map((ofRound) => quantile(ofRound, 0.99))),
      reference: `all: p50 ${milliseconds(quantile(all, 0.5))}, p99 ${milliseconds(quantile(all, 0.99))}`,
    };
  }
}

async function measure(
  place: { readonly store: string; readonly bus?: string },
  rounds: number,
): Promise<readonly (readonly number[])[]> {
  const servers = [await startNode(place), await startNode(place)] as const;
  const gone = new AbortController();
  try {
    await post(servers[0].url, "first");
    const waiting = new Map<string, (at: number) => void>();
    const followers = servers.map(({ url }) =>
      follow(url, gone.signal, (text) => waiting.get(text)?.(performance.now())),
    );
    await Promise.all(followers.map(({ ready }) => ready));
    const results: number[][] = [];
    for (let round = -1; round < rounds; round++) {
      const delays: number[] = [];
      for (let number = 0; number < MESSAGES; number++) {
        const [writer, reader] = number % 2 === 0 ? [0, 1] : [1, 0];
        const text = `${round} ${number}`;
        const { promise, resolve } = Promise.withResolvers<number>();
        waiting.set(`${reader} ${text}`, resolve);
        const start = performance.now();
        await post(servers[writer === 0 ? 0 : 1].url, text);
        delays.push((await promise) - start);
        waiting.clear();
        await sleep(PAUSE_MS);
      }
      // The first one warms up.
      if (round >= 0) results.push(delays);
    }
    gone.abort();
    await Promise.allSettled(followers.map(({ ended }) => ended));
    return results;
  } finally {
    gone.abort();
    await Promise.all(servers.map((server) => server.close()));
  }

  function follow(url: string, signal: AbortSignal, onText: (text: string) => void): Following {
    const reader = url === servers[0].url ? 0 : 1;
    const ready = Promise.withResolvers<void>();
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event === "ready") ready.resolve();
        if (event === "entry") onText(`${reader} ${JSON.parse(data).data?.message?.content ?? ""}`);
      },
    });
    const read = async (): Promise<void> => {
      const response = await fetch(`${url}/api/v1/threads/bench/events`, { signal });
      const decoder = new TextDecoder();
      for await (const bytes of response.body ?? [])
        parser.feed(decoder.decode(bytes, { stream: true }));
    };
    return { ready: ready.promise, ended: read() };
  }
}

interface Following {
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
}

async function post(url: string, message: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/threads/bench/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message, run: false }),
  });
  await response.arrayBuffer();
  if (response.status !== 201) throw new Error(`The server answered ${response.status}.`);
}

if (import.meta.main) await report(import.meta.filename, nodes);
