import { access } from "node:fs/promises";
import { canInstallPackages, installPackages } from "../support/servers/install-packages.ts";

const LIBRARIES = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"].map(
  (folder) => `${folder}/faketime/libfaketime.so.1`,
);

/** What makes a process believe that it is another time: as far away as a file says, which may change meanwhile. Its monotonic
 *  clock goes on as it is. */
export type FakeTime = (file: string) => Readonly<Record<string, string>>;

/** What such a file says. */
export function offsetText(seconds: number): string {
  return `${seconds < 0 ? "" : "+"}${seconds}\n`;
}

/** Finds libfaketime, or installs it where that can be done; else says why there is none.
 *  @throws in CI, where no test may be missing */
export async function findFakeTime(): Promise<FakeTime | string> {
  const found = await libraryOnMachine();
  if (found !== undefined) return envWith(found);
  let reason = "packages are installed as root on Debian only";
  if (await canInstallPackages())
    try {
      await installPackages(["faketime"]);
      const installed = await libraryOnMachine();
      if (installed !== undefined) return envWith(installed);
      reason = "the package faketime does not have it";
    } catch (error) {
      reason = `installing faketime failed (${String(error)})`;
    }
  const text = `libfaketime is not on this machine; ${reason}.`;
  if (!["", "0", "false", undefined].includes(process.env["CI"])) throw new Error(text);
  return text;
}

function envWith(library: string): FakeTime {
  return (file) => ({
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: "1",
    // Timers go by it, and nobody sets it; the machine's clock is what is wrong.
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  });
}

async function libraryOnMachine(): Promise<string | undefined> {
  for (const path of LIBRARIES)
    try {
      await access(path);
      return path;
    } catch {
      // The next one.
    }
  return undefined;
}
