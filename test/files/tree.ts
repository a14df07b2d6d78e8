import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { trackedWorkspace } from "../../src/files/tracked-workspace.ts";
import type { TrackedWorkspace } from "../../src/files/tracked-workspace.ts";
import type { WorkspaceOptions } from "../../src/files/workspace-room.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";

/** A hash of all that a folder has, but for what a workspace keeps for itself: names, content, modes, empty folders. */
export function treeHash(root: string): string {
  return createHash("sha256").update(treeOf(root).join("\n")).digest("hex");
}

/** A line for every file and folder. */
export function treeOf(root: string, folder = ""): readonly string[] {
  return readdirSync(join(root, folder))
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name);
      if (path === ".skein") return [];
      const stats = lstatSync(join(root, path));
      const mode = (stats.mode & 0o777).toString(8);
      if (stats.isDirectory()) return [`${path}/`, ...treeOf(root, path)];
      if (!stats.isFile()) return [`${path} other`];
      const sha = createHash("sha256")
        .update(readFileSync(join(root, path)))
        .digest("hex");
      return [`${path} ${mode} ${sha}`];
    });
}

export interface Bench {
  readonly root: string;
  readonly skein: Skein;
  readonly threadId: string;
  readonly workspace: TrackedWorkspace;
  readonly text: (path: string) => string | null;
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "skein-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function newBench(options: Partial<WorkspaceOptions> = {}): Promise<Bench> {
  const root = newFolder();
  const skein = createSkein({ store: memoryStore(), worker: false });
  const { thread } = await skein.create({ title: "Files" });
  const workspace = trackedWorkspace({ root, skein, threadId: thread.id, ...options });
  onTestFinished(async () => {
    await workspace.close();
    await skein.close();
  });
  const text = (path: string): string | null =>
    existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : null;
  return { root, skein, threadId: thread.id, workspace, text };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
