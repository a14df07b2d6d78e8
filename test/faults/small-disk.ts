import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own that can be full, or read-only. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  makeReadOnly(): void;
}

/** Mounts a disk in memory. @param sizeBytes  all that fits */
export function mountDisk(sizeBytes: number, options: readonly string[] = []): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "skein-disk-"));
  const given = [`size=${sizeBytes}`, ...options].join(",");
  execFileSync("mount", ["-t", "tmpfs", "-o", given, "tmpfs", path]);
  return {
    path,
    makeReadOnly: () => void execFileSync("mount", ["-o", "remount,ro", path]),
    [Symbol.dispose]: () => {
      // Lazily: a server may still have a file open.
      execFileSync("umount", ["-l", path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Why no disk can be mounted here, or undefined. */
export function whyNoDisk(): string | undefined {
  if (process.platform !== "linux") return "small disks are made on Linux only";
  if (process.getuid?.() !== 0) return "only root may mount a small disk";
  try {
    mountDisk(65_536)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return `no disk can be mounted here: ${String(error)}`;
  }
}
