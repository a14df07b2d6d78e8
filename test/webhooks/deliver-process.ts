/** A process that delivers to the endpoints of one store until it is killed or gets SIGTERM.
 *  `node deliver-process.ts <store>` prints `ready`. */
import { createSkein } from "../../src/agents/create-skein.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { createWebhooks } from "../../src/webhooks/create-webhooks.ts";

const [path = ""] = process.argv.slice(2);
const skein = createSkein({ store: sqliteStore({ path }), model: "demo", worker: false });
const webhooks = createWebhooks({ skein, network: "loopback", retryDelaysMs: [10, 10, 10] });
await webhooks.start();
process.once("SIGTERM", () => {
  void webhooks.stop().then(() => skein.close());
});
console.log("ready");
