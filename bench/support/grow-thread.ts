import type { Engine } from "../../src/engine/engine.ts";
import { turnAt } from "./turn.ts";
import type { Turn } from "./turn.ts";

const MESSAGES_AT_ONCE = 500;

/** Makes a thread of `count` messages, in appends of up to 500. */
export async function growThread(
  engine: Engine,
  id: string,
  count: number,
  turns: readonly Turn[],
): Promise<void> {
  await engine.create({ id, title: `Thread ${id}` });
  for (let done = 0; done < count; done += MESSAGES_AT_ONCE) {
    const size = Math.min(MESSAGES_AT_ONCE, count - done);
    const messages = Array.from({ length: size }, (_, index) => {
      const number = done + index;
      const { user, assistant } = turnAt(turns, number >> 1);
      return number % 2 === 0
        ? { content: user }
        : { role: "assistant" as const, content: assistant };
    });
    await engine.append(id, { messages });
  }
}
