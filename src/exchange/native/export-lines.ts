import { SkeinError } from "../../model/error.ts";
import { LIMITS } from "../../model/limits.ts";
import { allThreads } from "./all-threads.ts";
import { exportOf, leaveOut } from "./export-options.ts";
import type { ExportOptions, ExportSource } from "./export-options.ts";
import { FrameSum } from "./frame.ts";
import type { ThreadsHeader } from "./frame.ts";

/** Threads as lines of JSON: a header, a line per thread as `serialize` writes it with its files, and an end with the count and
 *  a checksum of all. `importFiles` reads it back, and says so when something is missing. Holds one thread at a time.
 *  @throws SkeinError  `limit_exceeded` for a thread of more than 10,000 messages or 64 MiB of files, unless `onProblem` takes it */
export async function* exportLines(
  source: ExportSource,
  options: ExportOptions = {},
): AsyncGenerator<string> {
  const { threadIds = allThreads(source, callOf(options)), onProgress } = options;
  const { storeId } = await source.store.open();
  const header: ThreadsHeader = {
    type: "skein.threads",
    version: 1,
    store_id: storeId,
    exported_at: new Date().toISOString(),
  };
  yield `${JSON.stringify(header)}\n`;
  const sum = new FrameSum();
  let threads = 0;
  for await (const id of threadIds) {
    options.signal?.throwIfAborted();
    const line = await lineOf(source, id, options);
    if (line === undefined) continue;
    sum.add(line);
    yield `${line.text}\n`;
    threads += 1;
    onProgress?.({ threads });
  }
  yield `${JSON.stringify(sum.end())}\n`;
}

async function lineOf(
  source: ExportSource,
  id: string,
  options: ExportOptions,
): Promise<{ readonly text: string; readonly sha256: string } | undefined> {
  try {
    const exported = await exportOf(source, id, LIMITS.blobBytes, callOf(options));
    const left = exported.blobs.find(({ base64 }) => base64 === undefined);
    if (left !== undefined)
      throw new SkeinError(
        "limit_exceeded",
        `Thread ${id} has files of more than ${LIMITS.blobBytes} bytes: export it to a folder.`,
        { details: { limit: LIMITS.blobBytes } },
      );
    return { text: JSON.stringify(exported), sha256: exported.sha256 };
  } catch (error) {
    leaveOut(error, id, options);
    return undefined;
  }
}

/** What concerns the engine. */
export function callOf({
  threadIds: _ids,
  onProgress: _progress,
  onProblem: _problem,
  ...call
}: ExportOptions): Omit<ExportOptions, "threadIds" | "onProgress" | "onProblem"> {
  return call;
}
