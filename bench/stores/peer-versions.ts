import { readFileSync } from "node:fs";
import { join } from "node:path";
import { peerFolder } from "./load-peer.ts";

/** What the peers' package files pin. */
export function peerVersions(): string {
  return (["mastra", "langgraph"] as const)
    .flatMap((folder) => {
      const path = join(peerFolder(folder), "package.json");
      const { dependencies }: PackageFile = JSON.parse(readFileSync(path, "utf8"));
      return Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
    })
    .join(", ")
    .concat(".");
}

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>;
}
