import { createInterface } from "node:readline/promises";
import { SkeinError } from "../model/error.ts";

/** Asks on stderr. Only `y` and `yes` agree; the end of the input does not. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  let isInterrupted = false;
  terminal.on("SIGINT", () => {
    isInterrupted = true;
    terminal.close();
  });
  terminal.on("close", () => closed.abort());
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: closed.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (isInterrupted) throw new SkeinError("aborted", "Interrupted.");
    if (closed.signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}
