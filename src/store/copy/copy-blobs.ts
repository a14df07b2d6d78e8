import { messageOf } from "../../model/entry.ts";
import type { Entry } from "../../model/entry.ts";
import { blobsOfRecord } from "../../model/file-change.ts";
import type { Part } from "../../model/part.ts";
import type { Store } from "../store.ts";

// A hash takes about 100 bytes.
const REMEMBERED = 100_000;

/** Brings blobs before the messages that refer to them. */
export class BlobCopier {
  readonly #from: Store;
  readonly #to: Store;
  readonly #known = new Set<string>();
  #count = 0;

  constructor(from: Store, to: Store) {
    this.#from = from;
    this.#to = to;
  }

  get count(): number {
    return this.#count;
  }

  async copy(tenant: string, hashes: readonly string[]): Promise<void> {
    const reader = { tenant, user: null };
    for (const sha256 of hashes) {
      const name = `${sha256} ${tenant}`;
      if (this.#known.has(name)) continue;
      const now = Date.now();
      const there = await this.#to.loadBlob(reader, sha256, now);
      // A message that was erased meanwhile has taken its files along.
      const blob = there === null ? await this.#from.loadBlob(reader, sha256, now) : null;
      if (blob !== null) {
        await this.#to.putBlob(reader, blob.info, blob.bytes);
        this.#count += 1;
      }
      if (this.#known.size >= REMEMBERED) this.#known.clear();
      this.#known.add(name);
    }
  }
}

/** Hashes of the blobs that an entry refers to. */
export function blobsOf(entry: Entry): readonly string[] {
  if (entry.op === "message.commit") return blobsIn(entry.data.parts);
  if (entry.op === "file.change" || entry.op === "file.rollback") return blobsOfRecord(entry.data);
  return blobsIn(messageOf(entry)?.parts ?? []);
}

export function blobsIn(parts: readonly Part[]): readonly string[] {
  return parts.flatMap((part) =>
    part.type === "file" && part.source.kind === "blob" ? [part.source.sha256] : [],
  );
}
