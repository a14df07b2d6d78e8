import { LIMITS } from "../model/limits.ts";

/** A title of one line, cut to what a title may have. */
export function titleLine(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ").trim();
  const { titleCharacters } = LIMITS;
  return line.length <= titleCharacters
    ? line
    : `${line.slice(0, titleCharacters - 1).toWellFormed()}…`;
}
