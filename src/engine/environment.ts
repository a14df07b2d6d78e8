import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { JsonObject } from "../model/json.ts";

const run = promisify(execFile);

// A repository on a slow disk must not hold up a new thread.
const TIMEOUT_MS = 2000;

/** Where this process runs: platform, working directory, tool versions, and the git state of the directory. Holds no
 *  value of any environment variable and no credentials; what cannot be found out is absent. Takes some ten
 *  milliseconds: it asks git. */
export async function captureEnvironment(): Promise<JsonObject> {
  const cwd = process.cwd();
  const [version, inside, remote, branch, commit] = await Promise.all([
    git(cwd, "--version"),
    git(cwd, "rev-parse", "--is-inside-work-tree"),
    git(cwd, "remote", "get-url", "origin"),
    git(cwd, "symbolic-ref", "--short", "HEAD"),
    git(cwd, "rev-parse", "HEAD"),
  ]);
  const gitVersion = version?.replace(/^git version /, "");
  return {
    platform: { os: process.platform, architecture: process.arch },
    cwd,
    ...(inside === "true" && {
      git: {
        ...(remote !== undefined && { remote: withoutCredentials(remote) }),
        ...(branch !== undefined && { branch }),
        ...(commit !== undefined && { commit }),
      },
    }),
    tools: { node: process.versions.node, ...(gitVersion !== undefined && { git: gitVersion }) },
  };
}

/** A remote's address without user, password, query and fragment. */
export function withoutCredentials(remote: string): string {
  if (!URL.canParse(remote)) {
    // `user@host:path`: the user of an SSH address is kept out too, some hosts put tokens there.
    return remote.replace(/^[^@/]*@(?=[^@/]+:)/, "");
  }
  const url = new URL(remote);
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  return url.href;
}

async function git(cwd: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run("git", args, { cwd, timeout: TIMEOUT_MS });
    return stdout.trim() || undefined;
  } catch {
    // No git, no repository, no remote, no commit yet.
    return undefined;
  }
}
