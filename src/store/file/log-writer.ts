import { dirname, join } from "node:path";
import { SkeinError } from "../../model/error.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { ThreadKey } from "../key.ts";
import type { Chain, CommitItem, ItemResult, Store } from "../store.ts";
import { acceptItems } from "./accept-items.ts";
import { syncFile, syncFolder } from "./durable-file.ts";
import { encodeBatch } from "./encode-batch.ts";
import type { Eraser } from "./eraser.ts";
import type { Erasure } from "./erasure.ts";
import { fileErrorOf } from "./file-error.ts";
import type { Journal } from "./journal.ts";
import { removePiece, sizeOf, writePiece } from "./piece.ts";
import type { Piece } from "./piece.ts";

type Results = readonly (readonly ItemResult[])[];

/** How much the journal grows before the logs are synced: about 4,000 turns. */
const JOURNAL_BYTES = 4_194_304;
const SYNCS_AT_ONCE = 16;

/** Writes commits, one after the other: to the journal, which makes them last, to the ends of the logs, to the index. */
export class LogWriter {
  readonly #folder: string;
  readonly #index: Store;
  readonly #journal: Journal;
  readonly #eraser: Eraser;
  /** Logs that are not synced yet. */
  readonly #dirty = new Set<string>();
  #erasures: readonly Erasure[] = [];
  #commit: number;
  #last: Promise<unknown> = Promise.resolve();
  #fault: SkeinError | undefined;

  /** @param commit  the number of the newest commit in the logs */
  constructor(folder: string, index: Store, journal: Journal, eraser: Eraser, commit: number) {
    this.#folder = folder;
    this.#index = index;
    this.#journal = journal;
    this.#eraser = eraser;
    this.#commit = commit;
  }

  get newestCommit(): number {
    return this.#commit;
  }

  /** True when files and index are not known to agree: the next opening finds out. */
  get isBroken(): boolean {
    return this.#fault !== undefined;
  }

  commit(chains: readonly Chain[]): Promise<Results> {
    return this.exclusively(() => this.#write(chains));
  }

  commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly Chain[],
  ): Promise<Results> {
    return this.exclusively(async () => this.#write(decide(await this.#index.loadHeads(keys))));
  }

  /** Does something while nothing is committed. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Syncs the logs and empties the journal. */
  async settle(): Promise<void> {
    if (this.#fault !== undefined || this.#erasures.length > 0) return;
    await this.#sync();
    this.#journal.clear();
  }

  async #write(chains: readonly Chain[]): Promise<Results> {
    if (this.#fault !== undefined) throw this.#fault;
    try {
      await this.#carryOutErasures();
      const { results, items } = await acceptItems(this.#index, chains);
      if (items.length === 0) return results;
      const { texts, erasures } = await encodeBatch(this.#index, items, this.#commit);
      this.#commit += items.length;
      const pieces = [...texts].map(([path, text]) => ({
        path,
        at: sizeOf(join(this.#folder, path)),
        text,
      }));
      await this.#writePieces(pieces, erasures, items);
      this.#erasures = erasures;
      await this.#carryOutErasures();
      if (this.#journal.sizeBytes > JOURNAL_BYTES) await this.settle();
      return results;
    } catch (error) {
      throw fileErrorOf(error, this.#folder);
    }
  }

  async #writePieces(
    pieces: readonly Piece[],
    erasures: readonly Erasure[],
    items: readonly CommitItem[],
  ): Promise<void> {
    const journalBytes = this.#journal.sizeBytes;
    await this.#journal.append({ pieces, erasures });
    try {
      for (const piece of pieces) writePiece(this.#folder, piece);
      await this.#commitToIndex(items);
    } catch (error) {
      this.#takeBack(pieces, journalBytes);
      throw error;
    }
    for (const { path } of pieces) this.#dirty.add(path);
  }

  async #commitToIndex(items: readonly CommitItem[]): Promise<void> {
    const results = await this.#index.commit([items]);
    if (results.flat().every((result) => result === "committed")) return;
    this.#fault = new SkeinError(
      "internal",
      `The index of ${this.#folder} does not follow the logs. Open the store again.`,
    );
    throw this.#fault;
  }

  #takeBack(pieces: readonly Piece[], journalBytes: number): void {
    try {
      for (const piece of pieces) removePiece(this.#folder, piece);
      this.#journal.cutTo(journalBytes);
    } catch (error) {
      this.#fault = new SkeinError(
        "store_corrupt",
        `A write to ${this.#folder} failed and could not be taken back. Open the store again, which finds out what is there.`,
        { cause: error },
      );
      throw this.#fault;
    }
  }

  async #carryOutErasures(): Promise<void> {
    if (this.#erasures.length === 0) return;
    try {
      // A log that is written anew must not be mended from the journal afterwards.
      await this.#sync();
      await this.#journal.keepErasures(this.#erasures);
      for (const erasure of this.#erasures) await this.#eraser.erase(erasure, Date.now());
      this.#journal.clear();
    } catch (error) {
      throw new SkeinError(
        "store_full",
        `What is to be erased could not be overwritten in ${this.#folder} yet. It is no longer shown; free some space and repeat the call.`,
        { cause: error },
      );
    }
    this.#erasures = [];
  }

  async #sync(): Promise<void> {
    const paths = [...this.#dirty].map((path) => join(this.#folder, path));
    for (let start = 0; start < paths.length; start += SYNCS_AT_ONCE)
      await Promise.all(paths.slice(start, start + SYNCS_AT_ONCE).map(syncFile));
    for (const folder of new Set(paths.map((path) => dirname(path)))) syncFolder(folder);
    this.#dirty.clear();
  }
}
