import { hash } from "node:crypto";
import type { CallOptions } from "../../engine/engine.ts";
import { isSkeinError } from "../../model/error.ts";
import type { FilePart, Part, ToolOutput } from "../../model/part.ts";
import type { Message } from "../../model/message.ts";
import type { Thread } from "../../model/thread.ts";
import { prettyJson, readableThread, speakerOf, timeOf } from "./readable-thread.ts";
import type { ReadableOptions, ReadingEngine } from "./readable-thread.ts";
import { imageTypeOf } from "./safe-image.ts";
import { printableText, splitCode, splitInlineCode } from "./split-code.ts";

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.6 system-ui,sans-serif;max-width:70ch;margin:2rem auto;padding:0 1rem}
article{border-top:1px solid #8886;padding:.5rem 0}h1{font-size:1.5em}h2{font-size:1em}h2 time,.facts{font-weight:400;color:#777}
p{white-space:pre-wrap;overflow-wrap:anywhere}pre{overflow:auto;background:#8882;padding:.75rem;border-radius:6px}code,pre{font:13px/1.5 ui-monospace,monospace}
img{max-width:100%}summary{cursor:pointer}.user{background:#8881;padding:.5rem .75rem}.error{color:#b00}`;

// Nothing runs and nothing is fetched, whatever stands in the page.
const POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${hash("sha256", STYLE, "base64")}'; base-uri 'none'; form-action 'none'`;

/** Pictures larger than this are named only, and so are all others behind the second figure. */
const IMAGE_BYTES = 8_388_608;
const ALL_IMAGES_BYTES = 67_108_864;

/** A thread as one page of HTML without scripts that needs nothing else: pictures are in it (PNG, JPEG, GIF and WebP, up to
 *  8 MiB each and 64 MiB in all). Comes piece by piece.
 *  @throws SkeinError  `thread_not_found`, `branch_not_found`
 *  Cost: two reads of every message. */
export async function* exportHtml(
  engine: ReadingEngine,
  threadId: string,
  options: ReadableOptions = {},
): AsyncGenerator<string> {
  const { thread, pieces } = await readableThread(engine, threadId, options);
  const images = new Images(engine, options);
  yield headOf(thread);
  for await (const piece of pieces)
    if (piece.is === "branch") yield `<h1>Branch ${escapeHtml(piece.branch.name)}</h1>\n`;
    else yield await messageOf(piece.message, images);
  yield "</main>\n</body>\n</html>\n";
}

class Images {
  readonly #engine: ReadingEngine;
  readonly #options: CallOptions;
  #left = ALL_IMAGES_BYTES;

  constructor(engine: ReadingEngine, { branch: _branch, ...options }: ReadableOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** The picture as an address; nothing for what is none, too large or gone. */
  async address({ source }: FilePart): Promise<string | undefined> {
    if (source.kind !== "blob" || source.sizeBytes > Math.min(IMAGE_BYTES, this.#left))
      return undefined;
    try {
      const { bytes } = await this.#engine.getBlob(source.sha256, this.#options);
      const type = imageTypeOf(bytes);
      if (type === undefined) return undefined;
      this.#left -= bytes.byteLength;
      return `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
    } catch (error) {
      if (isSkeinError(error, "blob_not_found")) return undefined;
      throw error;
    }
  }
}

function escapeHtml(text: string): string {
  return printableText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function headOf({ id, title, createdAt, messageCount, tags }: Thread): string {
  const name = escapeHtml(title ?? "Untitled");
  const facts = [id, new Date(createdAt).toISOString(), `${messageCount} messages`, ...tags];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>${name}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${name}</h1>
<p class="facts">${facts.map(escapeHtml).join(" · ")}</p>
`;
}

async function messageOf(message: Message, images: Images): Promise<string> {
  const { role, status, redacted } = message;
  const said: string[] = [];
  if (redacted === true) said.push("<p><em>redacted</em></p>");
  else for (const part of message.parts) said.push(await partOf(part, images));
  const state = status === "completed" ? "" : ` · ${status}`;
  const time = timeOf(message);
  return `<article class="${role}">
<h2>${escapeHtml(speakerOf(message))} <time datetime="${time}">${time}</time>${state}</h2>
${said.filter((text) => text !== "").join("\n")}
</article>
`;
}

async function partOf(part: Part, images: Images): Promise<string> {
  switch (part.type) {
    case "text":
    case "refusal":
      return textHtml(part.text);
    case "reasoning":
      return part.text === "" ? "" : folded("Thoughts", textHtml(part.text));
    case "tool-call":
      return folded(`Calls ${part.name}`, codeHtml(prettyJson(part.inputText)));
    case "tool-result":
      return folded(`Result ${part.name} (${part.outcome})`, codeHtml(outputText(part.output)));
    case "file":
      return fileHtml(part, await images.address(part));
    case "source":
      return `<p>Source: ${linkHtml(part.title ?? part.url ?? "document", part.url ?? "")}</p>`;
    case "error":
      return `<p class="error">${escapeHtml(part.message)}</p>`;
    case "data":
      return folded(part.name, codeHtml(JSON.stringify(part.data ?? null, null, 2)));
    case "opaque":
      return folded(part.format, codeHtml(JSON.stringify(part.value, null, 2)));
    case "marker":
      return "";
  }
}

function textHtml(text: string): string {
  return splitCode(text)
    .map((block) =>
      block.kind === "code" ? codeHtml(block.text) : `<p>${inlineHtml(block.text.trim())}</p>`,
    )
    .join("\n");
}

function inlineHtml(text: string): string {
  return splitInlineCode(text)
    .map((piece) =>
      piece.kind === "code" ? `<code>${escapeHtml(piece.text)}</code>` : escapeHtml(piece.text),
    )
    .join("");
}

function codeHtml(code: string): string {
  return `<pre><code>${escapeHtml(code)}</code></pre>`;
}

function folded(summary: string, body: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${body}\n</details>`;
}

function outputText(output: ToolOutput): string {
  return output.type === "json" ? JSON.stringify(output.value, null, 2) : output.text;
}

function fileHtml(part: FilePart, image: string | undefined): string {
  const { filename, mediaType, source } = part;
  const name = filename ?? mediaType;
  if (image !== undefined) return `<p><img src="${image}" alt="${escapeHtml(name)}"></p>`;
  if (source.kind === "text") return folded(name, codeHtml(source.text));
  if (source.kind === "url") return `<p>File: ${linkHtml(name, source.url)}</p>`;
  const size = source.kind === "blob" ? `, ${source.sizeBytes} bytes` : "";
  return `<p>File: ${escapeHtml(`${name} (${mediaType}${size})`)}</p>`;
}

function linkHtml(words: string, address: string): string {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return escapeHtml(words);
  return `<a href="${escapeHtml(new URL(address).href)}" rel="noopener noreferrer nofollow">${escapeHtml(words)}</a>`;
}
