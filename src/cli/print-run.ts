import { runEventToWire } from "../http/native/run-to-wire.ts";
import type { RunStreamEvent } from "../agents/skein.ts";
import type { Message } from "../model/message.ts";
import type { Run } from "../model/run.ts";
import { partNote } from "./format/message.ts";
import { oneLine, printable } from "./format/printable.ts";
import type { Output } from "./output.ts";

/** Prints an answer as it comes: text on stdout, tool calls as one-line notes on stderr. Resolves with the run when
 *  it has ended or waits for a person. With `--json` every event is a line on stdout. */
export async function printRun(
  events: AsyncIterable<RunStreamEvent>,
  output: Output,
): Promise<Run | undefined> {
  const printer = output.isJson ? undefined : answerPrinter(output);
  let run: Run | undefined;
  for await (const event of events) {
    if (event.type === "run" || event.type === "end") run = event.run;
    if (printer === undefined) output.json(runEventToWire(run?.id ?? "", event));
    else printer(event);
    if (event.type === "end" || run?.status === "requires_action") break;
  }
  if (printer !== undefined && run !== undefined) noteEnd(run, output);
  return run;
}

/** Prints the parts of one run's events that a person reads, each once. */
function answerPrinter(output: Output): (event: RunStreamEvent) => void {
  // Characters printed of every text part, by message and part.
  const printed = new Map<string, number>();
  let isMidLine = false;
  // A surrogate pair may arrive in two pieces; half of one must not be written.
  let half = "";
  const write = (piece: string): void => {
    let text = half + piece;
    half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : "";
    if (half !== "") text = text.slice(0, -1);
    if (text === "") return;
    output.text(printable(text));
    isMidLine = !text.endsWith("\n");
  };
  const endLine = (): void => {
    if (isMidLine) output.line();
    isMidLine = false;
  };
  const note = (text: string): void => {
    endLine();
    output.note(output.notePaint.dim(text));
  };
  const finish = (message: Message): void => {
    message.parts.forEach((part, index) => {
      if (message.role === "assistant" && (part.type === "text" || part.type === "refusal")) {
        write(part.text.slice(printed.get(`${message.id} ${index}`) ?? 0));
        return;
      }
      const line = partNote(part);
      if (line !== undefined) note(line);
    });
    endLine();
  };
  return (event) => {
    if (event.type === "delta" && event.kind === "text") {
      const key = `${event.messageId} ${event.part}`;
      const before = printed.get(key) ?? 0;
      write(event.text.slice(Math.max(0, before - event.offset)));
      printed.set(key, Math.max(before, event.offset + event.text.length));
    }
    if (event.type === "attempt-reset") {
      printed.clear();
      note("The answer was interrupted; it starts again.");
    }
    if (event.type === "message") finish(event.message);
    // Every run is queued for a moment; one whose input waits stands behind another run.
    if (event.type === "run" && event.run.status === "queued" && event.run.inputIds.length > 0)
      note("Waiting for its turn …");
    if (event.type === "end") endLine();
  };
}

function noteEnd(run: Run, { note, notePaint }: Output): void {
  if (run.status === "cancelled") note(notePaint.dim("Stopped; what was said so far is kept."));
  if (run.status === "requires_action")
    note(notePaint.bold(`Run ${run.id} waits for somebody to decide.`));
  if (run.status === "failed" || run.status === "expired" || run.status === "incomplete") {
    const reason = run.error === undefined ? "" : `: ${oneLine(run.error.message, 500)}`;
    note(notePaint.bad(`skein: the run ended as ${run.status}${reason}`));
  }
}
