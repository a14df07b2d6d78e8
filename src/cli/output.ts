import { type Paint, paint, wantsColor } from "./color.ts";

/** Data goes to stdout, narration to stderr. */
export interface Output {
  readonly isJson: boolean;
  /** Colours for stdout. */
  readonly paint: Paint;
  /** Colours for stderr. */
  readonly notePaint: Paint;
  /** Characters per line, when stdout is a terminal. */
  readonly columns: number | undefined;
  /** A line of data for people. */
  readonly line: (value?: string) => void;
  /** Data for people, as it is: no newline is added. */
  readonly text: (value: string) => void;
  /** A line of JSON. */
  readonly json: (value: object) => void;
  /** A line of narration. */
  readonly note: (value: string) => void;
  /** Resolves when everything written was handed to the system. */
  readonly flush: () => Promise<void>;
}

export function createOutput(flags: {
  readonly isJson: boolean;
  readonly color: boolean | undefined;
}): Output {
  const { stdout, stderr } = process;
  // A reader that has seen enough, `head` for example, is no error.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  stderr.on("error", () => {});
  return {
    isJson: flags.isJson,
    paint: paint(wantsColor(flags.color, process.env, stdout)),
    notePaint: paint(wantsColor(flags.color, process.env, stderr)),
    columns: stdout.isTTY ? stdout.columns : undefined,
    line: (value = "") => void stdout.write(`${value}\n`),
    text: (value) => void stdout.write(value),
    json: (value) => void stdout.write(`${jsonLine(value)}\n`),
    note: (value) => void stderr.write(`${value}\n`),
    async flush() {
      for (const stream of [stdout, stderr]) {
        if (!stream.destroyed && stream.writableLength > 0) {
          await new Promise<void>((resolve) => stream.write("", () => resolve()));
        }
      }
    },
  };
}

// JSON escapes the control characters of ASCII itself; those behind it steer terminals too.
function jsonLine(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
