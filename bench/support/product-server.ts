import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startServer } from "./processes.ts";
import type { ServerProcess } from "./processes.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");

/** `skein serve` with a SQLite file, otherwise as it comes. */
export function startProduct(path: string): Promise<ServerProcess> {
  return startNode({ store: `sqlite:${path}` });
}

/** One of several servers on a store. */
export function startNode(place: {
  readonly store: string;
  readonly bus?: string;
}): Promise<ServerProcess> {
  return startServer([MAIN, "serve", "--port", "0"], {
    SKEIN_STORE: place.store,
    SKEIN_BUS: place.bus ?? "",
    SKEIN_MODEL: "demo",
    SKEIN_API_KEYS: "",
    SKEIN_HOST: "127.0.0.1",
  });
}

/** Resolves when the search index has everything, so that the server rests. */
export async function waitForIndex(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/api/v1/search?q=nothing`);
    if (!response.ok) throw new Error(`The search answered ${response.status}.`);
    await response.arrayBuffer();
    if (Number(response.headers.get("skein-index-lag")) === 0) return;
    await setTimeout(20);
  }
}
