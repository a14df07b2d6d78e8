import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { SweepReport } from "../../src/agents/lifecycle/sweep-report.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const THREADS = 10_000;
const STAYING = 500;

/** Notes how many threads are asked for at once. */
function watched(store: Store, sizes: number[]): Store {
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === "loadHeads")
        return (keys: Parameters<Store["loadHeads"]>[0]) => {
          sizes.push(keys.length);
          return target.loadHeads(keys);
        };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test("10,000 expired threads are swept in pages, by another process after the first one was killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "skein-sweep-"));
  const path = join(folder, "skein.db");
  let now = START;
  const sizes: number[] = [];
  const options = { worker: false, clock: () => now };
  const skein = createSkein({ store: watched(sqliteStore({ path }), sizes), ...options });
  try {
    for (let from = 0; from < THREADS; from += 500)
      await Promise.all(
        Array.from({ length: 500 }, (_, at) =>
          skein.create({ id: `t${from + at}`, expiresIn: "1h" }),
        ),
      );
    for (let at = 0; at < STAYING; at++) await skein.create({ id: `s${at}`, expiresIn: "9h" });
    now += HOUR;
    const script = join(import.meta.dirname, "sweep-process.ts");
    const child = spawn(process.execPath, [script, path, String(now)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === 5) break;
    }
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    expect(lines.at(-1)).toBe("deleted 1000");
    expect((await skein.store.listDueThreads(now, THREADS, null)).length).toBeGreaterThan(0);
    sizes.length = 0;
    const reports: SweepReport[] = [];
    await skein.sweep({ onProgress: (report) => reports.push(report) });
    const left = reports.at(-1)?.deleted ?? 0;
    expect(left).toBeLessThanOrEqual(THREADS - 1_000);
    expect(left).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(200);
    const count = async (deleted: boolean): Promise<number> => {
      let found = 0;
      for (let cursor: string | undefined; ;) {
        const page = await skein.list({ deleted, limit: 200, ...(cursor && { cursor }) });
        found += page.items.length;
        cursor = page.nextCursor;
        if (cursor === undefined) return found;
      }
    };
    expect([await count(true), await count(false)]).toEqual([THREADS, STAYING]);
    expect((await skein.store.check({ repair: false })).problems).toEqual([]);
  } finally {
    await skein.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
