import type { CallOptions, Engine } from "../../engine/engine.ts";
import type { Message } from "../../model/message.ts";
import { MAIN } from "../../model/thread.ts";
import type { BranchHead, Thread } from "../../model/thread.ts";
import { messagePages } from "./message-pages.ts";

/** What a reading export needs of an engine. */
export type ReadingEngine = Pick<Engine, "detail" | "messages" | "getBlob">;

export interface ReadableOptions extends CallOptions {
  /** A branch by name, or `all`: `main`, and of the others what they have for themselves. Default `main`. */
  readonly branch?: string;
}

export type ReadablePiece =
  | { readonly is: "branch"; readonly branch: BranchHead }
  | { readonly is: "message"; readonly message: Message };

/** A thread as it is read from top to bottom. */
export async function readableThread(
  engine: ReadingEngine,
  threadId: string,
  { branch = MAIN, ...options }: ReadableOptions,
): Promise<{ readonly thread: Thread; readonly pieces: AsyncIterable<ReadablePiece> }> {
  const { thread, branches } = await engine.detail(threadId, options);
  const isAll = branch === "all" && !branches.some(({ name }) => name === "all");
  // A branch that is not there is refused by whoever reads it.
  const names = isAll ? branches.map(({ name }) => name) : [branch];
  const pieces = async function* (): AsyncGenerator<ReadablePiece> {
    const seen = new Set<string>();
    for (const name of names) {
      const head = branches.find((it) => it.name === name);
      if (isAll && name !== MAIN && head !== undefined) yield { is: "branch", branch: head };
      for await (const page of messagePages(engine, threadId, name, options))
        for (const message of page) {
          if (seen.has(message.id)) continue;
          if (isAll) seen.add(message.id);
          yield { is: "message", message };
        }
    }
  };
  return { thread, pieces: pieces() };
}

/** Who speaks. */
export function speakerOf({ role, author, model }: Message): string {
  const name = author?.name ?? author?.id;
  if (role === "user") return name ?? "User";
  if (role === "assistant") return name ?? model ?? "Assistant";
  return role === "tool" ? "Tool" : role === "system" ? "System" : "Developer";
}

export function timeOf({ composedAt, createdAt }: Message): string {
  return new Date(composedAt ?? createdAt).toISOString().replace(/\.\d+Z$/, "Z");
}

export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
