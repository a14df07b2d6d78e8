import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Socket } from "node:net";

/** Where processes of this run find the keeper. */
export const KEEPER_VARIABLE = "SKEIN_TEST_SERVERS";

/** Starts the keeper of this process and of those that it starts. Servers start when they are asked for.
 *  The function that it resolves with ends them all; without it they end with this process. */
export async function startKeeper(): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "keeper.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    // Ctrl-C is for this process; the keeper notices when it ends.
    detached: true,
  });
  const [url]: (string | undefined)[] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    once(child, "exit").then(() => []),
  ]);
  if (url === undefined) throw new Error("The keeper of the database servers does not start.");
  process.env[KEEPER_VARIABLE] = url;
  // It keeps nobody waiting who forgets to end it.
  child.unref();
  for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref();
  return async () => {
    const ended = once(child, "exit");
    child.ref();
    child.stdin.end();
    await ended;
  };
}
