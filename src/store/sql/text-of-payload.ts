import type { Part } from "../../model/part.ts";
import { indexableText } from "../text/indexable-text.ts";

/** What of a message is searched and shown.
 *  @param payload  of the row that has the message's content. What cannot be read has no text. */
export function textOfPayload(payload: string | null): string {
  if (payload === null) return "";
  try {
    const body: { readonly parts?: readonly Part[] } = JSON.parse(payload);
    return Array.isArray(body.parts) ? indexableText(body.parts) : "";
  } catch {
    // The index must not stop at one damaged row of the log; the log's own check reports it.
    return "";
  }
}
