import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { OPTIONS } from "./support/benchmark.ts";
import { HEADING, formatRow } from "./support/format.ts";
import type { Row } from "./support/row.ts";

/** Runs benchmarks one after another, each in a process of its own; all of them unless some are named. Exits with 1
 *  only if one of them crashes: bars are to be read, not asserted. */
const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
const { json, rounds } = values;
const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && file !== "run.ts")
  .map((file) => file.slice(0, -3))
  .toSorted();
const unknown = positionals.find((name) => !known.includes(name));

if (unknown === undefined) {
  if (!json) console.log(HEADING);
  for (const name of positionals.length > 0 ? positionals : known) await run(name);
} else {
  console.error(`There is no benchmark ${unknown}. There are ${known.join(", ")}.`);
  process.exitCode = 1;
}

async function run(name: string): Promise<void> {
  const start = performance.now();
  if (!json) console.log(`\n${name}`);
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, `${name}.ts`),
      "--json",
      ...(rounds === undefined ? [] : ["--rounds", rounds]),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    const row: Row = JSON.parse(line);
    console.log(json ? line : formatRow(row));
  }
  const [code] = await ended;
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  if (code === 0) return json ? undefined : console.log(`  ${seconds} s`);
  console.error(`${name} crashed after ${seconds} s.`);
  process.exitCode = 1;
}
