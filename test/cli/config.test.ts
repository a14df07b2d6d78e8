import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createWorkspace } from "./workspace.ts";

const manifest: { readonly exports: Readonly<Record<string, unknown>> } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);
const modules = Object.keys(manifest.exports)
  .filter((path) => path !== "./package.json")
  .map((path) => path.replace(/^\./, "skein"));

test("a configuration imports whatever the package offers, and may bring its store", async () => {
  await using workspace = await createWorkspace();
  const imports = modules.map((module, index) => `import * as module${index} from "${module}";`);
  await writeFile(
    join(workspace.directory, "skein.config.ts"),
    `${imports.join("\n")}
     import { defineConfig } from "skein";
     import { fileStore } from "skein/file";
     const empty = [${modules.map((_, index) => `module${index}`).join(", ")}]
       .filter((module) => Object.keys(module).length === 0);
     if (empty.length > 0) throw new Error("A module is empty.");
     export default defineConfig({ store: fileStore({ path: "readable" }) });`,
  );
  await workspace.json(["threads", "new", "--title", "First"]);
  expect(await workspace.json(["threads", "list"])).toMatchObject([{ title: "First" }]);
  expect(existsSync(join(workspace.directory, "readable"))).toBe(true);
});
