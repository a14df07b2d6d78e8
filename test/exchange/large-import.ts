// node --expose-gc --conditions=skein-source test/exchange/large-import.ts [MiB]
// Imports generated JSON lines into a new SQLite file and says how much memory that took.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine } from "../../src/engine/create-engine.ts";
import { importFiles } from "../../src/exchange/import-files.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { generatedClaude } from "./generated-claude.ts";

const mebibytes = Number(process.argv[2] ?? 200);
const folder = mkdtempSync(join(tmpdir(), "skein-large-"));
const engine = createEngine({
  store: sqliteStore({ path: join(folder, "skein.db"), synchronous: "NORMAL" }),
});
let peakMiB = 0;
let heapMiB = 0;
const started = performance.now();
try {
  const report = await importFiles(
    engine,
    [{ name: "generated", read: () => generatedClaude(mebibytes * 1_048_576) }],
    {
      onProgress: () => {
        peakMiB = Math.max(peakMiB, process.memoryUsage.rss() / 1_048_576);
        heapMiB = Math.max(heapMiB, process.memoryUsage().heapUsed / 1_048_576);
      },
    },
  );
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    JSON.stringify({
      mebibytes,
      seconds: Math.round(seconds),
      imported: report.imported,
      messages: report.messages,
      problems: report.problemCount,
      peakMiB: Math.round(peakMiB),
      heapMiB: Math.round(heapMiB),
    }),
  );
} finally {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
