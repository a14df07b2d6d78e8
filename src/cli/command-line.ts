import { usageError } from "./arguments.ts";
import { isGroup } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { failureOf } from "./failure.ts";
import { findCommand } from "./find-command.ts";
import { createOutput, type Output } from "./output.ts";
import { PROGRAM } from "./program.ts";
import { commandUsage, groupUsage, programUsage } from "./usage.ts";

/** Runs the command that `argv` names and ends the process with its exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<never> {
  const flags = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  const output = createOutput({
    isJson: flags.includes("--json"),
    color: flags.includes("--no-color") ? false : flags.includes("--color") || undefined,
  });
  let exitCode: ExitCode;
  try {
    exitCode = await dispatch(argv, flags, output);
  } catch (error) {
    const failure = failureOf(error);
    output.note(output.isJson ? JSON.stringify(failure.json) : failure.sentence);
    exitCode = failure.exitCode;
  }
  await output.flush();
  // A handle that a library forgot must not keep the process alive.
  process.exit(exitCode);
}

async function dispatch(
  argv: readonly string[],
  flags: readonly string[],
  output: Output,
): Promise<ExitCode> {
  const isHelp = flags.includes("--help") || flags.includes("-h");
  const { name, entry, rest } = findCommand(argv, PROGRAM);
  if (entry === undefined && flags.includes("--version")) {
    return await dispatch(["version"], [], output);
  }
  if (entry === undefined || isGroup(entry)) {
    if (!isHelp && argv.length > 0) {
      const help = name === "" ? "skein --help" : `skein ${name} --help`;
      throw usageError(`A command is missing. ${help} lists them.`);
    }
    output.line(
      entry === undefined
        ? programUsage(PROGRAM, output.paint)
        : groupUsage(name, entry, output.paint),
    );
    return EXIT.ok;
  }
  const command = await entry.load();
  if (isHelp) {
    output.line(commandUsage(name, command, output.paint));
    return EXIT.ok;
  }
  const { invoke } = await import("./invoke.ts");
  return await invoke(command, rest, output);
}
