import type { Engine, WriteOptions } from "../engine/engine.ts";
import type { ThreadKey } from "../store/key.ts";
import type { RunServices } from "./run-context.ts";
import { onceStopped } from "./stop-runs.ts";

/** Deletes a thread. Runs that work on it are cancelled first and given 10 s to stop; then they are ended from outside. */
export async function deleteThread(
  services: RunServices,
  engine: Engine,
  key: ThreadKey,
  options: WriteOptions & { readonly purge?: boolean } = {},
): Promise<void> {
  const { purge, ...write } = options;
  await onceStopped({ services, engine, key, options: write }, (now) =>
    engine.delete(key.id, { ...now, ...(purge !== undefined && { purge }) }),
  );
}
