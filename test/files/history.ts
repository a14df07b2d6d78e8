import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Bench } from "./tree.ts";
import { all } from "./tree.ts";

/** One thing that happens to a workspace. */
export interface Happening {
  readonly who: "tool" | "outside" | "tracked" | "rollback";
  readonly what: "write" | "delete" | "move" | "edit";
  readonly path: number;
  readonly other: number;
  readonly content: number;
}

export const PATHS: readonly string[] = ["a", "b", "d/c", "d/e/f", "a/n"];

/** Plays what happens; tools whose call is refused leave everything as it is. Answers what people wrote last, by path. */
export async function play(
  bench: Bench,
  happenings: readonly Happening[],
): Promise<ReadonlyMap<string, string>> {
  const { workspace, root } = bench;
  const byHand = new Map<string, string>();
  for (const [index, { who, what, path: one, other, content }] of happenings.entries()) {
    const path = PATHS[one] ?? "a";
    const by = { operationId: `op${index}` };
    const text = who === "outside" ? `by hand ${index}` : `text ${content}`;
    switch (who) {
      case "outside":
        if (what === "delete") {
          take(root, path);
          byHand.delete(path);
        } else if (put(root, path, text)) byHand.set(path, text);
        break;
      case "tracked":
        await workspace.track(
          ["."],
          () => (what === "delete" ? take(root, path) : put(root, path, text)),
          by,
        );
        byHand.delete(path);
        break;
      case "rollback":
        await rollBackSome(bench, content);
        break;
      case "tool": {
        const target = PATHS[other] ?? "b";
        const isDone = await succeeded(() => {
          if (what === "delete") return workspace.delete(path, by);
          if (what === "move") return workspace.move({ from: path, to: target, replace: true }, by);
          if (what === "edit")
            return workspace.edit({ path, find: "text", replace: "edited", all: true }, by);
          return workspace.write({ path, content: text }, by);
        });
        if (isDone) {
          byHand.delete(path);
          if (what === "move") byHand.delete(target);
        }
      }
    }
  }
  return byHand;
}

/** Files that a person wrote last and that are not there any more as they were. */
export function lost(root: string, byHand: ReadonlyMap<string, string>): readonly string[] {
  return [...byHand].flatMap(([path, text]) => {
    const file = join(root, path);
    return existsSync(file) && readFileSync(file, "utf8") === text ? [] : [path];
  });
}

async function rollBackSome({ workspace }: Bench, choice: number): Promise<void> {
  const changes = await all(workspace.changes());
  const chosen = changes[choice % Math.max(1, changes.length)];
  if (chosen === undefined) return;
  await succeeded(() => workspace.rollback({ operationId: chosen.operationId }));
}

async function succeeded(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}

function take(root: string, path: string): boolean {
  const isThere = existsSync(join(root, path)) && statSync(join(root, path)).isFile();
  if (isThere) rmSync(join(root, path));
  return isThere;
}

/** False where a file stands in the place of a folder, or the other way round. */
function put(root: string, path: string, text: string): boolean {
  try {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    return true;
  } catch {
    return false;
  }
}
