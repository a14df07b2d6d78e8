import { SUMMARY_STYLES } from "../../../agents/context/thread-summary.ts";
import type { SummaryStyle, ThreadSummary } from "../../../agents/context/thread-summary.ts";
import { madeSummaryToWire, summaryToWire } from "../../../http/native/context-to-wire.ts";
import { usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { count, money, time } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";

export const summarize: Command = command({
  summary: "Sum a thread up with a model",
  details:
    "Goes on with an earlier summary where there is one, and asks no model when nothing is new. The thread's metadata has it then.",
  examples: [
    "threads summarize th_123",
    "threads summarize th_123 --style brief --model openai/gpt-5-mini",
    "threads summarize th_123 --show",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    model: { type: "string", valueHint: "name", description: "Another model than the agent's" },
    style: {
      type: "string",
      valueHint: SUMMARY_STYLES.join("|"),
      description: "How long it is (default standard)",
    },
    branch: { type: "string", valueHint: "name", description: "Another branch than main" },
    fresh: { type: "boolean", description: "Read everything again, not only what is new" },
    keep: { type: "boolean", description: "Keep it in a thread of its own, too" },
    show: { type: "boolean", description: "Only show the newest one; no model is asked" },
  },
  async run({ args, output, open, signal }) {
    const style = styleIn(args.style);
    const query = {
      ...(style !== undefined && { style }),
      ...(args.branch !== undefined && { branch: args.branch }),
    };
    const skein = await open();
    if (args.show === true) {
      const found = await skein.summary(args.thread, query);
      if (output.isJson) return output.json(found === null ? { text: null } : summaryToWire(found));
      if (found === null) return output.note("There is no summary.");
      for (const line of linesOf(found)) output.line(line);
      return;
    }
    const made = await skein.summarize(
      args.thread,
      {
        ...query,
        fresh: args.fresh === true,
        ...(args.model !== undefined && { model: args.model }),
      },
      { signal },
    );
    const kept =
      args.keep === true ? await skein.createSummaryThread(args.thread, made.text) : null;
    if (output.isJson) return output.json(madeSummaryToWire(made, kept && kept.id));
    for (const line of linesOf(made)) output.line(line);
    output.note(`\n${count(made.calls, "call")} of the model, ${money(made.cost)}`);
    if (kept !== null) output.note(`Kept in ${kept.id}.`);
  },
});

function styleIn(value: string | undefined): SummaryStyle | undefined {
  const style = SUMMARY_STYLES.find((each) => each === value);
  if (value === undefined || style !== undefined) return style;
  throw usageError(`--style must be one of ${SUMMARY_STYLES.join(", ")}, not ${value}.`, "style");
}

function linesOf(summary: ThreadSummary): readonly string[] {
  const { covers, newMessages } = summary;
  const age =
    newMessages === null
      ? "the branch has left what it covers"
      : summary.isStale
        ? `${count(newMessages, "message")} since`
        : "up to date";
  return [
    printable(summary.text),
    ...list("Topics", summary.topics),
    ...list("Decisions", summary.decisions),
    ...list("To do", summary.actionItems),
    ...list("Outcomes", summary.outcomes),
    "",
    `${count(covers.messages, "message")}, ${time(summary.summarizedAt)}, ${summary.model}; ${age}`,
  ];
}

function list(title: string, entries: readonly string[]): readonly string[] {
  return entries.length === 0
    ? []
    : ["", `${title}:`, ...entries.map((each) => `- ${printable(each)}`)];
}
