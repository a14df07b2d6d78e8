import { hash } from "node:crypto";
import type { Entry } from "../../model/entry.ts";
import type { Earlier } from "../earlier.ts";
import type { Operation } from "../key.ts";
import type { KeptMessage } from "../trim.ts";

/** What a line of a log says beside the entry itself. */
export interface LineNote {
  /** Which commit of the store: rises from one to the next, and is the same in every log that one changed. */
  readonly commit: number;
  /** First and last version of the write, where it has several. */
  readonly group?: readonly [number, number];
  /** The caller chose the message's id. */
  readonly given?: true;
  /** What a trimmed thread brought from elsewhere, with the ids that callers chose. */
  readonly kept?: readonly KeptMessage[];
  readonly givenIds?: readonly string[];
  readonly earlier?: Earlier;
  /** On the first line of a write that had an idempotency key. */
  readonly operation?: Operation;
  readonly erased?: Erased;
}

/** Left when a line's content was overwritten. */
export interface Erased {
  /** Of the line as it was written first. */
  readonly sha256: string;
  /** What was overwritten had text for a preview. */
  readonly hadText?: true;
}

export interface LogLine {
  readonly entry: Entry;
  readonly note: LineNote;
}

const DIGEST_START = ',"sha256":"';
const TAIL_LENGTH = DIGEST_START.length + 64 + 2;

/** The line with its line end: the entry as readers get it, then the note, then the SHA-256 of all that is before. */
export function encodeLine({ entry, note }: LogLine): string {
  const json = JSON.stringify({ ...entry, note });
  return `${json.slice(0, -1)}${DIGEST_START}${hash("sha256", json)}"}\n`;
}

/** Answers what is wrong with a line, without its line end, instead of throwing: callers know where it stands. */
export function decodeLine(
  text: string,
): (LogLine & { readonly sha256: string }) | { readonly fault: string } {
  const body = text.slice(0, -TAIL_LENGTH);
  const tail = text.slice(-TAIL_LENGTH);
  const sha256 = tail.slice(DIGEST_START.length, -2);
  const hasDigest = tail.startsWith(DIGEST_START) && tail.endsWith('"}');
  if (!hasDigest) return { fault: isJson(text) ? "it has no digest" : "it is not JSON" };
  if (hash("sha256", `${body}}`) !== sha256)
    return {
      fault: isJson(text) ? "its digest says that it was changed" : "it is not JSON",
    };
  const { note, ...entry }: Entry & { readonly note: LineNote } = JSON.parse(`${body}}`);
  return { entry, note, sha256 };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
