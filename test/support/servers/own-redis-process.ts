/** Starts a Redis of its own, says where, and waits to be killed. */
import { createClient } from "redis";
import { ownServer } from "./servers.ts";

const { url, pid } = await ownServer("redis");
const client = createClient({ url });
await client.connect();
const { dir: folder } = await client.configGet("dir");
client.destroy();
console.log(JSON.stringify({ pid, folder }));
setInterval(() => undefined, 60_000);
