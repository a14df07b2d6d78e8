import type { ArgsDef, ParsedArgs } from "citty";
import type { Skein } from "../agents/skein.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Output } from "./output.ts";
import type { Settings } from "./settings.ts";

/** Flags that every command has. */
export const GLOBAL_ARGS = {
  user: { type: "string", description: "Act as this user (SKEIN_USER)", valueHint: "name" },
  store: {
    type: "string",
    description: "Where threads are kept (SKEIN_STORE)",
    valueHint: "sqlite:path | file:folder | memory: | URL",
  },
  config: {
    type: "string",
    description: "Configuration file (SKEIN_CONFIG; skein.config.ts or .json)",
    valueHint: "path",
  },
  json: { type: "boolean", description: "Print JSON; lists and streams one object per line" },
  color: { type: "boolean", description: "Print without colours (NO_COLOR)" },
  help: { type: "boolean", description: "Show this help", alias: "h" },
} as const;

export type GlobalArgs = typeof GLOBAL_ARGS;

/** What a command gets when it runs. */
export interface Invocation<A extends ArgsDef> {
  readonly args: ParsedArgs<A & GlobalArgs>;
  readonly output: Output;
  /** Aborted by the first Ctrl-C or SIGTERM; the second ends the process. Never aborts with `signals: "own"`. */
  readonly signal: AbortSignal;
  /** Flags, environment and configuration file, in this order of precedence. */
  readonly settings: () => Promise<Settings>;
  /** The engine over the configured store, as the user of `--user`. Executes no run until `startWorker`. Closed when
   *  the command ends. With `server` it acts for everybody, and the store works in threads of its own. */
  readonly open: (options?: { readonly server?: boolean }) => Promise<Skein>;
}

export interface CommandDefinition<A extends ArgsDef> {
  /** One line, without a full stop. */
  readonly summary: string;
  /** Sentences below the usage line. */
  readonly details?: string;
  /** Command lines without the leading `skein`. */
  readonly examples: readonly string[];
  readonly args: A;
  /** The last positional argument may be several words, all in `args._`. Default false. */
  readonly takesMany?: boolean;
  /** Ctrl-C ends a command at once; with `watch` the command ends itself when its signal aborts, with `own` it
   *  listens to the process. */
  readonly signals?: "watch" | "own";
  /** Answers with the exit code; nothing means 0. */
  run(invocation: Invocation<A>): Promise<ExitCode | void>;
}

export type Command = CommandDefinition<ArgsDef>;

/** Checks the definition against its own arguments and forgets their exact type. */
export function command<const A extends ArgsDef>(definition: CommandDefinition<A>): Command {
  // The dispatcher parses the arguments by `definition.args`, so they have the type that `run` expects.
  return definition as unknown as Command;
}

/** A command that is loaded when it is asked for. */
export interface LazyCommand {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export interface CommandGroup {
  readonly summary: string;
  readonly commands: Readonly<Record<string, LazyCommand>>;
  /** The command that is meant when the next word is the name of none. */
  readonly otherwise?: string;
}

export type Program = Readonly<Record<string, LazyCommand | CommandGroup>>;

export function isGroup(entry: LazyCommand | CommandGroup): entry is CommandGroup {
  return "commands" in entry;
}
