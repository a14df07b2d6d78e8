import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import type { Store } from "../../src/store/store.ts";
import { testConformance } from "./conformance.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-conformance-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const paths = new Map<Store, string>();
let stores = 0;

function open(path: string): Store {
  const store = fileStore({ path });
  paths.set(store, path);
  return store;
}

testConformance({
  name: "file",
  openStore: async () => open(join(folder, String((stores += 1)))),
  reopen: async (store) => {
    await store.close();
    return open(paths.get(store) ?? "");
  },
});
