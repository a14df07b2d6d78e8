import { isSkeinError } from "../model/error.ts";
import type { Chunk } from "../store/chunk.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Core } from "./core.ts";
import { withRetry } from "./retry.ts";

// As for the rest of what a run writes: a store that is away for longer gives the run back.
const ATTEMPTS = 5;
const BASE_MS = 100;

/** Adds chunks of one message, each once. Repeated while the store is busy or away, because the answer of a model that was
 *  asked is not worth less for that; what took effect although nobody said so is not added again. */
export async function appendChunks(
  { store }: Pick<Core, "store">,
  key: ThreadKey,
  chunks: readonly Chunk[],
): Promise<void> {
  let missing = chunks;
  let isUnknown = false;
  await withRetry(
    async () => {
      if (isUnknown) missing = await missingOf(store, key, chunks);
      if (missing.length === 0) return;
      try {
        await store.appendChunks(key, missing);
      } catch (error) {
        isUnknown ||= isSkeinError(error, "store_unavailable");
        throw error;
      }
    },
    { attempts: ATTEMPTS, baseMs: BASE_MS },
  );
}

async function missingOf(
  store: Core["store"],
  key: ThreadKey,
  chunks: readonly Chunk[],
): Promise<readonly Chunk[]> {
  const [first] = chunks;
  if (first === undefined) return [];
  // A part may begin with nothing, where its text begins afterwards.
  const placeOf = ({ attempt, part, offset, text }: Chunk): string =>
    `${attempt} ${part} ${offset} ${text.length}`;
  const stored = new Set((await store.listChunks(key, first.messageId)).map(placeOf));
  return chunks.filter((chunk) => !stored.has(placeOf(chunk)));
}
