import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { testEngine } from "./engine.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-engine-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let stores = 0;

// One process at a time: who comes beside shares the store.
testEngine({
  name: "file",
  open: (beside) => beside ?? fileStore({ path: join(folder, String((stores += 1))) }),
});
