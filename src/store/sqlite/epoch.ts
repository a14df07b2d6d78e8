import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "./connection.ts";
import { lastLsn } from "./log-end.ts";
import { loadIdentity } from "../sql/identity.ts";
import { runPlan } from "./run-plan.ts";
import { instanceFolder } from "./instances.ts";

/** How far the log was seen to reach, kept outside of the file: a file that is shorter is an older copy. */
interface Newest {
  readonly storeId: string;
  readonly lsn: number;
}

/** Gives the store a new epoch when a backup was put in the place of newer data, so that cursors of what is gone are
 *  refused instead of pointing at other entries. Runs when the store opens. */
export function renewEpoch(connection: Connection): void {
  const seen = loadNewest(connection.path);
  if (seen === undefined || seen.storeId !== runPlan(connection, loadIdentity()).storeId) return;
  if (lastLsn(connection) >= seen.lsn) return;
  connection.transaction(() =>
    connection.statement("UPDATE skein_meta SET value = ? WHERE name = 'epoch'").run(randomUUID()),
  );
  noteNewest(connection);
}

/** Remembers how far the log reaches. For idle moments and the end: late is harmless, and so is a disk that has no room
 *  for it. */
export function noteNewest(connection: Connection): void {
  const newest: Newest = {
    storeId: runPlan(connection, loadIdentity()).storeId,
    lsn: lastLsn(connection),
  };
  const file = fileOf(connection.path);
  // Renamed into place, so that another process never reads half of it.
  const draft = `${file}.${randomUUID()}`;
  try {
    mkdirSync(instanceFolder(connection.path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, JSON.stringify(newest), { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    // What was noted before stays.
    rmSync(draft, { force: true });
  }
}

function loadNewest(path: string): Newest | undefined {
  try {
    const newest: Newest = JSON.parse(readFileSync(fileOf(path), "utf8"));
    return newest;
  } catch {
    // Not there yet, or damaged: then nothing can be said.
    return undefined;
  }
}

function fileOf(path: string): string {
  return join(instanceFolder(path), "newest.json");
}
