import { createEngine } from "../src/engine/create-engine.ts";
import { postgresStore } from "../src/store/postgres/postgres-store.ts";
import { missingServer, ownServer } from "../test/support/servers/servers.ts";
import { alternate } from "./support/alternate.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { figure, milliseconds } from "./support/format.ts";
import { productOver } from "./support/product-turns.ts";
import { proveSamePostgresRows } from "./support/prove-same-postgres-rows.ts";
import { rawPostgres } from "./support/raw-postgres.ts";
import { interleave } from "./support/rounds.ts";
import { atLeast, atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { throughput } from "./support/turn-store.ts";
import type { Load, TurnStore } from "./support/turn-store.ts";
import { makeTurns, turnAt } from "./support/turn.ts";

const CLIENTS = 64;
// Long enough for the search index to be written beside every round.
const TURNS_EACH = 96;
const SINGLE_TURNS = 150;

/** Commits on a PostgreSQL server that syncs each of them: 64 clients at once, and one turn after another. */
export async function* postgresCommits({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const missing = await missingServer("postgres", { own: true });
  if (missing !== undefined) throw new Error(missing);
  await using server = await ownServer("postgres");
  for (const options of ["", "?prepare=yes"]) {
    const isBar = options === "";
    const how = isBar ? "" : ", prepare=yes";
    yield* concurrent({ rounds, how, isBar, options, databaseAt: await server.createDatabase() });
    yield* single({ rounds, how, isBar, options, databaseAt: await server.createDatabase() });
  }
}

interface Case extends BenchmarkOptions {
  readonly how: string;
  readonly isBar: boolean;
  readonly options: string;
  readonly databaseAt: string;
}

async function* concurrent({ rounds, how, isBar, ...place }: Case): AsyncGenerator<Row> {
  const turns = makeTurns();
  const load: Load = { clients: CLIENTS, turnsEach: TURNS_EACH };
  const { product, raw } = await open(place, true);
  const run = (store: TurnStore) => async (): Promise<number> => {
    const perSecond = await throughput(store, turns, load);
    await store.settle();
    return perSecond;
  };
  const measured = await closing([product, raw], () =>
    interleave({ product: run(product), raw: run(raw) }, rounds),
  );
  const speed = (sample: readonly number[]): string => `${figure(median(sample))} turns/s`;
  yield {
    what: `64 concurrent turns${how}: share of raw unnest`,
    ...(isBar && { bar: atLeast(0.6) }),
    unit: "%",
    measured: spreadOf(ratios(measured.product, measured.raw)),
    reference: `product ${speed(measured.product)}, raw ${speed(measured.raw)}`,
  };
}

async function* single({ rounds, how, isBar, ...place }: Case): AsyncGenerator<Row> {
  const turns = makeTurns();
  const { product, raw } = await open(place, false);
  const append = (store: TurnStore) => (number: number) =>
    store.append(number % CLIENTS, turnAt(turns, number));
  const taken = await closing([product, raw], () =>
    alternate({ product: append(product), raw: append(raw) }, { rounds, count: SINGLE_TURNS }),
  );
  const medians = { product: taken.product.map(median), raw: taken.raw.map(median) };
  yield {
    what: `one turn at a time${how}, p50: cost against one raw CTE`,
    ...(isBar && { bar: atMost(1.5) }),
    unit: "×",
    measured: spreadOf(ratios(medians.product, medians.raw)),
    reference:
      `product p50 ${milliseconds(median(medians.product))}; ` +
      `raw p50 ${milliseconds(median(medians.raw))}`,
  };
}

/** The product makes the tables; the reference writes to the same ones, to threads of its own. */
async function open(
  { options, databaseAt }: Pick<Case, "options" | "databaseAt">,
  isGrouped: boolean,
): Promise<{ readonly product: TurnStore; readonly raw: TurnStore }> {
  const engine = createEngine({ store: postgresStore(databaseAt + options) });
  const product = await productOver(engine, CLIENTS);
  const raw = await rawPostgres(databaseAt, { threads: CLIENTS, isGrouped });
  await proveSamePostgresRows(product, raw, databaseAt);
  return { product, raw };
}

async function closing<T>(stores: readonly TurnStore[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    for (const store of stores) await store.close();
  }
}

if (import.meta.main) await report(import.meta.filename, postgresCommits);
