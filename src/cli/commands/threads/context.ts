import type { ContextReport } from "../../../agents/context/context-report.ts";
import { contextToWire } from "../../../http/native/context-to-wire.ts";
import type { LeftOutReason } from "../../../model/window.ts";
import { textOf } from "../../../model/part.ts";
import { integer } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { count } from "../../format/figures.ts";
import { partNote } from "../../format/message.ts";
import { oneLine } from "../../format/printable.ts";

const CHARACTERS = 100;

const WHY: Readonly<Record<LeftOutReason, string>> = {
  queued: "waiting for their turn",
  in_progress: "still being written",
  unanswerable: "results of a call that is not there",
  summarized: "in the summary",
  last_messages: "older than the newest that the agent gets",
  token_budget: "over the token budget",
};

export const context: Command = command({
  summary: "Show what an agent's model would get of a thread",
  details: "Asks no model. Says what is left out, and why.",
  examples: [
    "threads context th_123",
    "threads context th_123 --agent writer --json",
    "threads context th_123 --at 7",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    agent: { type: "string", valueHint: "name", description: "Another agent than the thread's" },
    branch: { type: "string", valueHint: "name", description: "Another branch than main" },
    at: { type: "string", valueHint: "version", description: "As the thread was at this version" },
  },
  async run({ args, output, open }) {
    const at = integer(args.at, "at", { from: 1 });
    const skein = await open();
    const report = await skein.context(args.thread, {
      ...(args.agent !== undefined && { agentId: args.agent }),
      ...(args.branch !== undefined && { branch: args.branch }),
      ...(at !== undefined && { at }),
    });
    if (output.isJson) return output.json(contextToWire(report));
    for (const line of linesOf(report)) output.line(line);
  },
});

function linesOf(report: ContextReport): readonly string[] {
  const { tokens, tokenizer, tokenBudget } = report;
  const all = tokens.system + tokens.messages;
  const bound = tokenBudget === null ? "" : ` of ${tokenBudget}`;
  const how = tokenizer === "estimate" ? "estimated" : `counted by ${tokenizer}`;
  return [
    `agent   ${report.agentId}, ${report.model ?? "no model"}`,
    `tokens  ${all}${bound}, ${how}`,
    ...report.leftOut.map(
      ({ reason, messages }) => `without ${count(messages, "message")}: ${WHY[reason]}`,
    ),
    ...report.elided.map(
      ({ messageId, callId, characters }) =>
        `without ${count(characters, "character")} of the output of ${callId} in ${messageId}`,
    ),
    "",
    ...(report.system === null ? [] : [`system: ${oneLine(report.system, CHARACTERS)}`]),
    ...report.messages.map(({ message: { id, role, parts }, tokens: each }) => {
      const notes = parts.map(partNote).filter((note) => note !== undefined);
      const said = [textOf(parts), ...notes].filter((words) => words !== "").join(" ");
      return `${role} ${id} (${each}): ${oneLine(said, CHARACTERS)}`;
    }),
  ];
}
