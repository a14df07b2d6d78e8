import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SkeinError } from "../../model/error.ts";
import type { ThreadKey } from "../key.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { nameOf } from "./names.ts";
import { SCRIPTS } from "./script.ts";

// Deciding takes microseconds; the rest is for a slow network. A process that dies in between blocks nobody for longer.
const LOCK_MS = 5_000;
const PATIENCE_MS = 15_000;
const PAUSE_MS = 5;

/** Does `work` while no other process may write to these threads. Commits under the token pass; those without wait. */
export async function underLock<T>(
  backend: Backend,
  keys: readonly ThreadKey[],
  work: (token: string) => Promise<T>,
): Promise<T> {
  const token = randomUUID();
  const tenants = Map.groupBy(keys, ({ tenant }) => tenant);
  // Always in the same order, so that two cannot wait for one another.
  const groups = [...tenants].sort(([a], [b]) => (a < b ? -1 : 1));
  const locked: typeof groups = [];
  try {
    for (const [tenant, group] of groups) {
      await lock(backend, tenant, token, group);
      locked.push([tenant, group]);
    }
    return await work(token);
  } finally {
    for (const [tenant, group] of locked)
      await runFor(backend, tenant, SCRIPTS.unlock, token, ...namesOf(group));
  }
}

async function lock(
  backend: Backend,
  tenant: string,
  token: string,
  keys: readonly ThreadKey[],
): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const args = [token, String(LOCK_MS), ...namesOf(keys)];
    if ((await runFor(backend, tenant, SCRIPTS.lock, ...args)) === 1) return;
    if (performance.now() > end)
      throw new SkeinError("store_busy", "A thread was locked for too long. Try again.", {
        retryAfterMs: 1_000,
      });
    await sleep(PAUSE_MS * (1 + Math.random()));
  }
}

function namesOf(keys: readonly ThreadKey[]): readonly string[] {
  return [String(keys.length), ...keys.map(({ id }) => nameOf(id))];
}
