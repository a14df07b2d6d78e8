import { startStubModel } from "../../src/testing/index.ts";
import type { StubModel } from "../../src/testing/index.ts";

const WORDS = 12;
const WORD_MS = 4;

/** A model server that answers every question with itself and some words, and knows how long it took. */
export interface TimedModel {
  readonly url: string;
  /** For all answers to this question together. */
  tookMs(question: string): number;
  close(): Promise<void>;
}

export async function timedModel(): Promise<TimedModel> {
  const took = new Map<string, number>();
  const model: StubModel = await startStubModel({
    script: ({ messages }, index) => {
      const start = performance.now();
      const text = messages.findLast(({ role }) => role === "user")?.text ?? "";
      // The line that names the speaker is not part of the question.
      const question = text.split("\n").at(-1) ?? "";
      void model.requests[index]?.ended.then(() => {
        took.set(question, (took.get(question) ?? 0) + performance.now() - start);
      });
      const words = Array.from({ length: WORDS }, (_, word) => `word${word}`);
      return { text: `${question} ${words.join(" ")}`, delayMs: WORD_MS };
    },
  });
  return {
    url: model.url,
    tookMs: (question) => took.get(question) ?? 0,
    close: () => model.close(),
  };
}
