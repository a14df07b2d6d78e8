import { hash } from "node:crypto";
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { replaceFile, syncFolder, writeAll } from "./durable-file.ts";
import type { Erasure } from "./erasure.ts";
import type { Piece } from "./piece.ts";

const sync = promisify(fdatasync);

export interface JournalRecord {
  readonly pieces: readonly Piece[];
  /** What has to be overwritten before the record may go. */
  readonly erasures: readonly Erasure[];
}

interface Header {
  readonly pieces: readonly {
    readonly path: string;
    readonly at: number;
    readonly bytes: number;
  }[];
  readonly erasures: readonly Erasure[];
}

/**
 * What was committed last, as it goes to the ends of the logs. One sync here makes a commit of any number of logs
 * last, all or nothing; the logs themselves are synced later, together, and then the journal is emptied.
 */
export class Journal {
  readonly #path: string;
  #file: number;
  #end = 0;

  /** Opens the journal, and makes it if there is none. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, "a+", 0o600);
    closeSync(this.#file);
    this.#file = openSync(path, "r+");
    syncFolder(dirname(path));
  }

  get sizeBytes(): number {
    return this.#end;
  }

  /** The records, in order. One that was being written when the process died is not among them: nobody was told. */
  load(): readonly JournalRecord[] {
    const bytes = readFileSync(this.#path);
    const records: JournalRecord[] = [];
    this.#end = 0;
    for (;;) {
      const found = recordAt(bytes, this.#end);
      if (found === undefined) return records;
      records.push(found.record);
      this.#end = found.end;
    }
  }

  /** Resolves when the record is on the disk. After an error the journal is as it was. */
  async append(record: JournalRecord): Promise<void> {
    const bytes = Buffer.from(encode(record));
    try {
      writeAll(this.#file, bytes, this.#end);
      await sync(this.#file);
    } catch (error) {
      this.cutTo(this.#end);
      throw error;
    }
    this.#end += bytes.length;
  }

  /** Takes back what was appended since it had this size. */
  cutTo(sizeBytes: number): void {
    ftruncateSync(this.#file, sizeBytes);
    fdatasyncSync(this.#file);
    this.#end = sizeBytes;
  }

  /** Forgets every record. The logs have to be on the disk. */
  clear(): void {
    if (this.#end > 0) this.cutTo(0);
  }

  /** Forgets every record but what is still to be erased, in one step. The logs have to be on the disk. */
  async keepErasures(erasures: readonly Erasure[]): Promise<void> {
    const text = encode({ pieces: [], erasures });
    await replaceFile(this.#path, text);
    closeSync(this.#file);
    this.#file = openSync(this.#path, "r+");
    this.#end = Buffer.byteLength(text);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function encode({ pieces, erasures }: JournalRecord): string {
  const places = pieces.map(({ path, at, text }) => ({ path, at, bytes: Buffer.byteLength(text) }));
  const header = JSON.stringify({ pieces: places, erasures } satisfies Header);
  const text = pieces.map((piece) => piece.text).join("");
  return `${header}\n${hash("sha256", header + text)}\n${text}`;
}

function recordAt(
  bytes: Buffer,
  start: number,
): { readonly record: JournalRecord; readonly end: number } | undefined {
  const headerEnd = bytes.indexOf(10, start);
  const digestEnd = headerEnd + 65;
  if (headerEnd === -1 || bytes[digestEnd] !== 10) return undefined;
  const json = bytes.toString("utf8", start, headerEnd);
  const header = headerOf(json);
  if (header === undefined) return undefined;
  let end = digestEnd + 1;
  const pieces = header.pieces.map(({ path, at, bytes: length }) => {
    end += length;
    return { path, at, text: bytes.toString("utf8", end - length, end) };
  });
  const text = pieces.map((piece) => piece.text).join("");
  if (hash("sha256", json + text) !== bytes.toString("utf8", headerEnd + 1, digestEnd))
    return undefined;
  return { record: { pieces, erasures: header.erasures }, end };
}

function headerOf(json: string): Header | undefined {
  try {
    const header: Header = JSON.parse(json);
    return header;
  } catch {
    return undefined;
  }
}
