import { SkeinError } from "../model/error.ts";

/** How far a reader of a run is. */
export interface RunPosition {
  /** Messages of the run that it has whole. */
  readonly step: number;
  /** The attempt of the next message that it has a part of; 0 before the first. */
  readonly attempt: number;
  /** UTF-16 units that it has of each part of that message. Models may write parts alternately. */
  readonly offsets: readonly number[];
}

export const RUN_START: RunPosition = { step: 0, attempt: 0, offsets: [] };

// Behind every digit and letter, so that the end sorts last.
const RUN_END = "~";
const FORM = /^([0-9a-z]{4})\.([0-9a-z]{2})\.[0-9a-z]{8}((?:\.[0-9a-z]{1,10})*)$/;

/** A text for the position. Later positions of a run sort behind earlier ones. */
export function writePosition({ step, attempt, offsets }: RunPosition): string {
  const total = offsets.reduce((sum, offset) => sum + offset, 0);
  // The parts announced count as well: a part may begin without text.
  const order = [digits(step, 4), digits(attempt, 2), digits(total + offsets.length, 8)];
  return [...order, ...offsets.map((offset) => digits(offset, 1))].join(".");
}

export function writeEnd(): string {
  return RUN_END;
}

/** @throws SkeinError  `invalid_cursor` */
export function readPosition(text: string): RunPosition | "end" {
  if (text === RUN_END) return "end";
  const [, step = "", attempt = "", rest = ""] = FORM.exec(text) ?? [];
  if (step === "")
    throw new SkeinError("invalid_cursor", "This is not a position in the stream of a run.", {
      field: "position",
    });
  const offsets = rest.split(".").slice(1);
  return {
    step: Number.parseInt(step, 36),
    attempt: Number.parseInt(attempt, 36),
    offsets: offsets.map((offset) => Number.parseInt(offset, 36)),
  };
}

/** The position after the text of a part up to `offset`. */
export function advanced(position: RunPosition, part: number, offset: number): RunPosition {
  const length = Math.max(position.offsets.length, part + 1);
  const offsets = Array.from({ length }, (_, index) =>
    index === part ? offset : (position.offsets[index] ?? 0),
  );
  return { ...position, offsets };
}

function digits(value: number, length: number): string {
  return value.toString(36).padStart(length, "0");
}
