import { turnAt } from "./turn.ts";
import type { Turn } from "./turn.ts";

/** Something that keeps turns of numbered threads: the product, or a reference. */
export interface TurnStore {
  /** Resolves when the turn is durable. */
  append(thread: number, turn: Turn): Promise<void>;
  /** Does what commits leave to be done later; resolves when nothing is left. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Appends turns of `clients` that each wait for their own turn before the next. Answers turns per second.
 *  @param turnsEach  per client */
export async function throughput(
  store: TurnStore,
  turns: readonly Turn[],
  { clients, turnsEach, threads = clients }: Load,
): Promise<number> {
  const start = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let round = 0; round < turnsEach; round++) {
        const number = round * clients + client;
        // Neighbours in time are not neighbours in the indexes.
        await store.append((number * 7_919) % threads, turnAt(turns, number));
      }
    }),
  );
  return (clients * turnsEach * 1_000) / (performance.now() - start);
}

export interface Load {
  readonly clients: number;
  readonly turnsEach: number;
  /** Over how many threads the turns spread; default one per client. */
  readonly threads?: number;
}
