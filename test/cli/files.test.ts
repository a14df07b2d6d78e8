import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import { trackedWorkspace } from "../../src/files/tracked-workspace.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { createWorkspace } from "./workspace.ts";

test("changes of files are listed, shown and taken back", async () => {
  await using place = await createWorkspace();
  const root = place.directory;
  const path = join(root, ".skein/skein.db");
  await place.json(["threads", "new", "--title", "Files"]);
  const [thread] = await place.json(["threads", "list"]);
  const id: string = thread?.["id"];
  const skein = createSkein({ store: sqliteStore({ path }), worker: false });
  const workspace = trackedWorkspace({ root, skein, threadId: id });
  await workspace.write({ path: "a.txt", content: "one\n" }, { operationId: "w" });
  await workspace.edit({ path: "a.txt", find: "one", replace: "two" }, { operationId: "e" });
  await workspace.close();
  await skein.close();

  const listed = await place.skein(["files", "changes", id]);
  expect(listed.stdout).toMatch(/edit +done .*a\.txt\n.*write +done .*a\.txt/u);
  const shown = await place.skein(["files", "diff", id, "--operation", "e"]);
  expect(shown.stdout).toContain("-one\n+two\n");

  const nowhere = await place.skein(["files", "rollback", id, "--operation", "e"]);
  expect(nowhere).toMatchObject({ code: 2 });
  const dry = await place.skein([
    "files",
    "rollback",
    id,
    "--operation",
    "e",
    "--dry-run",
    "--workspace",
    ".",
  ]);
  expect(dry).toMatchObject({ code: 0 });
  expect(dry.stdout).toContain("planned");
  writeFileSync(join(root, "a.txt"), "by hand\n");
  const env = { SKEIN_WORKSPACE: root };
  const refused = await place.skein(["files", "rollback", id, "--operation", "e"], { env });
  expect(refused).toMatchObject({ code: 5 });
  expect(refused.stderr).toContain("+by hand");
  const [forced] = await place.json(["files", "rollback", id, "--operation", "e", "--force"], {
    env,
  });
  expect(forced).toMatchObject({ is_complete: true });
  expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("one\n");
});
