import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { peerFolder } from "./load-peer.ts";
import type { PeerFolder } from "./load-peer.ts";

/** Installs what is compared with, from lockfiles of its own, unless it is there. Two folders: npm does not get to the
 *  end of what both want together. No package runs a script. */
export function installPeers(): void {
  for (const name of ["mastra", "langgraph"] as const) {
    if (isInstalled(name)) continue;
    const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: peerFolder(name),
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (status !== 0) throw new Error(`The peers in bench/peers/${name} could not be installed.`);
  }
}

function isInstalled(name: PeerFolder): boolean {
  const marker = join(peerFolder(name), "node_modules/.package-lock.json");
  const lock = join(peerFolder(name), "package-lock.json");
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs;
}
