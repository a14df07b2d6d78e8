import { SkeinError } from "../model/error.ts";
import type { ReplayFrom } from "./webhook.ts";

const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Reads a time in ISO 8601, `0`, or a cursor of the feed. A day without a time is its beginning in UTC.
 *  @throws SkeinError  `invalid_request` for a time that does not exist */
export function replayFromText(text: string): ReplayFrom {
  if (!TIME.test(text)) return { cursor: text };
  const time = Date.parse(text);
  if (Number.isNaN(time) || time < 0)
    throw new SkeinError("invalid_request", "from must be a time that exists.", { field: "from" });
  return { time };
}
