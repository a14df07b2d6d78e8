import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export type PeerFolder = "mastra" | "langgraph";

export function peerFolder(name: PeerFolder): string {
  return join(import.meta.dirname, "../peers", name);
}

/** A package of a peer. It is no dependency of the product, so types come from whoever asks. */
export async function loadPeer<T>(folder: PeerFolder, name: string): Promise<T> {
  const require = createRequire(join(peerFolder(folder), "package.json"));
  return import(pathToFileURL(require.resolve(name)).href);
}
