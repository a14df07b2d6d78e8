import type { Part } from "../../model/part.ts";
import type { Run, Step } from "../../model/run.ts";
import { usageError } from "../arguments.ts";
import { attach } from "../attach.ts";
import { chooseThread, type ChosenThread } from "../chat/choose-thread.ts";
import type { ChatState } from "../chat/chat-state.ts";
import { spoiltStep, unspoilt } from "../chat/spoilt-text.ts";
import { createFollower } from "../chat/follower.ts";
import { type Lines, readLines } from "../chat/lines.ts";
import { slashCommand } from "../chat/slash-commands.ts";
import { isWaiting, noteWaiting } from "../chat/waiting.ts";
import { type Command, command } from "../command.ts";
import { EXIT, EXIT_OF_RUN, type ExitCode } from "../exit-code.ts";
import { failureOf } from "../failure.ts";
import { count } from "../format/figures.ts";
import { titleOf } from "../format/thread.ts";
import { onSignals } from "../interruption.ts";
import type { Output } from "../output.ts";
import { RUN_ARGS } from "../run-args.ts";

export const chat: Command = command({
  summary: "Talk to an agent, line by line",
  details:
    "Goes on with the newest thread, or with the one that is named; one that does not exist is created. Every line is a message. Ctrl-C stops the answer and keeps its text, twice leaves; /help lists the commands. Without a terminal, lines come from stdin and only answers go to stdout.",
  examples: [
    "chat",
    "chat th_123 --user alice",
    "chat --new --agent researcher --file report.pdf",
    'echo "What time is it?" | skein chat --new',
  ],
  args: {
    thread: { type: "positional", required: false, description: "Id of the thread" },
    new: { type: "boolean", description: "Start a new thread" },
    branch: { type: "string", valueHint: "name", description: "Another branch than main" },
    file: { type: "string", valueHint: "path", description: "Attach a file to the first message" },
    ...RUN_ARGS,
  },
  signals: "own",
  async run({ args, output, open, settings }) {
    if (args.new && args.thread !== undefined)
      throw usageError("--new and a thread exclude one another.", "new");
    const left = Promise.withResolvers<ExitCode>();
    // Reading starts at once, so that no line is lost while the store opens.
    let interrupt = (_hasTyped: boolean): void => left.resolve(EXIT.interrupted);
    const lines = readLines((hasTyped) => interrupt(hasTyped));
    const stopListening = onSignals((signal) =>
      signal === "SIGINT" ? interrupt(false) : left.resolve(EXIT.interrupted),
    );
    try {
      const skein = await open();
      const { user } = await settings();
      const chosen = await chooseThread(skein, { id: args.thread, isNew: args.new === true, user });
      const state: ChatState = {
        skein,
        output,
        follower: createFollower(skein, output),
        threadId: chosen.id,
        branch: args.branch ?? "main",
        agent: args.agent === undefined ? undefined : skein.agent(args.agent).name,
        files: args.file === undefined ? [] : [await attach(skein, args.file)],
      };
      const idle = idleInterrupt(lines, output, () => left.resolve(EXIT.interrupted));
      interrupt = (hasTyped) => {
        const answer = state.follower.stop();
        if (answer === "stopping")
          output.note(`${lines.isTerminal ? "\n" : ""}Stopping … Ctrl-C again leaves.`);
        else if (answer === "again") left.resolve(EXIT.interrupted);
        else idle(hasTyped);
      };
      greet(chosen, output, lines.isTerminal);
      const code = await Promise.race([converse(state, chosen, lines, user), left.promise]);
      // Who leaves does not wait: a run that goes on is picked up by the next process.
      if (code === EXIT.interrupted) await skein.drain(0);
      return code;
    } finally {
      stopListening();
      lines.close();
    }
  },
});

function greet({ id, thread }: ChosenThread, output: Output, isTerminal: boolean): void {
  const known =
    thread === undefined ? "new" : `${titleOf(thread)}, ${count(thread.messageCount, "message")}`;
  output.note(`Thread ${id} (${known}).`);
  if (isTerminal) output.note(output.notePaint.dim("/help lists the commands, /quit leaves."));
}

/** Ctrl-C while nothing is being answered: the second one in a row leaves. */
function idleInterrupt(
  lines: Lines,
  output: Output,
  leave: () => void,
): (hasTyped: boolean) => void {
  let at = Number.NEGATIVE_INFINITY;
  return (hasTyped) => {
    if (!lines.isTerminal || (!hasTyped && performance.now() - at < 2000)) leave();
    else if (!hasTyped) output.note("\nCtrl-C again leaves.");
    at = hasTyped ? Number.NEGATIVE_INFINITY : performance.now();
  };
}

async function converse(
  state: ChatState,
  chosen: ChosenThread,
  lines: Lines,
  user: string | null,
): Promise<ExitCode> {
  const { output } = state;
  let code = chosen.thread === undefined ? EXIT.ok : await finishOldRuns(state);
  await state.skein.startWorker({ threadId: state.threadId });
  const prompt = output.notePaint.accent(`${user ?? "you"}> `);
  for (;;) {
    const line = await lines.next(prompt);
    if (line === undefined) break;
    if (line.trim() === "") continue;
    try {
      const slash = slashCommand(line);
      if (slash !== undefined) {
        if ((await slash(state)) === "quit") break;
      } else if (lines.isTerminal && /^\/[a-z]+$/.test(line.trim())) {
        output.note(`${line.trim()} is not a command; /help lists them.`);
      } else code = await answer(state, line);
    } catch (error) {
      if (!lines.isTerminal) throw error;
      output.note(failureOf(error).sentence);
    }
  }
  if (lines.isTerminal) return EXIT.ok;
  // What was asked may have been decided since.
  return code === EXIT.approvalNeeded && !(await isWaiting(state)) ? EXIT.ok : code;
}

/** Runs that an earlier process left are finished first, and their answers shown. */
async function finishOldRuns(state: ChatState): Promise<ExitCode> {
  const { skein, follower, output, threadId } = state;
  // Looked up before the worker starts: afterwards a fast run might have ended already.
  const { runs } = await skein.detail(threadId);
  const spoilt = new Map<string, Step>();
  for (const run of runs) {
    const step = await spoiltStep(skein, run);
    if (step !== undefined) spoilt.set(run.id, step);
  }
  let code: ExitCode = EXIT.ok;
  if (runs.length > 0) await skein.startWorker({ threadId });
  for (const run of runs) {
    if (run.status === "requires_action") {
      await noteWaiting(state);
      code = EXIT.approvalNeeded;
      continue;
    }
    output.note("The last answer was interrupted. Here it is.");
    const events = skein.runStream(threadId, run.id);
    code = exitOf(
      await follower.follow(output.isJson ? events : unspoilt(events, spoilt.get(run.id))),
    );
  }
  return code;
}

async function answer(state: ChatState, text: string): Promise<ExitCode> {
  const { skein, follower, threadId, branch, agent, files } = state;
  const input: readonly Part[] = [{ type: "text", text }, ...files];
  state.files = [];
  const events = skein.stream({
    threadId,
    input,
    branch,
    ifMissing: "create",
    ...(agent !== undefined && { agentId: agent }),
  });
  const run = await follower.follow(events);
  if (run?.status === "requires_action") await noteWaiting(state);
  return exitOf(run);
}

function exitOf(run: Run | undefined): ExitCode {
  return EXIT_OF_RUN[run?.status ?? "failed"];
}
