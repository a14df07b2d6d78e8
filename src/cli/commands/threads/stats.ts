import { statsToWire } from "../../../http/native/thread-to-wire.ts";
import { type Command, command } from "../../command.ts";
import { count, money, time, tokens } from "../../format/figures.ts";

export const stats: Command = command({
  summary: "Count messages, runs, tokens and cost",
  details: "Exact figures. A model whose price is unknown is counted as unpriced, never as free.",
  examples: ["threads stats th_123", "threads stats th_123 --json"],
  args: { thread: { type: "positional", required: true, description: "Id of the thread" } },
  async run({ args, output, open }) {
    const skein = await open();
    const figures = await skein.stats(args.thread);
    if (output.isJson) {
      output.json(statsToWire(figures));
      return;
    }
    const runs = Object.entries(figures.runsByStatus).map(
      ([status, number]) => `${number} ${status}`,
    );
    const { lastRun } = figures;
    output.line(`created   ${time(figures.createdAt)}`);
    output.line(`messages  ${figures.messageCount} on main, ${figures.messagesTotal} in all`);
    output.line(`runs      ${[count(figures.runCount, "run"), ...runs].join(", ")}`);
    if (lastRun !== null) output.line(`last run  ${lastRun.id} ${lastRun.status}`);
    output.line(`tokens    ${tokens(figures.usage)}`);
    output.line(`cost      ${money(figures.cost)}`);
  },
});
