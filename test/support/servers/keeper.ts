/** The process that owns the database servers of one test run. It ends, and they with it, when its standard input
 *  closes: however the run ended, a crash included. */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { KeeperAnswer, KeeperCall } from "./keeper-call.ts";
import { FOLDER_PREFIX, removeLeftovers } from "./leftovers.ts";
import { ServersOfRun } from "./servers-of-run.ts";

await removeLeftovers();
const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
// Servers run as somebody else where this process is root; each has a closed folder in here.
await chmod(folder, 0o711);
const servers = new ServersOfRun(folder, process.env);
const path = `/${randomBytes(16).toString("hex")}`;

async function answer(request: IncomingMessage): Promise<KeeperAnswer> {
  if (request.url !== path) return { error: "unknown path" };
  try {
    const call: KeeperCall = JSON.parse(await text(request));
    return { ok: (await servers.answer(call)) ?? null };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const listener = createServer((request, response) => {
  void answer(request).then((answered) => response.end(JSON.stringify(answered)));
});
// An answer may take as long as the installation of a package.
listener.requestTimeout = 0;

listener.listen(0, "127.0.0.1", () => {
  const address = listener.address();
  if (address !== null && typeof address === "object")
    process.stdout.write(`http://127.0.0.1:${address.port}${path}\n`);
});

async function end(): Promise<void> {
  listener.close();
  listener.closeAllConnections();
  await servers.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
}

process.stdout.once("error", () => void end());
process.stdin.resume().once("close", () => void end());
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => void end());
