import { createEngine } from "../../src/engine/create-engine.ts";
import type { AppendInput, Engine } from "../../src/engine/engine.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { TurnStore } from "./turn-store.ts";
import type { Turn } from "./turn.ts";

/** The product: its engine over its SQLite store, `synchronous = FULL`.
 *  @param threads  commits and searches in worker threads, as the server does */
export function openProduct(path: string, threads = false): Engine {
  return createEngine({ store: sqliteStore({ path, threads }) });
}

/** The product with threads that are empty. */
export async function productTurns(
  path: string,
  { threads, inWorkers = false }: { readonly threads: number; readonly inWorkers?: boolean },
): Promise<TurnStore> {
  return productOver(openProduct(path, inWorkers), threads);
}

/** The same over any store. */
export async function productOver(engine: Engine, threads: number): Promise<TurnStore> {
  await Promise.all(
    Array.from({ length: threads }, (_, number) =>
      engine.create({ id: idOf(number), title: `Thread ${number}` }),
    ),
  );
  return {
    append: async (thread, turn) => {
      await engine.append(idOf(thread), messagesOf(turn));
    },
    settle: () => settle(engine),
    close: () => engine.close(),
  };
}

export function messagesOf({ user, assistant }: Turn): AppendInput {
  return { messages: [{ content: user }, { role: "assistant", content: assistant }] };
}

/** Brings lists and search index up to date, so that nothing is left to do in somebody else's time. */
export async function settle(engine: Engine): Promise<void> {
  await engine.list({ limit: 1 });
  while ((await engine.search({ text: "nothing" })).indexLag > 0);
}

function idOf(thread: number): string {
  return `thread-${thread}`;
}
