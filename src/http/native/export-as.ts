import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { CallOptions, Engine } from "../../engine/engine.ts";
import type { Bindings } from "../bindings.ts";

type Format = "jsonl" | "markdown" | "html";

const TYPES: Readonly<Record<Format, readonly [mediaType: string, extension: string]>> = {
  jsonl: ["application/x-ndjson; charset=utf-8", "jsonl"],
  markdown: ["text/markdown; charset=utf-8", "md"],
  html: ["text/html; charset=utf-8", "html"],
};

/** A thread as a file that comes piece by piece, at the pace of its reader.
 *  @throws SkeinError  what is wrong before anything of the thread is written */
export async function exportAs(
  format: Format,
  engine: Engine,
  threadId: string,
  { bindings, ...options }: ExportAsOptions,
): Promise<Response> {
  const all = (await piecesOf(format, engine, threadId, options))[Symbol.asyncIterator]();
  // What is wrong shows with the first two pieces: later there is no status to say it with.
  const first = [await all.next(), await all.next()];
  const pieces = async function* (): AsyncGenerator<string> {
    for (const { done, value } of first) if (done !== true) yield value;
    for (let next = await all.next(); next.done !== true; next = await all.next()) yield next.value;
  };
  const headers = headersOf(format, threadId);
  const body = Readable.from(pieces());
  const outgoing = bindings?.outgoing;
  if (outgoing === undefined) return new Response(Readable.toWeb(body), { headers });
  outgoing.writeHead(200, headers);
  try {
    await pipeline(body, outgoing);
  } catch (error) {
    // Who has left needs nothing more.
    const hasLeft =
      error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
    if (!hasLeft) throw error;
  }
  return RESPONSE_ALREADY_SENT;
}

interface ExportAsOptions extends CallOptions {
  readonly branch?: string;
  readonly bindings: Bindings | undefined;
}

function headersOf(format: Format, threadId: string): Readonly<Record<string, string>> {
  const [mediaType, extension] = TYPES[format];
  const name = `${threadId.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.${extension}`;
  return {
    "content-type": mediaType,
    "content-disposition": `attachment; filename="${name}"`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // As in the page itself, should somebody show it in place.
    "content-security-policy":
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
  };
}

async function piecesOf(
  format: Format,
  engine: Engine,
  threadId: string,
  options: CallOptions & { readonly branch?: string },
): Promise<AsyncIterable<string>> {
  if (format === "html")
    return (await import("../../exchange/readable/write-html.ts")).exportHtml(
      engine,
      threadId,
      options,
    );
  if (format === "markdown")
    return (await import("../../exchange/readable/write-markdown.ts")).exportMarkdown(
      engine,
      threadId,
      options,
    );
  const { exportLines } = await import("../../exchange/native/export-lines.ts");
  return exportLines(engine, { ...options, threadIds: [threadId] });
}
