import type { SweepReport } from "../../../agents/lifecycle/sweep-report.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { count } from "../../format/figures.ts";

export const sweep: Command = command({
  summary: "End threads whose time is over, and carry out the policies",
  details:
    "The server does it every minute. What it does stands in the log of each thread. Exits with 1 if something failed.",
  examples: ["threads sweep --dry-run", "threads sweep --json"],
  args: { "dry-run": { type: "boolean", description: "Only count" } },
  async run({ args, output, open }) {
    const skein = await open();
    const report = await skein.sweep({
      dryRun: args["dry-run"] === true,
      onProgress: (now) => {
        if (process.stderr.isTTY) output.note(sentence(now));
      },
    });
    const { dryRun, isElsewhere = false, ...counts } = report;
    if (output.isJson) output.json({ dry_run: dryRun, ...counts, elsewhere: isElsewhere });
    else output.line(isElsewhere ? "Another process is sweeping." : sentence(report));
    return report.failed > 0 ? EXIT.failure : EXIT.ok;
  },
});

function sentence({ dryRun, archived, deleted, purged, held, busy, failed }: SweepReport): string {
  const parts = [`${count(archived, "thread")} archived`, `${deleted} deleted`, `${purged} erased`];
  if (held > 0) parts.push(`${held} held`);
  if (busy > 0) parts.push(`${busy} in use`);
  if (failed > 0) parts.push(`${failed} failed`);
  return `${dryRun ? "Would be: " : ""}${parts.join(", ")}.`;
}
