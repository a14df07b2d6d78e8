import { createWriteStream } from "node:fs";
import { mkdir, open as openFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Skein } from "../../agents/skein.ts";
import type { ExportOptions } from "../../exchange/native/export-options.ts";
import { usageError } from "../arguments.ts";
import { type Command, command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { count } from "../format/figures.ts";
import { printable } from "../format/printable.ts";
import { createProgressLine } from "../progress-line.ts";

const FORMATS = ["jsonl", "folder", "markdown", "html"] as const;
type Format = (typeof FORMATS)[number];

export const exportThreads: Command = command({
  summary: "Write threads as JSON lines, a folder, Markdown or HTML",
  details:
    "JSON lines (the default) and a folder lose nothing and are read by `skein import`; the folder goes on where it was stopped. Markdown and HTML are for people. Several threads as Markdown or HTML, and a folder, need --out. Exits with 1 when a thread was left out.",
  examples: [
    "export th_123 --format markdown > thread.md",
    "export --all --out threads.jsonl",
    "export --all --format folder --out backup",
    "export th_123 --format html --branch all --out thread.html",
  ],
  args: {
    threads: { type: "positional", required: false, description: "Ids of threads" },
    all: { type: "boolean", description: "All threads, archived ones too" },
    format: { type: "string", valueHint: FORMATS.join(" | "), description: "Default jsonl" },
    branch: {
      type: "string",
      valueHint: "name | all",
      description: "Of Markdown and HTML: which branch (default main)",
    },
    out: { type: "string", valueHint: "path", description: "A file or folder (default: stdout)" },
  },
  takesMany: true,
  signals: "watch",
  async run({ args, output, open, signal }) {
    const format = formatOf(args.format);
    const ids = args._;
    const all = args.all === true;
    if (all === ids.length > 0) throw usageError("Give ids of threads, or --all.", "threads");
    const isRead = format === "markdown" || format === "html";
    if (args.branch !== undefined && !isRead)
      throw usageError("--branch is of Markdown and HTML; other formats have all.", "branch");
    const isFolder = format === "folder" || (isRead && (all || ids.length > 1));
    if (isFolder && args.out === undefined)
      throw usageError("--out must name a folder for this.", "out");
    const skein = await open();
    const line = createProgressLine(output);
    let left = 0;
    let written = 0;
    const options: ExportOptions = {
      signal,
      ...(!all && { threadIds: ids }),
      onProgress: ({ threads }) => {
        written = threads;
        line.show(`Exporting: ${count(threads, "thread")}`);
      },
      onProblem: ({ reason }) => {
        left += 1;
        output.note(printable(reason));
      },
    };
    const branch = args.branch === undefined ? {} : { branch: args.branch };
    const { out } = args;
    if (format === "folder" && out !== undefined) {
      const { exportFolder } = await import("../../exchange/native/export-folder.ts");
      await exportFolder(skein, out, options);
    } else if (format === "jsonl") {
      const { exportLines } = await import("../../exchange/native/export-lines.ts");
      await writeTo(out, exportLines(skein, options), signal);
    } else {
      const pages = { ...branch, signal };
      if (isFolder && out !== undefined)
        for await (const id of all ? await allIds(skein) : ids) {
          const name = join(out, await fileName(id, format === "html" ? "html" : "md"));
          await writeTo(name, await pageOf(skein, id, format, pages), signal);
          written += 1;
          line.show(`Exporting: ${count(written, "thread")}`);
        }
      else {
        const [id = ""] = ids;
        await writeTo(out, await pageOf(skein, id, format, pages), signal);
        written = 1;
      }
    }
    line.end();
    if (out !== undefined) output.note(`Exported ${count(written, "thread")} to ${out}.`);
    return left === 0 ? EXIT.ok : EXIT.failure;
  },
});

function formatOf(value: string | undefined): Format {
  const format = FORMATS.find((it) => it === (value ?? "jsonl"));
  if (format === undefined)
    throw usageError(`--format must be ${FORMATS.join(", ")}, not "${value}".`, "format");
  return format;
}

async function pageOf(
  skein: Skein,
  id: string,
  format: Format,
  options: { readonly branch?: string; readonly signal: AbortSignal },
): Promise<AsyncIterable<string>> {
  if (format === "html")
    return (await import("../../exchange/readable/write-html.ts")).exportHtml(skein, id, options);
  const { exportMarkdown } = await import("../../exchange/readable/write-markdown.ts");
  return exportMarkdown(skein, id, options);
}

async function allIds(skein: Skein): Promise<AsyncIterable<string>> {
  return (await import("../../exchange/native/all-threads.ts")).allThreads(skein);
}

async function fileName(id: string, extension: string): Promise<string> {
  const { threadFile } = await import("../../exchange/native/folder-files.ts");
  return threadFile(id)
    .replace(/^threads\//, "")
    .replace(/jsonl$/, extension);
}

/** To stdout at its pace; to a file that has its name when it is whole. */
async function writeTo(
  path: string | undefined,
  pieces: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<void> {
  const source = Readable.from(pieces);
  if (path === undefined) {
    await pipeline(source, process.stdout, { end: false, signal });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  await pipeline(source, createWriteStream(part), { signal });
  const file = await openFile(part, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}
