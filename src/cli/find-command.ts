import { usageError } from "./arguments.ts";
import {
  type CommandGroup,
  GLOBAL_ARGS,
  isGroup,
  type LazyCommand,
  type Program,
} from "./command.ts";
import { suggest } from "./suggest.ts";

export interface FoundCommand {
  /** For example `threads list`; empty for the program itself. */
  readonly name: string;
  /** Absent when only help can be shown: the program itself, or a group. */
  readonly entry?: LazyCommand | CommandGroup;
  /** Everything but the command's own words; flags may stand before them. */
  readonly rest: readonly string[];
}

/** Finds the command that a command line names.
 *  @throws SkeinError  `invalid_request` with a suggestion for an unknown one */
export function findCommand(argv: readonly string[], program: Program): FoundCommand {
  const first = wordIndex(argv);
  const name = argv[first];
  if (name === undefined) return { name: "", rest: argv };
  const entry = Object.hasOwn(program, name) ? program[name] : undefined;
  if (entry === undefined) throw unknown(name, "", Object.keys(program));
  const rest = argv.toSpliced(first, 1);
  if (!isGroup(entry)) return { name, entry, rest };
  const second = wordIndex(rest, first);
  const below = rest[second];
  if (below === undefined) return { name, entry, rest };
  const command = Object.hasOwn(entry.commands, below) ? entry.commands[below] : undefined;
  const otherwise = entry.otherwise === undefined ? undefined : entry.commands[entry.otherwise];
  if (command === undefined && otherwise !== undefined)
    return { name: `${name} ${entry.otherwise}`, entry: otherwise, rest };
  if (command === undefined) throw unknown(below, `${name} `, Object.keys(entry.commands));
  return { name: `${name} ${below}`, entry: command, rest: rest.toSpliced(second, 1) };
}

/** Where the next word stands that is neither a flag nor the value of a global one. */
function wordIndex(argv: readonly string[], from = 0): number {
  for (let index = from; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    if (!argument.startsWith("-") || argument === "-") return index;
    const flag = argument.slice(2);
    if (Object.entries(GLOBAL_ARGS).some(([name, { type }]) => name === flag && type === "string"))
      index++;
  }
  return argv.length;
}

function unknown(word: string, prefix: string, names: readonly string[]): Error {
  const near = suggest(word, names);
  const hint =
    near === undefined
      ? `skein ${prefix}--help lists the commands.`
      : `Did you mean "skein ${prefix}${near}"?`;
  return usageError(`"${prefix}${word}" is not a command. ${hint}`);
}
