import { cp, mkdir, symlink, writeFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Mutant } from "./mutants.ts";

const ROOT = join(import.meta.dirname, "../../..");
const COPIED = ["src", "test", "package.json", "tsconfig.json", "vitest.config.ts"];

/** Copies what tests need into an empty folder, where it can be spoiled. */
export async function copySources(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
}

/** Puts a bug into a copy, and answers how to take it out.
 *  @throws when the text is not there, or not only there: the mutant has to follow the sources */
export async function spoil(
  folder: string,
  { name, file, find, replace }: Mutant,
): Promise<() => Promise<void>> {
  const path = join(folder, "src", file);
  const sound = await readFile(path, "utf8");
  const times = sound.split(find).length - 1;
  if (times !== 1)
    throw new Error(
      `The mutant “${name}” looks for ${find}, which src/${file} has ${times} times.`,
    );
  // As a function: the text may have signs that mean something in a replacement.
  await writeFile(
    path,
    sound.replace(find, () => replace),
  );
  return () => writeFile(path, sound);
}
