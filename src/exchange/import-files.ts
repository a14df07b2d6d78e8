import { isSkeinError } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import { LIMITS } from "../model/limits.ts";
import { bringConversation, bringPortable } from "./bring.ts";
import type { Conversation } from "./conversation.ts";
import { detectItem, detectLines } from "./detect.ts";
import type { LineReader } from "./formats/line-reader.ts";
import type { ImportFile, ImportOptions, ImportReport, ImportTarget } from "./import-options.ts";
import { FrameCheck } from "./native/frame.ts";
import { isOfStore } from "./native/store-trouble.ts";
import { packConversation } from "./pack.ts";
import { splitJson } from "./split-json.ts";
import type { SplitRecord } from "./split-json.ts";
import { Tally } from "./tally.ts";

// An export of a thread with as many inline files as a thread may be brought with, in base64.
const RECORD_BYTES = 2 * LIMITS.importBytes;
/** Lines that say nothing of what the file is. */
const LINES_AHEAD = 100;

/** Brings in conversations of other programs and exports of Skein, which are told by their shape. Whatever cannot be brought is a
 *  problem in the report, and the rest is brought. The same again changes nothing; what was said since is added.
 *  @throws SkeinError  what the store says when it can write nothing at all; `aborted`
 *  Cost: one commit per conversation. Holds one record of a file at a time, of files of lines one conversation. */
export async function importFiles(
  target: ImportTarget,
  files: readonly ImportFile[],
  options: ImportOptions = {},
): Promise<ImportReport> {
  const tally = new Tally();
  const sizes = files.map(({ sizeBytes }) => sizeBytes);
  const totalBytes = sizes.reduce<number | undefined>(
    (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
  let bytes = 0;
  for (const file of files) {
    const told = (): void =>
      options.onProgress?.({
        file: file.name,
        bytes,
        conversations: tally.conversations,
        ...(totalBytes !== undefined && { totalBytes }),
      });
    const counted = async function* (): AsyncIterable<Uint8Array> {
      for await (const chunk of file.read()) {
        options.signal?.throwIfAborted();
        bytes += chunk.byteLength;
        yield chunk;
        told();
      }
    };
    await new FileImport(target, file.name, tally, options).run(counted());
  }
  return tally.report();
}

class FileImport {
  readonly #target: ImportTarget;
  readonly #name: string;
  readonly #tally: Tally;
  readonly #options: ImportOptions;
  readonly #frame: FrameCheck = new FrameCheck();

  constructor(target: ImportTarget, name: string, tally: Tally, options: ImportOptions) {
    this.#target = target;
    this.#name = name;
    this.#tally = tally;
    this.#options = options;
  }

  async run(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const split = await splitJson(bytes, RECORD_BYTES);
    if (typeof split === "string") {
      this.#tally.problem({ file: this.#name, reason: split });
      return;
    }
    if (split.kind === "lines") await this.#readLines(split.records);
    else for await (const record of split.records) await this.#item(record);
    const problem = this.#frame.problem();
    if (problem !== undefined) this.#tally.problem({ file: this.#name, reason: problem });
  }

  /** The first lines say whether they are parts of one conversation, or each of them is a whole one. */
  async #readLines(records: AsyncIterable<SplitRecord>): Promise<void> {
    const ahead: SplitRecord[] = [];
    let reader: LineReader | undefined;
    let isOpen = true;
    let size = 0;
    for await (const record of records) {
      if (isOpen && "value" in record) {
        reader = detectLines(record.value);
        isOpen = reader === undefined && detectItem(record.value) === undefined;
      }
      if (isOpen && ahead.length < LINES_AHEAD) {
        ahead.push(record);
        continue;
      }
      isOpen = false;
      for (const it of [...ahead.splice(0), record]) {
        if (reader === undefined) await this.#item(it);
        else if (size <= RECORD_BYTES) size += this.#line(reader, it);
      }
    }
    for (const it of ahead) await this.#item(it);
    if (size > RECORD_BYTES)
      this.#problem(undefined, `The conversation is larger than ${RECORD_BYTES} bytes.`);
    else if (reader !== undefined)
      for (const conversation of reader.end()) await this.#conversation(conversation);
  }

  #line(reader: LineReader, record: SplitRecord): number {
    if ("value" in record) {
      reader.add(record.value);
      return record.sizeBytes;
    }
    this.#unread(record);
    return 0;
  }

  async #item(record: SplitRecord): Promise<void> {
    if (!("value" in record)) {
      this.#unread(record);
      return;
    }
    const { at, value } = record;
    const item = detectItem(value);
    if (item === undefined) this.#problem(at, "This is nothing that Skein knows.");
    else if (item.is === "conversation") await this.#conversation(item.conversation, at);
    else if (item.is === "frame") {
      const problem = this.#frame.frame(value);
      if (problem !== undefined) this.#problem(at, problem);
    } else await this.#portable(value, at);
  }

  #unread(record: Exclude<SplitRecord, { readonly value: JsonObject }>): void {
    const { at, problem: reason } = record;
    if (record.isTorn === true) this.#tally.note({ file: this.#name, at, reason });
    else this.#problem(at, reason);
  }

  async #portable(value: JsonObject, at: number): Promise<void> {
    this.#frame.thread(value);
    await this.#try(at, undefined, async () => {
      const { outcome, messages } = await bringPortable(this.#target, value, this.#bringing());
      this.#tally.add("skein", outcome, messages);
    });
  }

  async #conversation(conversation: Conversation, at?: number): Promise<void> {
    const { user = "local", clock = Date.now } = this.#options;
    const { format, id } = conversation;
    if (id === "") {
      this.#problem(at, "The conversation has no id.");
      return;
    }
    if (conversation.messages.length === 0) {
      this.#tally.add(format, "empty", 0);
      return;
    }
    await this.#try(at, id, async () => {
      const packed = packConversation(conversation, { user, now: clock() });
      const outcome = await bringConversation(this.#target, packed, this.#bringing());
      this.#tally.add(format, outcome, packed.messageCount);
      if (packed.circles > 0)
        this.#tally.note({
          file: this.#name,
          ...(at !== undefined && { at }),
          id,
          reason: `${packed.circles} messages followed on themselves and now begin a path.`,
        });
    });
  }

  #bringing(): Parameters<typeof bringConversation>[2] {
    const { isDryRun = false, agentId, signal } = this.#options;
    return {
      isDryRun,
      ...(agentId !== undefined && { agentId }),
      ...(signal !== undefined && { signal }),
    };
  }

  /** What is wrong with one conversation is its own; what is wrong with the store ends the import. */
  async #try(
    at: number | undefined,
    id: string | undefined,
    bring: () => Promise<void>,
  ): Promise<void> {
    try {
      await bring();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (!isSkeinError(error) || isOfStore(error)) throw error;
      this.#problem(at, error.message, id);
    }
  }

  #problem(at: number | undefined, reason: string, id?: string): void {
    this.#tally.problem({
      file: this.#name,
      ...(at !== undefined && { at }),
      ...(id !== undefined && { id }),
      reason,
    });
  }
}
