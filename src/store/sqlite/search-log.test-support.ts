import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ThreadHead } from "../../model/thread.ts";
import { TENANT, makeWrite } from "../conformance/fixture.ts";
import type { Change, WriteOptions } from "../conformance/fixture.ts";
import { commitChains } from "./commit.ts";
import type { Connection } from "./connection.ts";
import { encodeChains } from "../sql/encode-write.ts";
import { openWriter } from "./open-connection.ts";
import { ThreadIds } from "../sql/thread-ids.ts";
import { runPlan } from "./run-plan.ts";

/** A log in a file of its own, written as the store writes it. */
export interface TestLog {
  readonly path: string;
  readonly connection: Connection;
  /** Adds changes to a thread, which may be new. */
  write(
    id: string,
    changes: readonly Change[],
    options?: WriteOptions & { tenant?: string },
  ): ThreadHead;
  tidOf(id: string): number;
  remove(): void;
}

export function openTestLog(): TestLog {
  const folder = mkdtempSync(join(tmpdir(), "skein-search-"));
  const path = join(folder, "skein.db");
  const connection = openWriter({ path, synchronous: "NORMAL" });
  const ids = new ThreadIds();
  const heads = new Map<string, ThreadHead>();
  return {
    path,
    connection,
    write(id, changes, { tenant = TENANT, ...options } = {}) {
      const name = `${tenant}/${id}`;
      const write = makeWrite({ tenant, id }, heads.get(name) ?? null, changes, options);
      const chains = encodeChains([[{ writes: [write] }]]);
      const [results] = connection.transaction(() =>
        commitChains(connection, ids, chains, { tids: new Set(), entries: 0, erased: [] }),
      );
      if (results?.[0] !== "committed") throw new Error(`The write to ${id} was not committed.`);
      heads.set(name, write.after);
      return write.after;
    },
    tidOf: (id) => runPlan(connection, ids.find(TENANT, id)) ?? 0,
    remove() {
      connection.close();
      rmSync(folder, { recursive: true });
    },
  };
}
