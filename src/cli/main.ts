#!/usr/bin/env node
// Nothing is imported statically: an older Node must reach the sentence below, not a syntax error.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `skein: Node ${process.versions.node} is too old. Install Node 22.18 or newer.\n`,
  );
  process.exitCode = 1;
} else {
  const { enableCompileCache } = await import("node:module");
  // The second start takes a third of the time of the first.
  enableCompileCache();
  const { runCommandLine } = await import("./command-line.ts");
  await runCommandLine(process.argv.slice(2));
}

export {};
