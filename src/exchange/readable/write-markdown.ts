import type { FilePart, Part, ToolOutput } from "../../model/part.ts";
import type { Message } from "../../model/message.ts";
import type { Thread } from "../../model/thread.ts";
import { prettyJson, readableThread, speakerOf, timeOf } from "./readable-thread.ts";
import type { ReadableOptions, ReadingEngine } from "./readable-thread.ts";
import { fenced, plainWords, safeLink, safeMarkdown } from "./safe-markdown.ts";

/** A thread as Markdown for people: title, who said what and when, tool calls folded, code as it is. What was said can do
 *  nothing when it is shown as HTML. Comes piece by piece.
 *  @throws SkeinError  `thread_not_found`, `branch_not_found`
 *  Cost: two reads of every message. */
export async function* exportMarkdown(
  engine: ReadingEngine,
  threadId: string,
  options: ReadableOptions = {},
): AsyncGenerator<string> {
  const { thread, pieces } = await readableThread(engine, threadId, options);
  yield headOf(thread);
  for await (const piece of pieces)
    if (piece.is === "branch") yield `\n---\n\n# Branch ${plainWords(piece.branch.name)}\n`;
    else yield messageOf(piece.message);
}

function headOf({ id, title, createdAt, tags, messageCount }: Thread): string {
  const facts = [
    `Thread ${plainWords(id)}`,
    new Date(createdAt).toISOString(),
    `${messageCount} messages`,
    ...(tags.length > 0 ? [tags.map(plainWords).join(", ")] : []),
  ];
  return `# ${plainWords(title ?? "Untitled")}\n\n${facts.join(" · ")}\n`;
}

function messageOf(message: Message): string {
  const { status, redacted, parts } = message;
  const state = status === "completed" ? "" : ` · ${status}`;
  const said = redacted === true ? ["*redacted*"] : parts.map(partOf).filter((text) => text !== "");
  return `\n## ${plainWords(speakerOf(message))} · ${timeOf(message)}${state}\n\n${said.join("\n\n")}\n`;
}

function partOf(part: Part): string {
  switch (part.type) {
    case "text":
    case "refusal":
      return safeMarkdown(part.text);
    case "reasoning":
      return part.text === "" ? "" : folded("Thoughts", safeMarkdown(part.text));
    case "tool-call":
      return folded(`Calls ${part.name}`, fenced(prettyJson(part.inputText), "json"));
    case "tool-result":
      return folded(`Result ${part.name} (${part.outcome})`, outputOf(part.output));
    case "file":
      return fileOf(part);
    case "source":
      return `Source: ${safeLink(part.title ?? part.url ?? "document", part.url ?? "")}`;
    case "error":
      return `> **Error** ${plainWords(part.message)}`;
    case "data":
      return folded(part.name, fenced(JSON.stringify(part.data ?? null, null, 2), "json"));
    case "opaque":
      return folded(part.format, fenced(JSON.stringify(part.value, null, 2), "json"));
    case "marker":
      return "";
  }
}

/** A summary that hides the rest until it is asked for. */
function folded(summary: string, body: string): string {
  return `<details>\n<summary>${plainWords(summary)}</summary>\n\n${body}\n\n</details>`;
}

function outputOf(output: ToolOutput): string {
  return output.type === "json"
    ? fenced(JSON.stringify(output.value, null, 2), "json")
    : fenced(output.text);
}

function fileOf({ filename, mediaType, source }: FilePart): string {
  const name = filename ?? mediaType;
  if (source.kind === "text") return folded(name, fenced(source.text));
  if (source.kind === "url") return `File: ${safeLink(name, source.url)}`;
  const size = source.kind === "blob" ? `, ${source.sizeBytes} bytes` : "";
  return `File: ${plainWords(name)} (${plainWords(mediaType)}${size})`;
}
