import type { ExchangeProblem, SourceFormat } from "./conversation.ts";
import type { ImportReport } from "./import-options.ts";

const KEPT = 1_000;

export type Outcome = "imported" | "updated" | "unchanged" | "empty";

/** Counts what an import does. */
export class Tally {
  readonly #outcomes: Record<Outcome, number> = { imported: 0, updated: 0, unchanged: 0, empty: 0 };
  readonly #sources: Partial<Record<SourceFormat | "skein", number>> = {};
  readonly #problems: ExchangeProblem[] = [];
  readonly #notes: ExchangeProblem[] = [];
  #problemCount = 0;
  #messages = 0;
  #conversations = 0;

  get conversations(): number {
    return this.#conversations;
  }

  add(source: SourceFormat | "skein", outcome: Outcome, messages: number): void {
    this.#outcomes[outcome] += 1;
    this.#sources[source] = (this.#sources[source] ?? 0) + 1;
    this.#messages += messages;
    this.#conversations += 1;
  }

  problem(problem: ExchangeProblem): void {
    this.#problemCount += 1;
    if (this.#problems.length < KEPT) this.#problems.push(problem);
  }

  note(note: ExchangeProblem): void {
    if (this.#notes.length < KEPT) this.#notes.push(note);
  }

  report(): ImportReport {
    return {
      ...this.#outcomes,
      messages: this.#messages,
      sources: { ...this.#sources },
      problems: this.#problems,
      problemCount: this.#problemCount,
      notes: this.#notes,
    };
  }
}
