import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { defineConfig, type RolldownOptions } from "rolldown";

const SOURCE = join(import.meta.dirname, "src");

/** Joins the modules of the package, because a start that reads hundreds of them is slow; the declarations come from
 *  `tsc`. See docs/decisions/2026-11-20-joined-build.md. */
const config: RolldownOptions = defineConfig({
  input: {
    index: "src/index.ts",
    "client/index": "src/client/index.ts",
    "testing/index": "src/testing/index.ts",
    "cli/main": "src/cli/main.ts",
    "store/file/file-store": "src/store/file/file-store.ts",
    "store/mysql/mysql-store": "src/store/mysql/mysql-store.ts",
    "store/postgres/postgres-store": "src/store/postgres/postgres-store.ts",
    "store/redis/redis-store": "src/store/redis/redis-store.ts",
    "store/sqlite/reader-worker": "src/store/sqlite/reader-worker.ts",
    "store/sqlite/writer-worker": "src/store/sqlite/writer-worker.ts",
  },
  external: /^[^./]/,
  platform: "node",
  // The groups ask for it. That an entry exports nothing more is tested.
  preserveEntrySignatures: "allow-extension",
  transform: { target: "es2024" },
  output: {
    dir: "dist",
    cleanDir: true,
    sourcemap: true,
    // They are in the declarations and the source maps.
    comments: false,
    entryFileNames: "[name].js",
    chunkFileNames: ({ name }) => (name.includes("/") ? "[name].js" : "chunks/[name].js"),
    codeSplitting: {
      groups: [
        {
          name: ownPlace,
          debugName: "stays in its place",
          priority: 3,
          includeDependenciesRecursively: false,
        },
        // Each with all that it imports statically, unless a group above has it. What is imported dynamically is loaded
        // when it is used, and becomes a chunk of its own.
        { name: "model", test: /\/src\/model\//, priority: 2 },
        { name: "skein", test: /\/src\/index\.ts$/, priority: 1 },
      ],
    },
  },
});

/** A module that finds files from its own place stays in it. */
function ownPlace(id: string): string | null {
  if (!readFileSync(id, "utf8").includes("import.meta.")) return null;
  return relative(SOURCE, id).replaceAll(sep, "/").replace(/\.ts$/, "");
}

export default config;
