import type { Json } from "../../model/json.ts";
import type { Part, ToolOutput } from "../../model/part.ts";

/** What of a message is searched: its text, refusals and tool output, in order, one line apart. Reasoning, calls
 *  and files are not. Of JSON output, the strings and numbers, not the keys. */
export function indexableText(parts: readonly Part[]): string {
  const only = parts[0];
  if (parts.length === 1 && only?.type === "text") return only.text;
  const texts: string[] = [];
  for (const part of parts) {
    if (part.type === "text" || part.type === "refusal") texts.push(part.text);
    else if (part.type === "tool-result") addOutput(part.output, texts);
  }
  return texts.join("\n");
}

function addOutput(output: ToolOutput, texts: string[]): void {
  if (output.type === "json") addJson(output.value, texts);
  else texts.push(output.text);
}

function addJson(root: Json, texts: string[]): void {
  // A list instead of recursion: tool output may be nested deeper than the call stack.
  const pending: Json[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value === "string") texts.push(value);
    else if (typeof value === "number") texts.push(String(value));
    else if (typeof value === "object" && value !== null) {
      const inner: readonly Json[] = Array.isArray(value) ? value : Object.values(value);
      for (let at = inner.length - 1; at >= 0; at--) pending.push(inner[at] ?? null);
    }
  }
}
