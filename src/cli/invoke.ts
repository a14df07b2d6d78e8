import { type ArgsDef, parseArgs } from "citty";
import { SkeinError } from "../model/error.ts";
import { checkArguments } from "./arguments.ts";
import { type Command, GLOBAL_ARGS, type Invocation } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { failureOf } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { busAt } from "./open-bus.ts";
import { storeAt } from "./open-store.ts";
import type { Output } from "./output.ts";
import { workspaceFor } from "./workspace-for.ts";
import { loadSettings, type Settings, type SettingsFlags } from "./settings.ts";

const AWAKE_MS = 60_000;

/** Checks the arguments, runs the command, and closes what it opened, whatever happened. */
export async function invoke(
  command: Command,
  rawArgs: readonly string[],
  output: Output,
): Promise<ExitCode> {
  const definition = { ...command.args, ...GLOBAL_ARGS };
  checkArguments(rawArgs, definition, command);
  const args: Invocation<ArgsDef>["args"] = parseArgs([...rawArgs], definition);
  const closers: (() => Promise<void>)[] = [];
  const { signal, stop } =
    command.signals === "own"
      ? { signal: new AbortController().signal, stop: () => {} }
      : interruption();
  let settings: Promise<Settings> | undefined;
  const invocation: Invocation<ArgsDef> = {
    args,
    output,
    signal,
    settings: () => (settings ??= loadSettings(flagsOf(args), process.env)),
    async open({ server = false } = {}) {
      const { agents, model, prices, user, store, bus, workspace, policies } =
        await invocation.settings();
      const opened = await storeAt(store, server);
      const chosen = await busAt(bus);
      const { createSkein } = await import("../agents/create-skein.ts");
      const skein = createSkein({
        store: opened,
        agents,
        worker: false,
        policies,
        onError: (error) => output.note(failureOf(error).sentence),
        ...(chosen !== undefined && { bus: chosen }),
        ...(model !== undefined && { model }),
        ...(prices !== undefined && { prices }),
      });
      closers.push(() => skein.close());
      // Its tools are those of agents.
      if (typeof workspace === "object") await workspaceFor(skein, { workspace });
      await skein.open();
      return server || user === null ? skein : skein.as({ user });
    },
  };
  // Waiting for another process holds no handle of its own.
  const awake = setInterval(() => {}, AWAKE_MS);
  try {
    const run = command.run(invocation);
    const result = command.signals === undefined ? unlessAborted(run, signal) : run;
    return (await result) ?? EXIT.ok;
  } finally {
    for (const close of closers.reverse()) await close();
    clearInterval(awake);
    stop();
  }
}

function flagsOf(args: Invocation<ArgsDef>["args"]): SettingsFlags {
  const text = (value: unknown): string | undefined =>
    typeof value === "string" ? value : undefined;
  return {
    config: text(args["config"]),
    store: text(args["store"]),
    model: text(args["model"]),
    host: text(args["host"]),
    port: text(args["port"]),
    user: text(args["user"]),
  };
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(new SkeinError("aborted", "Interrupted."));
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
