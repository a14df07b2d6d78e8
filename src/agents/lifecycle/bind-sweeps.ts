import type { Engine } from "../../engine/engine.ts";
import { SkeinError } from "../../model/error.ts";
import type { Principal } from "../../model/principal.ts";
import type { RunServices } from "../run-context.ts";
import type { Skein } from "../skein.ts";
import { createSweeper } from "./sweeper.ts";
import type { Sweeper } from "./sweeper.ts";

const EVERY_MS = 60_000;

interface Shared {
  readonly services: RunServices;
  readonly sweeper: Sweeper;
}

export function bindSweeps(
  { services, sweeper }: Shared,
  engine: Engine,
  { tenant, user, scopes }: Principal,
): Pick<Skein, "sweep" | "startSweeper" | "cleanupOldThreads"> {
  const requireAll = (): void => {
    if (user !== null || !scopes.includes("admin"))
      throw new SkeinError("forbidden", "Sweeping takes all rights in the store.");
  };
  return {
    sweep: async (options) => {
      requireAll();
      return sweeper.sweep(options);
    },
    startSweeper: (everyMs = EVERY_MS) => {
      requireAll();
      return start(services, sweeper, everyMs);
    },
    cleanupOldThreads: async ({ olderThan = "24h", ...options } = {}) => {
      requireAll();
      const policies = [{ tenant, expireAfter: olderThan }];
      return createSweeper(services, engine, policies).sweep(options);
    },
  };
}

function start({ onError }: RunServices, sweeper: Sweeper, everyMs: number): () => Promise<void> {
  const stopping = new AbortController();
  let current: Promise<unknown> = Promise.resolve();
  let isSweeping = false;
  const timer = setInterval(() => {
    // A long sweep is not followed by all those that would have begun meanwhile.
    if (isSweeping) return;
    isSweeping = true;
    current = sweeper
      .sweep({ signal: stopping.signal })
      .catch(onError)
      .finally(() => {
        isSweeping = false;
      });
  }, everyMs).unref();
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await current;
  };
}
