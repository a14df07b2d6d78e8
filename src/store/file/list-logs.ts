import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isMissing } from "./durable-file.ts";
import { DRAFT_ENDING, LAYOUT, LOG_ENDING } from "./layout.ts";

export interface LogFile {
  /** Relative to the store's folder. */
  readonly path: string;
  readonly sizeBytes: number;
  /** When the file was changed last in any way, which programs cannot set, in milliseconds since the epoch. */
  readonly changedAt: number;
}

/** Every log there is. Removes drafts that a crash left. Costs one stat per log. */
export function listLogs(folder: string): readonly LogFile[] {
  return namesIn(join(folder, LAYOUT.threads)).flatMap((tenant) =>
    namesIn(join(folder, LAYOUT.threads, tenant)).flatMap((name) => {
      const path = join(LAYOUT.threads, tenant, name);
      if (name.endsWith(DRAFT_ENDING)) rmSync(join(folder, path), { force: true });
      if (!name.endsWith(LOG_ENDING)) return [];
      const { size, ctimeMs } = statSync(join(folder, path));
      return [{ path, sizeBytes: size, changedAt: ctimeMs }];
    }),
  );
}

/** Names in a folder; none when it is not there. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** How the logs looked when the index had all of them. */
export interface Fingerprint {
  readonly logs: number;
  readonly bytes: number;
  readonly changedAt: number;
  /** The newest commit. */
  readonly commit: number;
}

export function fingerprintOf(logs: readonly LogFile[], commit: number): Fingerprint {
  return {
    logs: logs.length,
    bytes: logs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    changedAt: logs.reduce((newest, { changedAt }) => Math.max(newest, changedAt), 0),
    commit,
  };
}

/** The logs that may have changed since; `null` when one is missing. */
export function changedSince(
  { logs, bytes, changedAt }: Fingerprint,
  now: readonly LogFile[],
): readonly LogFile[] | null {
  const changed = now.filter((log) => log.changedAt > changedAt);
  const known = now.length - changed.length;
  if (now.length < logs) return null;
  const isSame = changed.length === 0 && known === logs;
  if (isSame && fingerprintOf(now, 0).bytes === bytes) return [];
  // Nothing looks new, and yet it is not the same: then nothing is known.
  return changed.length === 0 ? now : changed;
}
