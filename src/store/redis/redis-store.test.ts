import { describe } from "vitest";
import { testConformance } from "../../../test/conformance/conformance.test-support.ts";
import { testEngine } from "../../../test/engine/engine.test-support.ts";
import { missingServer, redisUrl } from "../../../test/support/servers/servers.ts";
import type { Store } from "../store.ts";
import { redisStore } from "./redis-store.ts";

const missing = await missingServer("redis");
const urls = new Map<Store, string>();

function at(url: string): Store {
  const store = redisStore(url);
  urls.set(store, url);
  return store;
}

async function opened(url: string): Promise<Store> {
  const store = at(url);
  // What the store can do depends on the server.
  await store.open();
  return store;
}

describe.skipIf(missing !== undefined)(missing ?? "on a real server", () => {
  testConformance({
    name: "Redis",
    openStore: async () => opened(await redisUrl()),
    reopen: async (store) => {
      await store.close();
      return opened(urls.get(store) ?? "");
    },
  });
  testEngine({
    name: "Redis",
    open: async (beside) => at((beside && urls.get(beside)) ?? (await redisUrl())),
  });
});
