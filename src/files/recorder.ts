import { hash, randomUUID } from "node:crypto";
import type { ToolContext } from "../agents/agent.ts";
import type { FileChange, FileChangeQuery } from "../engine/file-calls.ts";
import { SkeinError } from "../model/error.ts";
import type { FileState, NewFileRecord } from "../model/file-change.ts";
import type { FileEngine } from "./workspace-room.ts";

/** Who asks a workspace for something: a tool, with its context, or a program. */
export type WorkspaceCaller =
  | ToolContext
  | {
      readonly threadId?: string | undefined;
      readonly userId?: string | undefined;
      /** What changes have in common that are taken back together, and which is done once. Default: an id of its own. */
      readonly operationId?: string | undefined;
    };

/** Where one operation's changes are noted. */
export interface Recorder {
  readonly threadId: string;
  readonly operationId: string;
  readonly callId?: string;
  /** Names what is asked for within the operation, the same when it is asked for again in another attempt; `undefined`: there
   *  is only one attempt. */
  requestOf(asked: unknown): string | undefined;
  record(record: NewFileRecord): Promise<void>;
  changes(query: FileChangeQuery): AsyncIterable<FileChange>;
  save(state: FileState, bytes: Uint8Array): Promise<void>;
  load(state: Pick<FileState, "sha256">): Promise<Uint8Array>;
}

export function recorderFor(
  engine: FileEngine,
  by: WorkspaceCaller,
  threadId: string | undefined,
): Recorder {
  return "recordFiles" in by ? ofTool(engine, by) : ofProgram(engine, by, threadId);
}

function ofTool(engine: FileEngine, context: ToolContext): Recorder {
  const { threadId, callId, idempotencyKey, tenant } = context;
  if (threadId === null)
    throw new SkeinError("unsupported_capability", "Files are changed in runs of threads only.");
  return {
    threadId,
    operationId: idempotencyKey,
    callId,
    requestOf: (asked) => numbered(context, digestOf(asked)),
    record: (record) => context.recordFiles(record),
    ...reading(engine.as({ tenant }), threadId, {}),
  };
}

function ofProgram(
  engine: FileEngine,
  by: Exclude<WorkspaceCaller, ToolContext>,
  defaultThread: string | undefined,
): Recorder {
  const { threadId = defaultThread, userId, operationId } = by;
  if (threadId === undefined)
    throw new SkeinError("invalid_request", "Name the thread that the change belongs to.", {
      field: "thread_id",
    });
  const options = userId === undefined ? {} : { userId };
  return {
    threadId,
    operationId: operationId ?? `op_${randomUUID()}`,
    requestOf: (asked) => (operationId === undefined ? undefined : digestOf(asked)),
    record: (record) => engine.recordFiles(threadId, record, options),
    ...reading(engine, threadId, options),
  };
}

/** What was asked for in one attempt of a call, and how often. */
const askedBy = new WeakMap<ToolContext, Map<string, number>>();

/** A tool may want the same thing twice. In the next attempt it does so in the same order. */
function numbered(context: ToolContext, digest: string): string {
  const asked = askedBy.get(context) ?? new Map<string, number>();
  askedBy.set(context, asked);
  const count = asked.get(digest) ?? 0;
  asked.set(digest, count + 1);
  return `${digest}.${count}`;
}

function digestOf(asked: unknown): string {
  return hash("sha256", JSON.stringify(asked)).slice(0, 32);
}

function reading(
  engine: FileEngine,
  threadId: string,
  options: { readonly userId?: string },
): Pick<Recorder, "changes" | "save" | "load"> {
  return {
    async *changes(query) {
      let cursor: string | undefined;
      do {
        const page = await engine.fileChanges(
          threadId,
          { limit: 200, ...query, ...(cursor !== undefined && { cursor }) },
          options,
        );
        yield* page.items;
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    },
    async save({ isBinary }, bytes) {
      const mediaType = isBinary ? "application/octet-stream" : "text/plain; charset=utf-8";
      await engine.putBlob(bytes, mediaType, options);
    },
    async load({ sha256 }) {
      return (await engine.getBlob(sha256, options)).bytes;
    },
  };
}
