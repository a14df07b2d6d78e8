import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "./run-program.ts";

/** Whether this is root on Debian or a system made from it. */
export async function canInstallPackages(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    await access("/etc/debian_version");
    await access("/usr/bin/apt-get");
    return true;
  } catch {
    return false;
  }
}

/** Installs packages without starting their services. Two callers wait for each other. Cost: up to minutes, once. */
export async function installPackages(names: readonly string[]): Promise<void> {
  process.stderr.write(`Installing the Debian packages ${names.join(", ")} for the tests …\n`);
  const lock = join(tmpdir(), "skein-apt.lock");
  await runProgram("flock", [lock, "sh", "-c", INSTALL, "sh", ...names], {
    env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
  });
}

// A policy that says 101 keeps the scripts of packages from starting services; one that exists stays.
// Lists of packages may be missing or old, so a first failure updates them.
const INSTALL = `
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
install() {
  apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}
install "$@" || {
  apt-get update -qq
  install "$@"
}
`;
