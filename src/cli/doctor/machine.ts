import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { bytes } from "../format/figures.ts";
import { localPathOf } from "../open-store.ts";
import type { Settings } from "../settings.ts";
import { type Finding, attempt, fail, ok, warn } from "./check.ts";

const LITTLE_SPACE = 1024 ** 3;
const NO_SPACE = 64 * 1024 ** 2;

// No machine that runs this program has a clock before its release.
const RELEASED = Date.UTC(2026, 10, 1);

export function checkNode(): Finding {
  return ok("node", `${process.versions.node} on ${process.platform} ${process.arch}`);
}

/** @param newest  when the newest thread was written; it cannot lie in the future */
export function checkClock(now: number, newest: number | undefined): Finding {
  const shown = new Date(now).toISOString();
  if (now < RELEASED) return fail("clock", `${shown} is in the past. Set the clock.`);
  if (newest !== undefined && newest > now + 60_000)
    return fail(
      "clock",
      `${shown} is before the newest thread, ${new Date(newest).toISOString()}. Set the clock.`,
    );
  return ok("clock", shown);
}

/** Free space where the store's files lie. */
export async function checkDisk(settings: Settings): Promise<Finding> {
  return await attempt("disk", async () => {
    const path = localPathOf(settings.store);
    if (path === undefined) return ok("disk", "not used by this store");
    const { bavail, bsize } = await statfs(dirname(path));
    const free = bavail * bsize;
    const shown = `${bytes(free)} free in ${dirname(path)}`;
    if (free < NO_SPACE) return fail("disk", shown);
    return free < LITTLE_SPACE ? warn("disk", shown) : ok("disk", shown);
  });
}

/** Whether `skein serve` could listen, or already does. */
export async function checkPort({ host, port }: Settings): Promise<Finding> {
  return await attempt("port", async () => {
    const code = await tryListening(host, port);
    const place = `${host}:${port}`;
    if (code === undefined) return ok("port", `${place} is free`);
    if (code !== "EADDRINUSE") return fail("port", `${place} cannot be listened on (${code})`);
    return (await isSkein(host, port))
      ? ok("port", `Skein is listening on ${place}`)
      : warn("port", `${place} is used by another program; choose one with SKEIN_PORT`);
  });
}

function tryListening(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function isSkein(host: string, port: number): Promise<boolean> {
  try {
    const name = host.includes(":") ? `[${host}]` : host;
    const response = await fetch(`http://${name}:${port}/api/v1/health`, {
      signal: AbortSignal.timeout(2000),
    });
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null && "status" in body && body.status === "ok";
  } catch {
    return false;
  }
}
