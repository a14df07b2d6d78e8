import { createInterface } from "node:readline";

const MANY_LINES = 1000;

/** Lines from stdin, one at a time, whenever they were typed. */
export interface Lines {
  /** True when a person types: there is a prompt and a history. */
  readonly isTerminal: boolean;
  /** The next line; `undefined` at the end of the input. */
  next(prompt: string): Promise<string | undefined>;
  close(): void;
}

/** Reads from now on. The prompt and what is typed are shown on stderr, so that stdout has nothing but answers.
 *  @param onInterrupt  called for Ctrl-C in a terminal; true when half a line was typed, which is then dropped */
export function readLines(onInterrupt: (hasTyped: boolean) => void): Lines {
  const { stdin, stderr } = process;
  const isTerminal = stdin.isTTY === true && stderr.isTTY === true;
  const reader = createInterface({
    input: stdin,
    terminal: isTerminal,
    ...(isTerminal && { output: stderr }),
  });
  const waiting: string[] = [];
  let isAtEnd = false;
  let wake = (): void => {};
  reader.on("line", (line) => {
    waiting.push(line);
    if (waiting.length >= MANY_LINES) reader.pause();
    wake();
  });
  reader.on("close", () => {
    isAtEnd = true;
    wake();
  });
  reader.on("SIGINT", () => {
    const hasTyped = reader.line !== "";
    // Ctrl-U: what was typed is dropped, as in a shell.
    if (hasTyped) reader.write(null, { ctrl: true, name: "u" });
    onInterrupt(hasTyped);
  });
  return {
    isTerminal,
    async next(prompt) {
      if (isTerminal && waiting.length === 0 && !isAtEnd) {
        reader.setPrompt(prompt);
        reader.prompt(true);
      }
      while (waiting.length === 0 && !isAtEnd) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      const line = waiting.shift();
      if (waiting.length === 0 && !isAtEnd) reader.resume();
      return line;
    },
    close: () => reader.close(),
  };
}
