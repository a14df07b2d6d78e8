import { readFile } from "node:fs/promises";
import { type Command, command } from "../command.ts";

export const version: Command = command({
  summary: "Print the version",
  examples: ["version", "version --json"],
  args: {},
  async run({ output }) {
    const skein = await packageVersion();
    if (output.isJson) output.json({ skein, node: process.versions.node });
    else output.line(skein);
  },
});

/** The version in the package's own manifest. */
export async function packageVersion(): Promise<string> {
  // Source and build lie equally deep below the manifest.
  const url = new URL("../../../package.json", import.meta.url);
  const manifest: { readonly version: string } = JSON.parse(await readFile(url, "utf8"));
  return manifest.version;
}
