import { existsSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Store } from "../store.ts";
import type { Blobs } from "./blobs.ts";
import { makeFolder, readIfThere, replaceFile } from "./durable-file.ts";
import { blobsIn, redactedLine } from "./erasure.ts";
import type { Erasure, ReadLine } from "./erasure.ts";
import { corruptFile } from "./file-error.ts";
import { fileNameOf } from "./file-name.ts";
import { hollowed, hollowUntil } from "./hollow.ts";
import { LAYOUT, logPathOf } from "./layout.ts";
import { namesIn } from "./list-logs.ts";
import { decodeLine, encodeLine } from "./log-line.ts";
import type { LogLine } from "./log-line.ts";
import { survivingOf } from "./surviving.ts";

/** Overwrites in the files what the index has forgotten already. Once more changes nothing. */
export class Eraser {
  readonly #folder: string;
  readonly #index: Store;
  readonly #blobs: Blobs;

  constructor(folder: string, index: Store, blobs: Blobs) {
    this.#folder = folder;
    this.#index = index;
    this.#blobs = blobs;
  }

  async erase(erasure: Erasure, now: number): Promise<void> {
    if (erasure.kind === "redact") await this.#redact(erasure, now);
    else await this.#hollow(erasure, now);
  }

  async #redact(
    { tenant, threadId, messageId }: Extract<Erasure, { kind: "redact" }>,
    now: number,
  ): Promise<void> {
    const key = { tenant, id: threadId };
    const { messages } = await this.#index.loadFacts(key, [
      { kind: "message", id: messageId, holders: true },
    ]);
    const [message] = await this.#index.loadMessages(key, [messageId]);
    const holders = messages[messageId]?.holders ?? [];
    for (const id of new Set([threadId, ...holders, ...(message ? [message.threadId] : [])])) {
      const path = logPathOf({ tenant, id });
      const lines = this.#linesOf(path);
      const left = lines.map((line) =>
        redactedLine(line, (other) => other === messageId, line.sha256),
      );
      await this.#rewrite(tenant, path, lines, left, now);
    }
  }

  async #hollow(
    { tenant, threadId }: Extract<Erasure, { kind: "hollow" }>,
    now: number,
  ): Promise<void> {
    const markers = join(this.#folder, LAYOUT.kept, fileNameOf(tenant));
    const own = logPathOf({ tenant, id: threadId });
    await this.#hollowLog(tenant, own, now);
    // It may have been the last fork that showed what other threads have let go of.
    for (const name of namesIn(markers))
      if (name !== basename(own)) await this.#hollowLog(tenant, join(dirname(own), name), now);
  }

  async #hollowLog(tenant: string, path: string, now: number): Promise<void> {
    const lines = this.#linesOf(path);
    const threadId = lines[0]?.entry.threadId;
    if (threadId === undefined) return;
    const { ids, isForForks } = await survivingOf(this.#index, tenant, threadId, lines, (id) =>
      this.#linesOf(logPathOf({ tenant, id })),
    );
    const isPurge = lines.at(-1)?.entry.op === "thread.purge";
    const left = hollowed(lines, {
      until: hollowUntil(lines),
      isPurge,
      exists: (id) => ids.has(id),
    });
    this.#mark(tenant, basename(path), isForForks);
    await this.#rewrite(tenant, path, lines, left, now);
  }

  /** Remembers logs that have something left for the forks of their thread. */
  #mark(tenant: string, name: string, hasLeft: boolean): void {
    const folder = join(this.#folder, LAYOUT.kept, fileNameOf(tenant));
    const marker = join(folder, name);
    if (!hasLeft) rmSync(marker, { force: true });
    else if (!existsSync(marker)) {
      makeFolder(folder);
      writeFileSync(marker, "", { flush: true });
    }
  }

  /** Writes a log anew, if anything changes, and drops blobs that only what goes referred to. */
  async #rewrite(
    tenant: string,
    path: string,
    lines: readonly ReadLine[],
    left: readonly (LogLine | null)[],
    now: number,
  ): Promise<void> {
    if (left.every((line, at) => line === lines[at])) return;
    const text = left.map((line) => (line === null ? "" : encodeLine(line))).join("");
    await replaceFile(join(this.#folder, path), text);
    await this.#blobs.dropUnused(tenant, [...new Set(lines.flatMap(blobsIn))], now);
  }

  #linesOf(path: string): readonly ReadLine[] {
    const texts = readIfThere(join(this.#folder, path))?.split("\n").slice(0, -1) ?? [];
    return texts.map((text, at) => {
      const line = decodeLine(text);
      if ("fault" in line) throw corruptFile(path, line.fault, at + 1);
      return line;
    });
  }
}
