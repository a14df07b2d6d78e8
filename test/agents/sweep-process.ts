/** A process that sweeps one store, and tells of every page. The test that starts it kills it. */
import { createSkein } from "../../src/agents/create-skein.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

const [path = "", now = "0"] = process.argv.slice(2);
const skein = createSkein({
  store: sqliteStore({ path }),
  worker: false,
  clock: () => Number(now),
});
await skein.sweep({ onProgress: ({ deleted }) => console.log(`deleted ${deleted}`) });
await skein.close();
