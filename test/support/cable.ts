import { startForwarder } from "./forwarder.ts";
import type { Forwarder } from "./forwarder.ts";

/** What lies between a client and its database server. */
export interface Cable extends Forwarder {
  /** The answer to the next request that has these words (absent: to any) does not arrive: the server has carried it out,
   *  and the connection is cut. */
  loseAnswerTo(words?: RegExp): void;
  /** From the next lost answer on, nobody gets through for so long. */
  breakFor(milliseconds: number): void;
  /** Every answer of which `lose` says so is lost that way. Counts requests that have the words, from 1. */
  loseAnswersTo(words: RegExp, lose: (number: number) => boolean): void;
  /** Answers that were lost so far. */
  readonly lost: () => number;
}

/** Lays a cable in front of the server of an URL. */
export async function layCable(url: string): Promise<Cable> {
  let words = /(?!)/u;
  let lose: (number: number) => boolean = () => false;
  let seen = 0;
  let lost = 0;
  let breakMs = 0;
  let brokenUntil = 0;
  const forwarder = await startForwarder(url, () => {
    if (performance.now() < brokenUntil) return "refuse";
    let isLosing = false;
    return {
      onRequest: (data) => {
        // A password or a message is not searched for words: what counts are those of the protocol.
        if (words.test(data.toString("latin1"))) isLosing ||= lose((seen += 1));
      },
      onAnswer: (data) => {
        if (!isLosing) return data;
        lost += 1;
        brokenUntil = performance.now() + breakMs;
        if (breakMs > 0) forwarder.cut();
        return "cut";
      },
    };
  });
  return {
    ...forwarder,
    loseAnswerTo(given = /(?:)/u) {
      let isDone = false;
      words = given;
      lose = () => !isDone && (isDone = true);
    },
    loseAnswersTo(given, choose) {
      words = given;
      lose = choose;
      seen = 0;
    },
    breakFor(milliseconds) {
      breakMs = milliseconds;
    },
    lost: () => lost,
  };
}
