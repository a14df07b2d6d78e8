import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { JsonObject } from "../../model/json.ts";

/** The first line of an export of several threads. */
export interface ThreadsHeader {
  readonly type: "skein.threads";
  readonly version: 1;
  readonly store_id: string;
  readonly exported_at: string;
}

/** The last line: what stands between the two is whole when it says the same. */
export interface ThreadsEnd {
  readonly type: "skein.end";
  readonly threads: number;
  /** Of the checksums of the threads, one after another. */
  readonly sha256: string;
}

/** Adds up threads as they pass. */
export class FrameSum {
  readonly #hash: Hash = createHash("sha256");
  #threads = 0;

  add({ sha256 }: { readonly sha256?: unknown }): void {
    this.#hash.update(typeof sha256 === "string" ? sha256 : "");
    this.#threads += 1;
  }

  end(): ThreadsEnd {
    return { type: "skein.end", threads: this.#threads, sha256: this.#hash.copy().digest("hex") };
  }
}

/** Proves that an export of several threads is whole. */
export class FrameCheck {
  readonly #sum: FrameSum = new FrameSum();
  #isFramed = false;
  #end: JsonObject | undefined;

  /** A header or an end. Answers with a sentence for one that cannot be read. */
  frame(line: JsonObject): string | undefined {
    if (line["type"] === "skein.end") this.#end = line;
    else if (line["version"] !== 1)
      return `Version ${JSON.stringify(line["version"])} is not known here.`;
    else this.#isFramed = true;
    return undefined;
  }

  thread(line: JsonObject): void {
    this.#sum.add(line);
  }

  /** What is wrong with the file as a whole. */
  problem(): string | undefined {
    if (!this.#isFramed) return undefined;
    const { threads, sha256 } = this.#sum.end();
    if (this.#end === undefined) return `The file ends early, after ${threads} threads.`;
    if (this.#end["threads"] !== threads || this.#end["sha256"] !== sha256)
      return "The file is not as it was written: threads are missing, were added or changed.";
    return undefined;
  }
}
