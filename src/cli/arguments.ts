import { parseArgs } from "node:util";
import type { ArgsDef } from "citty";
import { SkeinError } from "../model/error.ts";
import { suggest } from "./suggest.ts";

/** A wrong command line: exit code 2. */
export function usageError(message: string, field?: string): SkeinError {
  return new SkeinError("invalid_request", message, field === undefined ? {} : { field });
}

/** Refuses what the parser would let pass: unknown flags, flags given twice, values that are missing, words too many. */
export function checkArguments(
  rawArgs: readonly string[],
  args: ArgsDef,
  { takesMany = false }: { readonly takesMany?: boolean } = {},
): void {
  const flags = Object.entries(args).filter(([, definition]) => definition.type !== "positional");
  const options = Object.fromEntries(
    flags.map(([name, { type }]) => [
      name,
      { type: type === "boolean" ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...rawArgs],
    options,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  });
  const seen = new Set<string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind === "option") {
      if (token.rawName === "-h") continue;
      checkFlag(token, args);
      if (seen.has(token.name)) {
        throw usageError(
          `--${token.name} is given twice. Separate several values by commas.`,
          token.name,
        );
      }
      seen.add(token.name);
    }
  }
  const places = Object.entries(args).filter(([, { type }]) => type === "positional");
  const [missing] = places.slice(words.length).filter(([, { required }]) => required !== false);
  if (missing !== undefined) throw usageError(`<${missing[0]}> is missing.`, missing[0]);
  const surplus = words[places.length];
  if (surplus !== undefined && !takesMany) {
    throw usageError(`"${surplus}" is one word too many. Put text with spaces in quotes.`);
  }
}

interface FlagToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function checkFlag(token: FlagToken, args: ArgsDef): void {
  const isNegated = token.rawName.startsWith("--no-") && !(token.rawName.slice(2) in args);
  const definition = token.rawName.startsWith("--") ? args[token.name] : undefined;
  if (definition === undefined || definition.type === "positional") {
    const names = Object.keys(args).filter((name) => args[name]?.type !== "positional");
    const near = suggest(token.name, names);
    throw usageError(
      `${token.rawName} is not a known flag.${near === undefined ? "" : ` Did you mean --${near}?`}`,
    );
  }
  if (definition.type === "boolean") {
    if (token.value !== undefined && token.value !== "true" && token.value !== "false") {
      throw usageError(`${token.rawName} takes no value.`, token.name);
    }
    return;
  }
  if (isNegated) throw usageError(`${token.rawName} is not a known flag.`);
  if (token.value === undefined) throw usageError(`${token.rawName} needs a value.`, token.name);
  // The parser would take the next flag for the value.
  if (token.inlineValue !== true && /^-[^\d]/.test(token.value)) {
    throw usageError(
      `${token.rawName} needs a value. Write ${token.rawName}=${token.value} if it starts with a dash.`,
      token.name,
    );
  }
}

/** A whole number from a flag, or `undefined` when the flag is absent.
 *  @param source  where it was said, for the error; default the flag */
export function integer(
  value: string | undefined,
  name: string,
  range: { readonly from: number; readonly to?: number },
  source: string = `--${name}`,
): number | undefined {
  if (value === undefined) return undefined;
  const to = range.to ?? Number.MAX_SAFE_INTEGER;
  const parsed = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(parsed >= range.from && parsed <= to)) {
    const bound = range.to === undefined ? "" : ` to ${range.to}`;
    throw usageError(
      `${source} must be a whole number from ${range.from}${bound}, not "${value}".`,
      name,
    );
  }
  return parsed;
}

/** `a,b , c` as a list without empty items. */
export function commaList(value: string | undefined): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}
