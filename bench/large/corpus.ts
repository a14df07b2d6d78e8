import type { CreateInput } from "../../src/engine/engine.ts";
import { makeTurns, turnAt } from "../support/turn.ts";

const MESSAGES_PER_THREAD = 5;
/** So that a user's own part stays the same while the total grows. */
const THREADS_PER_USER = 100;
/** Messages that have the same rare word. */
export const RARE_HITS = 5;
/** A word of every fourth message. */
export const COMMON_WORD = "quarterly";

const COMMON_EVERY = 4;
const USER_CHARACTERS = 120;
const AGENT_CHARACTERS = 280;
const turns = makeTurns();

/** What thread number `number` says: always the same, so that a load can be continued. */
export function threadAt(number: number, total: number): Content {
  return {
    userId: userAt(number, total),
    input: {
      id: idAt(number),
      title: `Thread ${number}`,
      messages: Array.from({ length: MESSAGES_PER_THREAD }, (_, index) => {
        const { user, assistant } = turnAt(turns, number * MESSAGES_PER_THREAD + index);
        const words: string[] = [];
        if (index === 0) words.push(rareWordAt(number));
        if ((number * MESSAGES_PER_THREAD + index) % COMMON_EVERY === 0) words.push(COMMON_WORD);
        const said = (text: string, length: number): string =>
          [text.slice(0, length), ...words].join(" ");
        return index % 2 === 0
          ? { content: said(user, USER_CHARACTERS) }
          : { role: "assistant", content: said(assistant, AGENT_CHARACTERS) };
      }),
    },
  };
}

export interface Content {
  readonly userId: string;
  readonly input: CreateInput;
}

export function idAt(number: number): string {
  return `thread-${number}`;
}

/** Neighbours in time belong to different users. */
export function userAt(number: number, total: number): string {
  return `user-${number % Math.max(1, Math.floor(total / THREADS_PER_USER))}`;
}

export function rareWordAt(number: number): string {
  return `rare${Math.floor(number / RARE_HITS)}word`;
}
