import { messageToWire } from "../../http/native/message-to-wire.ts";
import { branchToWire } from "../../http/native/thread-to-wire.ts";
import { attach } from "../attach.ts";
import { count, money } from "../format/figures.ts";
import { messageBlock } from "../format/message.ts";
import { oneLine } from "../format/printable.ts";
import { table } from "../format/table.ts";
import { branchRow } from "../format/thread.ts";
import type { ChatState } from "./chat-state.ts";
import { newThreadId } from "./choose-thread.ts";
import { decideNext } from "./waiting.ts";

interface SlashCommand {
  /** For example `/branch [name]`. */
  readonly usage: string;
  readonly summary: string;
  run(chat: ChatState, argument: string): Promise<"quit" | void>;
}

const HISTORY = 10;

const COMMANDS: Readonly<Record<string, SlashCommand>> = {
  help: {
    usage: "/help",
    summary: "show this list",
    async run({ output }) {
      const rows = Object.values(COMMANDS).map(({ usage, summary }) => [`  ${usage}`, summary]);
      for (const line of table(rows)) output.note(line);
    },
  },
  history: {
    usage: "/history [n]",
    summary: `show the last messages (${HISTORY})`,
    async run({ skein, output, threadId, branch }, argument) {
      const limit = /^\d{1,3}$/.test(argument) ? Number(argument) : HISTORY;
      const page = await skein.messages(threadId, { branch, limit: Math.max(1, limit) });
      for (const message of page.messages) {
        if (output.isJson) output.json(messageToWire(message));
        else output.line(`${messageBlock(message, output.paint)}\n`);
      }
    },
  },
  branch: {
    usage: "/branch [name]",
    summary: "list the branches; go to one, or make it here",
    async run(chat, name) {
      const { skein, output, threadId } = chat;
      const heads = await skein.branches(threadId);
      if (name === "") {
        if (output.isJson) for (const head of heads) output.json(branchToWire(head));
        else for (const line of table(heads.map(branchRow), output.columns)) output.line(line);
        return;
      }
      if (!heads.some((head) => head.name === name))
        await skein.branch(threadId, { name, from: chat.branch });
      chat.branch = name;
      output.note(`On branch ${name}.`);
    },
  },
  regenerate: {
    usage: "/regenerate",
    summary: "answer the last message again",
    async run({ skein, follower, threadId, branch, agent }) {
      const run = agent === undefined ? {} : { agentId: agent };
      const result = await skein.regenerate(threadId, { branch, run });
      if (result.run !== undefined) await follower.follow(skein.runStream(threadId, result.run.id));
    },
  },
  fork: {
    usage: "/fork",
    summary: "go on in a new thread that starts like this one",
    async run(chat) {
      const thread = await chat.skein.fork(chat.threadId, { branch: chat.branch });
      chat.threadId = thread.id;
      await chat.skein.startWorker({ threadId: thread.id });
      chat.branch = "main";
      chat.output.note(`Thread ${thread.id}.`);
    },
  },
  new: {
    usage: "/new",
    summary: "start a new thread",
    async run(chat) {
      chat.threadId = newThreadId();
      await chat.skein.startWorker({ threadId: chat.threadId });
      chat.branch = "main";
      chat.output.note(`Thread ${chat.threadId}.`);
    },
  },
  title: {
    usage: "/title [text]",
    summary: "show or change the title",
    async run({ skein, output, threadId }, title) {
      const thread = title === "" ? await skein.get(threadId) : await skein.rename(threadId, title);
      output.note(oneLine(thread.title ?? "No title.", 500));
    },
  },
  agent: {
    usage: "/agent [name]",
    summary: "list the agents, or talk to another one",
    async run(chat, name) {
      if (name === "") {
        for (const agent of chat.skein.agents) chat.output.note(agent.name);
        return;
      }
      chat.agent = chat.skein.agent(name).name;
      chat.output.note(`Talking to ${chat.agent}.`);
    },
  },
  file: {
    usage: "/file path",
    summary: "attach a file to the next message",
    async run(chat, path) {
      if (path === "") {
        chat.output.note("Which file? /file path");
        return;
      }
      chat.files.push(await attach(chat.skein, path));
      chat.output.note("Attached to your next message.");
    },
  },
  approve: {
    usage: "/approve",
    summary: "allow what the agent asks for",
    run: (chat) => decideNext(chat, ({ id: actionId }) => ({ actionId, decision: "approve" })),
  },
  deny: {
    usage: "/deny [reason]",
    summary: "refuse it",
    run: (chat, reason) =>
      decideNext(chat, ({ id: actionId }) => ({
        actionId,
        decision: "deny",
        ...(reason !== "" && { reason }),
      })),
  },
  answer: {
    usage: "/answer text",
    summary: "give the agent what it asks for",
    run: (chat, output) =>
      decideNext(chat, ({ id: actionId }) => ({ actionId, decision: "output", output })),
  },
  stats: {
    usage: "/stats",
    summary: "count messages and cost",
    async run({ skein, output, threadId }) {
      const { messageCount, runCount, cost } = await skein.stats(threadId);
      output.note([count(messageCount, "message"), count(runCount, "run"), money(cost)].join(", "));
    },
  },
  quit: { usage: "/quit", summary: "leave", run: async () => "quit" },
};

/** Runs a line such as `/branch idea`. `undefined`: the line is no command. */
export function slashCommand(
  line: string,
): ((chat: ChatState) => Promise<"quit" | void>) | undefined {
  const [, name = "", argument = ""] = /^\/([a-z]+)(?:\s+(.*))?$/.exec(line.trim()) ?? [];
  const found = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return found && ((chat) => found.run(chat, argument.trim()));
}
