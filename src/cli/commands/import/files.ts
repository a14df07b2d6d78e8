import type {
  ImportOptions,
  ImportProgress,
  ImportReport,
} from "../../../exchange/import-options.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { findImports } from "../../find-files.ts";
import { count } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import type { Output } from "../../output.ts";
import { createProgressLine } from "../../progress-line.ts";

export const files: Command = command({
  summary: "Bring in exports of Skein, ChatGPT, Claude, Claude Code, Codex and others",
  details:
    "Also of Dive, LibreChat and Open WebUI: told by their shape, whatever they are called. Folders are searched for .json and .jsonl. The same again changes nothing; what was said since is added. Exits with 1 when something could not be brought; the rest was. ZIP archives have to be unpacked first. `skein import FILE …` is the same.",
  examples: [
    "import files conversations.json",
    "import files ~/.claude/projects ~/.codex/sessions --dry-run",
    "import files backup/",
  ],
  args: {
    files: { type: "positional", required: true, description: "Files and folders; - reads stdin" },
    "dry-run": { type: "boolean", description: "Count and check everything, write nothing" },
    agent: {
      type: "string",
      valueHint: "name",
      description: "Who answers where a conversation names nobody (default: the default agent)",
    },
  },
  takesMany: true,
  signals: "watch",
  async run({ args, output, open, settings, signal }) {
    const found = await findImports(args._);
    const { user } = await settings();
    const skein = await open();
    const line = createProgressLine(output);
    const isDryRun = args["dry-run"] === true;
    const options: ImportOptions = {
      signal,
      isDryRun,
      onProgress: (progress) => line.show(progressOf(progress)),
      ...(user !== null && { user }),
      ...(args.agent !== undefined && { agentId: args.agent }),
    };
    const reports: ImportReport[] = [];
    try {
      if (found.files.length > 0) {
        const { importFiles } = await import("../../../exchange/import-files.ts");
        reports.push(await importFiles(skein, found.files, options));
      }
      for (const folder of found.folders) {
        const { importFolder } = await import("../../../exchange/native/import-folder.ts");
        reports.push(await importFolder(skein, folder, options));
      }
    } finally {
      line.end();
    }
    tell(output, summed(reports), isDryRun);
    return reports.every(({ problemCount }) => problemCount === 0) ? EXIT.ok : EXIT.failure;
  },
});

function progressOf({ file, bytes, totalBytes, conversations }: ImportProgress): string {
  const share =
    totalBytes === undefined || totalBytes === 0
      ? ""
      : `${Math.floor((100 * bytes) / totalBytes)} %, `;
  return `Importing: ${share}${count(conversations, "conversation")}, ${file}`;
}

function summed(reports: readonly ImportReport[]): ImportReport {
  const sum = (of: (report: ImportReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const sources: Partial<Record<string, number>> = {};
  for (const report of reports)
    for (const [name, conversations] of Object.entries(report.sources))
      sources[name] = (sources[name] ?? 0) + conversations;
  return {
    imported: sum((it) => it.imported),
    updated: sum((it) => it.updated),
    unchanged: sum((it) => it.unchanged),
    empty: sum((it) => it.empty),
    messages: sum((it) => it.messages),
    sources,
    problems: reports.flatMap((it) => it.problems),
    problemCount: sum((it) => it.problemCount),
    notes: reports.flatMap((it) => it.notes),
  };
}

function tell(output: Output, report: ImportReport, isDryRun: boolean): void {
  const { problemCount, ...rest } = report;
  if (output.isJson) {
    output.json({ dry_run: isDryRun, ...rest, problem_count: problemCount });
    return;
  }
  const { imported, updated, unchanged, empty, messages, sources } = report;
  const done = isDryRun ? "Would import" : "Imported";
  output.line(
    `${done} ${count(imported, "conversation")}, ${isDryRun ? "add to" : "added to"} ${updated}; ${unchanged} unchanged, ${empty} empty; ${count(messages, "message")}.`,
  );
  for (const [name, conversations] of Object.entries(sources))
    output.line(`${name}: ${conversations}`);
  for (const { file, at, reason } of [...report.notes, ...report.problems])
    output.note(printable(`${file}${at === undefined ? "" : `:${at}`}: ${reason}`));
  const told = report.problems.length;
  if (problemCount > told) output.note(`… and ${problemCount - told} more.`);
}
