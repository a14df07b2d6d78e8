/** `npm run test:mutants [words …]` puts one bug after another into a copy of the sources and shows that a test notices it. The
 *  tests are run without a bug first. Exits with 1 when a bug is not noticed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copySources, spoil } from "./copy-sources.ts";
import { MUTANTS } from "./mutants.ts";
import type { Mutant } from "./mutants.ts";

const words = process.argv.slice(2);
const chosen = MUTANTS.filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
const folder = await mkdtemp(join(tmpdir(), "skein-mutants-"));

interface Outcome {
  readonly passed: number;
  readonly failed: readonly string[];
}

/** Runs tests in the copy. A bug may make them hang; then their time limits end them. */
async function run(file: string, names: readonly string[]): Promise<Outcome> {
  const pattern = names.join("|");
  const path = join(folder, "report.json");
  const child = spawn(
    process.execPath,
    [
      join(folder, "node_modules/vitest/vitest.mjs"),
      "run",
      `test/faults-runs/${file}`,
      "-t",
      pattern,
      "--reporter",
      "json",
      "--outputFile",
      path,
    ],
    { cwd: folder, stdio: "ignore" },
  );
  await once(child, "close");
  const report: Report = JSON.parse(await readFile(path, "utf8"));
  await rm(path);
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: results.filter(({ status }) => status === "passed").length,
    failed: results.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
  };
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

async function isCaught(mutant: Mutant): Promise<boolean> {
  const { caughtBy, name } = mutant;
  const mend = await spoil(folder, mutant);
  const { passed, failed } = await run(caughtBy.file, [caughtBy.test]);
  await mend();
  const [by] = failed;
  console.log(
    by === undefined
      ? `NOT CAUGHT  ${name} (${passed} passed)`
      : `caught      ${name}\n            by ${by}`,
  );
  return by !== undefined;
}

try {
  await copySources(folder);
  const files = new Set(chosen.map(({ caughtBy }) => caughtBy.file));
  let isSound = true;
  for (const file of files) {
    const names = chosen.map(({ caughtBy }) => caughtBy).filter((one) => one.file === file);
    const tests = [...new Set(names.map(({ test }) => test))];
    const { passed, failed } = await run(file, tests);
    if (failed.length === 0 && passed >= tests.length) continue;
    isSound = false;
    console.log(`${file} fails without a bug: ${failed.join("; ") || `only ${passed} tests ran`}`);
  }
  let missed = 0;
  if (isSound) for (const mutant of chosen) if (!(await isCaught(mutant))) missed += 1;
  if (isSound) console.log(`${chosen.length - missed} of ${chosen.length} bugs are noticed.`);
  process.exitCode = isSound && missed === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
