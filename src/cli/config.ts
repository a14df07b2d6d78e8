import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { SkeinConfig } from "../agents/config.ts";
import { SkeinError } from "../model/error.ts";
import { checkConfig } from "./check-config.ts";

const NAMES = ["skein.config.ts", "skein.config.js", "skein.config.mjs", "skein.config.json"];

export interface LoadedConfig {
  readonly config: SkeinConfig;
  /** Absolute path; absent when there is no file. */
  readonly path?: string;
}

/** Reads `given`, else the first `skein.config.*` in the working directory, else answers with nothing configured.
 *  @throws SkeinError  `invalid_request` with the file's name when it is missing, does not load or is wrong */
export async function loadConfig(given: string | undefined): Promise<LoadedConfig> {
  const path = given === undefined ? NAMES.find((name) => existsSync(name)) : given;
  if (path === undefined) return { config: {} };
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    throw new SkeinError("invalid_request", `The configuration file ${path} does not exist.`, {
      field: "config",
    });
  }
  const value = absolute.endsWith(".json")
    ? await readJson(absolute, path)
    : await importDefault(absolute, path);
  return { config: checkConfig(value, path), path: absolute };
}

async function readJson(absolute: string, shown: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(absolute, "utf8"));
  } catch (error) {
    throw unreadable(shown, error);
  }
}

async function importDefault(absolute: string, shown: string): Promise<unknown> {
  resolveOwnName();
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(absolute).href);
  } catch (error) {
    throw unreadable(shown, error);
  }
  if (module.default === undefined) {
    throw new SkeinError(
      "invalid_request",
      `${shown}: there is no default export. Write \`export default defineConfig({ … })\`.`,
      { field: "config" },
    );
  }
  return module.default;
}

// What the package offers, from the folder above.
const OWN_MODULES: Readonly<Record<string, string>> = {
  skein: "index",
  "skein/client": "client/index",
  "skein/file": "store/file/file-store",
  "skein/mysql": "store/mysql/mysql-store",
  "skein/postgres": "store/postgres/postgres-store",
  "skein/redis": "store/redis/redis-store",
  "skein/testing": "testing/index",
};

// A configuration imports the package by name; that is the program that runs, installed beside the file or not.
function resolveOwnName(): void {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const own = Object.fromEntries(
    Object.entries(OWN_MODULES).map(([name, module]) => [
      name,
      new URL(`../${module}${extension}`, import.meta.url).href,
    ]),
  );
  registerHooks({
    resolve(specifier, context, nextResolve) {
      return nextResolve(own[specifier] ?? specifier, context);
    },
  });
}

function unreadable(shown: string, cause: unknown): SkeinError {
  const [reason = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
  return new SkeinError("invalid_request", `${shown} cannot be loaded: ${reason}`, {
    field: "config",
    cause,
  });
}
