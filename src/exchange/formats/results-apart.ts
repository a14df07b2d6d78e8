import type { Part } from "../../model/part.ts";
import type { SourceMessage } from "../conversation.ts";

/** Sources that tell tool results as what the user said: the results become a message of the tool, and what was said besides
 *  follows on it. The last one has the id, so that what follows on it finds it. */
export function withResultsApart(message: SourceMessage): readonly SourceMessage[] {
  const { role, parts } = message;
  const isResult = (part: Part): boolean => part.type === "tool-result";
  if (role !== "user" || !parts.some(isResult)) return [message];
  const last = parts.findLastIndex(isResult);
  // Files behind a result are what the tool brought.
  const saidFrom = parts.findIndex((part, index) => index > last && part.type !== "file");
  const results = parts.filter(
    (part, index) => isResult(part) || (part.type === "file" && index < endOf(saidFrom, parts)),
  );
  const said = parts.filter((part) => !results.includes(part));
  const { author: _author, ...rest } = message;
  if (said.length === 0) return [{ ...rest, role: "tool", parts: results }];
  const id = `${message.id}#results`;
  return [
    { ...rest, id, role: "tool", parts: results },
    { ...message, parentId: id, parts: said },
  ];
}

function endOf(saidFrom: number, parts: readonly Part[]): number {
  return saidFrom === -1 ? parts.length : saidFrom;
}
