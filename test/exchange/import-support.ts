import { readFileSync } from "node:fs";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { importFiles } from "../../src/exchange/import-files.ts";
import type { ImportFile, ImportOptions, ImportReport } from "../../src/exchange/import-options.ts";
import { textOf } from "../../src/model/part.ts";
import type { Message } from "../../src/model/message.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";

export function engineOver(): Engine {
  return createEngine({ store: memoryStore() });
}

export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

/** Comes in pieces that cut characters and records. */
export function fileOf(name: string, content: string | Uint8Array, pieceBytes = 997): ImportFile {
  const bytes = Buffer.from(content);
  return {
    name,
    sizeBytes: bytes.byteLength,
    async *read() {
      for (let from = 0; from < bytes.byteLength; from += pieceBytes)
        yield bytes.subarray(from, from + pieceBytes);
    },
  };
}

export function importText(
  engine: Engine,
  content: string | Uint8Array,
  options?: ImportOptions,
): Promise<ImportReport> {
  return importFiles(engine, [fileOf("given", content)], options);
}

/** Every thread, archived ones too, by title. */
export async function threadIds(engine: Engine): Promise<Readonly<Record<string, string>>> {
  const pages = await Promise.all([engine.list(), engine.list({ archived: true })]);
  return Object.fromEntries(
    pages.flatMap(({ items }) => items.map(({ id, title }) => [title ?? "", id])),
  );
}

export async function messagesOf(
  engine: Engine,
  id: string,
  branch = "main",
): Promise<readonly Message[]> {
  return (await engine.messages(id, { branch, limit: 200 })).messages;
}

/** Role and text of every message of a branch; other parts by their type. */
export async function told(
  engine: Engine,
  id: string,
  branch = "main",
): Promise<readonly string[]> {
  return (await messagesOf(engine, id, branch)).map(({ role, parts }) => {
    const others = parts.filter(({ type }) => type !== "text").map(({ type }) => `[${type}]`);
    return [`${role}:`, ...others, textOf(parts)].join(" ").trimEnd();
  });
}
