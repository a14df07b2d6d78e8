import { existsSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BlobInfo } from "../blob.ts";
import type { Reader } from "../key.ts";
import type { Store } from "../store.ts";
import { makeFolder, readIfThere, replaceFile } from "./durable-file.ts";
import { corruptFile } from "./file-error.ts";
import { fileNameOf } from "./file-name.ts";
import { LAYOUT } from "./layout.ts";
import { namesIn } from "./list-logs.ts";

const UPLOAD_READABLE_MS = 24 * 3_600_000;

/** Uploads every blob in the index, where its bytes are not; a name that no user can have. */
const UPLOADER = "\n";
const NO_BYTES: Uint8Array = new Uint8Array();

interface BlobRecord extends BlobInfo {
  readonly tenant: string;
}

interface UploadRecord {
  readonly tenant: string;
  readonly sha256: string;
  /** Who, and when last in milliseconds since the epoch. `null` had all rights. */
  readonly uploads: readonly (readonly [string | null, number])[];
}

/** Blobs as files. Which threads refer to them, the index knows; who uploaded them, a file of its own. */
export class Blobs {
  readonly #folder: string;
  readonly #index: Store;

  constructor(folder: string, index: Store) {
    this.#folder = folder;
    this.#index = index;
  }

  async put(
    { tenant, user }: Reader,
    info: BlobInfo,
    bytes: Uint8Array,
    now: number,
  ): Promise<void> {
    const { sha256 } = info;
    const path = this.#pathOf(LAYOUT.blobs, tenant, sha256);
    makeFolder(join(path, ".."));
    if (!existsSync(`${path}.json`)) {
      await replaceFile(path, bytes);
      await replaceFile(`${path}.json`, JSON.stringify({ tenant, ...info } satisfies BlobRecord));
    }
    const uploadPath = this.#uploadPathOf(tenant, sha256);
    makeFolder(join(uploadPath, ".."));
    const others = freshOf(this.#uploadsOf(tenant, sha256), now).filter(([who]) => who !== user);
    const record: UploadRecord = { tenant, sha256, uploads: [...others, [user, now]] };
    await replaceFile(uploadPath, JSON.stringify(record));
    await this.#index.putBlob({ tenant, user: UPLOADER }, info, NO_BYTES);
  }

  async load(
    reader: Reader,
    sha256: string,
    now: number,
  ): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array } | null> {
    const { tenant, user } = reader;
    const isUploader = freshOf(this.#uploadsOf(tenant, sha256), now).some(([who]) => who === user);
    if (!isUploader && (await this.#index.loadBlob(reader, sha256, now)) === null) return null;
    const path = this.#pathOf(LAYOUT.blobs, tenant, sha256);
    const json = readIfThere(`${path}.json`);
    if (json === undefined) return null;
    const { tenant: _tenant, ...info }: BlobRecord = JSON.parse(json);
    const bytes = await readFile(path);
    if (bytes.length !== info.sizeBytes)
      throw corruptFile(path, `it has ${bytes.length} bytes instead of ${info.sizeBytes}`);
    return { info, bytes: new Uint8Array(bytes) };
  }

  /** Removes those of the blobs that no message refers to and nobody has uploaded within 24 h. */
  async dropUnused(tenant: string, sha256s: readonly string[], now: number): Promise<void> {
    for (const sha256 of sha256s) {
      if (freshOf(this.#uploadsOf(tenant, sha256), now).length > 0) continue;
      rmSync(this.#uploadPathOf(tenant, sha256), { force: true });
      if ((await this.#index.loadBlob({ tenant, user: null }, sha256, now)) !== null) continue;
      const path = this.#pathOf(LAYOUT.blobs, tenant, sha256);
      for (const file of [`${path}.json`, path]) rmSync(file, { force: true });
    }
  }

  /** Forgets uploads that are older than 24 h, and what they brought if no message uses it. */
  async dropOldUploads(now: number): Promise<void> {
    for (const { tenant, sha256, uploads } of this.#records<UploadRecord>(LAYOUT.uploads))
      if (freshOf(uploads, now).length === 0) await this.dropUnused(tenant, [sha256], now);
  }

  /** Tells an empty index of every blob. */
  async register(): Promise<void> {
    for (const { tenant, ...info } of this.#records<BlobRecord>(LAYOUT.blobs))
      await this.#index.putBlob({ tenant, user: UPLOADER }, info, NO_BYTES);
  }

  #records<T>(kind: string): readonly T[] {
    return namesIn(join(this.#folder, kind)).flatMap((tenant) =>
      namesIn(join(this.#folder, kind, tenant))
        .filter((name) => name.endsWith(".json"))
        .map((name) => {
          const record: T = JSON.parse(
            readFileSync(join(this.#folder, kind, tenant, name), "utf8"),
          );
          return record;
        }),
    );
  }

  #uploadsOf(tenant: string, sha256: string): UploadRecord["uploads"] {
    const json = readIfThere(this.#uploadPathOf(tenant, sha256));
    if (json === undefined) return [];
    const { uploads }: UploadRecord = JSON.parse(json);
    return uploads;
  }

  #uploadPathOf(tenant: string, sha256: string): string {
    return `${this.#pathOf(LAYOUT.uploads, tenant, sha256)}.json`;
  }

  #pathOf(kind: string, tenant: string, sha256: string): string {
    return join(this.#folder, kind, fileNameOf(tenant), fileNameOf(sha256));
  }
}

function freshOf(uploads: UploadRecord["uploads"], now: number): UploadRecord["uploads"] {
  return uploads.filter(([, at]) => now - at < UPLOAD_READABLE_MS);
}
