import { spawnSync } from "node:child_process";
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SCHEMA_1 } from "../src/store/sqlite/schema.ts";
import { alternate } from "./support/alternate.ts";
import { report } from "./support/benchmark.ts";
import type { BenchmarkOptions } from "./support/benchmark.ts";
import { milliseconds } from "./support/format.ts";
import { INSERT_ENTRY, INSERT_HEAD, INSERT_THREAD, PRAGMAS } from "./support/raw-schema.ts";
import { atMost } from "./support/row.ts";
import type { Row } from "./support/row.ts";
import { median, ratios, spreadOf } from "./support/statistics.ts";
import { inTempFolder } from "./support/temp.ts";

const ROOT = join(import.meta.dirname, "..");
const STARTS_PER_ROUND = 3;

/** How long a process takes from its start to its first durable turn, and to its help text, with the built package. The
 *  time of Node itself is part of both sides. */
export async function* coldStart({ rounds }: BenchmarkOptions): AsyncGenerator<Row> {
  const taken = await inTempFolder(async (folder) => {
    build(folder);
    const script = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };
    const product = script("product.mjs", productScript(folder));
    const raw = script("raw.mjs", rawScript());
    const hello = script("hello.mjs", `console.log("Usage: nothing");`);
    const main = join(folder, "dist/cli/main.js");
    let files = 0;
    const file = (): string => join(folder, `${files++}.db`);
    return alternate(
      {
        product: () => start(product, file()),
        raw: () => start(raw, file()),
        help: () => start(main, "--help"),
        hello: () => start(hello),
      },
      { rounds, count: STARTS_PER_ROUND },
    );
  });
  const ms = (samples: readonly number[]): string => milliseconds(median(samples));
  const product = taken.product.map(median);
  const raw = taken.raw.map(median);
  yield {
    what: "process start to first durable turn, built: cost against raw code",
    bar: atMost(2),
    unit: "×",
    measured: spreadOf(ratios(product, raw)),
    reference: `product ${ms(product)}, raw ${ms(raw)}`,
  };
  const help = taken.help.map(median);
  const hello = taken.hello.map(median);
  yield {
    what: "skein --help, built: cost against a script of one line",
    bar: atMost(2),
    unit: "×",
    measured: spreadOf(ratios(help, hello)),
    reference: `skein --help ${ms(help)}, one line ${ms(hello)}`,
  };
}

/** Builds the package into the folder, so that nobody's `dist` is touched. */
function build(folder: string): void {
  const rolldown = join(ROOT, "node_modules/rolldown/bin/cli.mjs");
  const args = ["-c", "rolldown.config.ts", "--dir", join(folder, "dist")];
  const built = spawnSync(process.execPath, [rolldown, ...args], { cwd: ROOT });
  if (built.status !== 0) throw new Error(`The build failed:\n${built.stderr.toString()}`);
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
}

function start(script: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [script, ...args]);
  if (status !== 0) throw new Error(`${script} failed:\n${stderr.toString()}`);
}

function productScript(folder: string): string {
  const index = pathToFileURL(join(folder, "dist/index.js")).href;
  return `import { createEngine, sqliteStore } from ${JSON.stringify(index)};
    const engine = createEngine({ store: sqliteStore({ path: process.argv[2] }) });
    const messages = [{ content: "Is it there?" }, { role: "assistant", content: "It is." }];
    await engine.create({ title: "First", messages });
    process.exit(0);`;
}

function rawScript(): string {
  return `import { DatabaseSync } from "node:sqlite";
    const database = new DatabaseSync(process.argv[2]);
    database.exec(${JSON.stringify(PRAGMAS)});
    database.exec(${JSON.stringify(SCHEMA_1)});
    const entry = database.prepare(${JSON.stringify(INSERT_ENTRY)});
    const text = (text) => JSON.stringify({ parts: [{ type: "text", text }] });
    const now = Date.now();
    database.exec("BEGIN IMMEDIATE");
    database.prepare(${JSON.stringify(INSERT_THREAD)}).run("th_1", "First", now);
    database.prepare(${JSON.stringify(INSERT_HEAD)}).run(1, 3, now, "{}");
    entry.run(1, 1, 1, now, null, null, null, null, null, "op_1", "user:local", null, "{}");
    entry.run(1, 2, 20, now, 0, 1, 2, "msg_1", null, 0, "user:local", null, text("Is it there?"));
    entry.run(1, 3, 20, now, 0, 2, 3, "msg_2", "msg_1", 0, "user:local", null, text("It is."));
    database.exec("COMMIT");
    process.exit(0);`;
}

if (import.meta.main) await report(import.meta.filename, coldStart);
