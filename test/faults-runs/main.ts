/** `npm run test:faults` runs the fault tests with 60 kills, `-- --long` with 1,000; `--kills N` and `--seed N` choose. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dirname, "../..");

const { values, positionals } = parseArgs({
  options: {
    long: { type: "boolean", default: false },
    kills: { type: "string" },
    seed: { type: "string" },
  },
  allowPositionals: true,
});
const kills = values.kills ?? (values.long ? "1000" : "60");
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    join("test/faults-runs", positionals[0] ?? ""),
  ],
  {
    cwd: ROOT,
    stdio: "inherit",
    env: {
      ...process.env,
      SKEIN_FAULT_KILLS: kills,
      ...(values.seed !== undefined && { SKEIN_FAULT_SEED: values.seed }),
    },
  },
);
process.exitCode = status ?? 1;
