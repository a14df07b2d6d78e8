import { threadToWire } from "../http/native/thread-to-wire.ts";
import type { Thread } from "../model/thread.ts";
import { titleOf } from "./format/thread.ts";
import type { Output } from "./output.ts";

/** The answer of a command that changed a thread: its header as JSON, or its id, and a sentence on stderr. */
export function reportThread(output: Output, thread: Thread, done: string): void {
  if (output.isJson) {
    output.json(threadToWire(thread));
    return;
  }
  output.line(thread.id);
  output.note(`${done} ${titleOf(thread)}; version ${thread.version}.`);
}
