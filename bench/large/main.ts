import { mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { ownServer } from "../../test/support/servers/servers.ts";
import { HEADING, formatRow } from "../support/format.ts";
import { inTempFolder } from "../support/temp.ts";
import { catchUp, loadThreads } from "./load.ts";
import { compare } from "./measure.ts";
import type { Filled } from "./measure.ts";

/** Fills SQLite and PostgreSQL with a small and a large number of threads of five messages, by commits of the engine,
 *  and compares what the same questions cost. */
const { values } = parseArgs({
  options: {
    threads: { type: "string", default: "1000000" },
    small: { type: "string", default: "10000" },
    rounds: { type: "string", default: "15" },
    minutes: { type: "string", default: "Infinity" },
    only: { type: "string", default: "" },
    folder: { type: "string" },
    postgres: { type: "string" },
    "postgres-small": { type: "string" },
  },
});
const total = Number(values.threads);
const smallTotal = Number(values.small);
const loadMs = Number(values.minutes) * 60_000;
/** What anybody with a million threads would set: as a server comes, it caches 128 MB. */
const SETTINGS = { max_wal_size: "8GB", shared_buffers: "2GB" };
/** Log and index of a thread, in either database, with room for its write-ahead log. */
const BYTES_PER_THREAD = 16_384;
const tell = (line: string): void => console.error(line);

if (values.folder === undefined) await inTempFolder(run);
else await run(values.folder);

async function run(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  console.log(HEADING);
  if ("sqlite".startsWith(values.only)) {
    expectRoom(folder);
    await compareSizes("SQLite", (size, isLoading) => {
      const path = join(folder, `${size}.db`);
      return createEngine({
        store: sqliteStore({ path, synchronous: isLoading ? "NORMAL" : "FULL" }),
      });
    });
  }
  if ("postgres".startsWith(values.only)) {
    expectRoom(folder);
    const addresses = await postgresAddresses();
    await compareSizes("PostgreSQL", (size) =>
      createEngine({ store: postgresStore(addresses[size]) }),
    );
    await addresses.close();
  }
}

async function compareSizes(
  name: string,
  open: (size: "small" | "large", isLoading: boolean) => Engine,
): Promise<void> {
  const fill = async (size: "small" | "large", threads: number): Promise<Filled> => {
    tell(`${name}, ${size}`);
    const loading = open(size, true);
    const until = performance.now() + loadMs;
    const loaded = await loadThreads(loading, threads, until, tell);
    const left = await catchUp(loading, until + loadMs, tell);
    if (left > 0) tell(`${left.toLocaleString("en-US")} messages are not in the search index.`);
    await loading.close();
    return { engine: open(size, false), threads: loaded, total: threads };
  };
  const small = await fill("small", smallTotal);
  const large = await fill("large", total);
  for await (const row of compare(name, { small, large }, Number(values.rounds)))
    console.log(formatRow(row));
  await small.engine.close();
  await large.engine.close();
}

/** Databases that are named stay; those of a server of the benchmark's own go with it. */
async function postgresAddresses(): Promise<{
  readonly small: string;
  readonly large: string;
  readonly close: () => Promise<void>;
}> {
  const { postgres: large, "postgres-small": small } = values;
  if (large !== undefined && small !== undefined) return { large, small, close: async () => {} };
  const server = await ownServer("postgres", SETTINGS);
  return {
    small: await server.createDatabase(),
    large: await server.createDatabase(),
    close: async () => server[Symbol.asyncDispose](),
  };
}

function expectRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const needed = total * BYTES_PER_THREAD;
  if (bavail * bsize < needed)
    throw new Error(
      `${folder} needs ${Math.ceil(needed / 2 ** 30)} GiB free for ${total.toLocaleString("en-US")} threads. Pass --folder or fewer --threads.`,
    );
}
