import type { SkeinError } from "../../model/error.ts";

const CODES = /^(?:store_|schema_|overloaded|timeout|internal|aborted|unauthorized|forbidden)/;

/** What concerns the store or the caller, and so every thread that would come next. */
export function isOfStore({ code }: SkeinError): boolean {
  return CODES.test(code);
}
