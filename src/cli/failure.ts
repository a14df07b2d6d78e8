import { type SkeinError, isSkeinError } from "../model/error.ts";
import { printable } from "./format/printable.ts";
import { EXIT, EXIT_OF_ERROR, type ExitCode } from "./exit-code.ts";

/** What is printed and exited with when a command fails. */
export interface Failure {
  readonly exitCode: ExitCode;
  /** One line. */
  readonly sentence: string;
  readonly json: {
    readonly error: { readonly code: string; readonly message: string; readonly field?: string };
  };
}

/** The sentence and the exit code of anything that was thrown. */
export function failureOf(thrown: unknown): Failure {
  if (isSkeinError(thrown)) return describe(thrown.code, thrown.message, exitOf(thrown), thrown);
  if (thrown instanceof Error && thrown.name === "AbortError")
    return describe("aborted", "Interrupted.", EXIT.interrupted);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return describe("internal", message, EXIT.failure);
}

function exitOf(error: SkeinError): ExitCode {
  // A copy of the package of another version may know codes that this one does not.
  return EXIT_OF_ERROR[error.code] ?? EXIT.failure;
}

function describe(code: string, message: string, exitCode: ExitCode, error?: SkeinError): Failure {
  const field = error?.field;
  return {
    exitCode,
    sentence: printable(`skein: ${message.replaceAll(/\s*\n\s*/g, " ")}`),
    json: { error: { code, message, ...(field !== undefined && { field }) } },
  };
}
