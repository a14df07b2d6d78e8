/** A worker that finds nothing to do. `node idle-process.ts <url> <milliseconds>` prints what it holds then, in JSON. */
import { setTimeout as sleep } from "node:timers/promises";
import { collectGarbage } from "../../bench/support/collect-garbage.ts";
import { agent } from "../../src/agents/agent.ts";
import { createSkein } from "../../src/agents/create-skein.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";

const [url = "", milliseconds] = process.argv.slice(2);
const skein = createSkein({
  store: postgresStore(url),
  agents: [agent({ name: "assistant", model: "demo" })],
});
await skein.open();
await sleep(Number(milliseconds));
collectGarbage();
const heapBytes = process.memoryUsage().heapUsed;
const handles = process.getActiveResourcesInfo().toSorted();
console.log(JSON.stringify({ heapBytes, handles }));
await skein.drain(0);
await skein.close();
