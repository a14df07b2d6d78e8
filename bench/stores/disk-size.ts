import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Bytes of the files in a folder; SQLite files after a checkpoint, without their log. */
export function folderSize(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const { name, parentPath } of files)
    if (name.endsWith(".db")) settle(join(parentPath, name));
  return files
    .filter(({ name }) => !/-(?:wal|shm)$/u.test(name))
    .reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0);
}

function settle(path: string): void {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}
