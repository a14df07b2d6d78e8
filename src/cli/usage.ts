import type { ArgDef } from "citty";
import { type Command, type CommandGroup, GLOBAL_ARGS, isGroup, type Program } from "./command.ts";
import type { Paint } from "./color.ts";

/** `skein --help`. Loads no command. */
export function programUsage(program: Program, { bold, accent }: Paint): string {
  const rows = Object.entries(program).map(([name, entry]): Row => [
    isGroup(entry) ? `${name} …` : name,
    entry.summary,
  ]);
  return [
    "Skein keeps conversations between people and agents.",
    "",
    `${bold("Usage")}  skein <command> [flags]`,
    "",
    bold("Commands"),
    columns(rows, accent),
    "",
    bold("Examples"),
    "  skein serve                      start the server on http://127.0.0.1:4747",
    "  skein chat                       talk to the default agent",
    '  skein threads search "phrase"    find what was said',
    "",
    "skein <command> --help says more.",
  ].join("\n");
}

export function groupUsage(name: string, group: CommandGroup, { bold, accent }: Paint): string {
  const rows = Object.entries(group.commands).map(([key, entry]): Row => [key, entry.summary]);
  return [
    `${group.summary}.`,
    "",
    `${bold("Usage")}  skein ${name} <command> [flags]`,
    "",
    bold("Commands"),
    columns(rows, accent),
    "",
    `skein ${name} <command> --help says more.`,
  ].join("\n");
}

export function commandUsage(name: string, command: Command, { bold, accent }: Paint): string {
  const own = Object.entries(command.args);
  const places = own.filter(([, { type }]) => type === "positional");
  const flags = own.filter(([, { type }]) => type !== "positional");
  const usage = places.map(([place, { required }], index) => {
    const isLast = index === places.length - 1;
    const name = isLast && command.takesMany === true ? `${place} …` : place;
    return required === false ? `[${name}]` : `<${name}>`;
  });
  const sections = [
    `${command.summary}.`,
    ...(command.details === undefined ? [] : [command.details]),
    "",
    `${bold("Usage")}  ${["skein", name, ...usage, "[flags]"].join(" ")}`,
  ];
  if (places.length > 0) {
    const rows = places.map(([place, { description }]): Row => [place, description ?? ""]);
    sections.push("", bold("Arguments"), columns(rows, accent));
  }
  if (flags.length > 0) sections.push("", bold("Flags"), columns(flags.map(flagRow), accent));
  sections.push(
    "",
    bold("Flags of every command"),
    columns(Object.entries(GLOBAL_ARGS).map(flagRow), accent),
    "",
    bold("Examples"),
    ...command.examples.map((example) =>
      example.includes("skein ") ? `  ${example}` : `  skein ${example}`,
    ),
  );
  return sections.join("\n");
}

type Row = readonly [name: string, description: string];

function flagRow([name, definition]: readonly [string, ArgDef]): Row {
  const hint = definition.type === "boolean" ? "" : ` <${definition.valueHint ?? "value"}>`;
  const label = name === "color" ? "--no-color" : `--${name}`;
  return [`${label}${hint}`, definition.description ?? ""];
}

function columns(rows: readonly Row[], accent: (value: string) => string): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows
    .map(
      ([name, description]) =>
        `  ${accent(name)}${" ".repeat(width - name.length)}  ${description}`,
    )
    .join("\n");
}
