import { type Command, command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { schemaAt, storeAt, withoutSecrets } from "../open-store.ts";
import type { Output } from "../output.ts";
import type { SchemaState } from "../../store/schema-state.ts";

export const status: Command = command({
  summary: "Say which schema the store has, and which is known",
  details:
    "Changes nothing. Exits with 0 when the store is up to date and with 1 when `skein migrate up` or a newer version of Skein is needed.",
  examples: ["migrate status", "migrate status --store postgres://db.example/skein --json"],
  args: {},
  async run({ output, settings }) {
    const { store } = await settings();
    const state = await schemaAt(store);
    report(output, nameOf(store), state);
    return exitOf(state);
  },
});

export const up: Command = command({
  summary: "Migrate the store",
  details:
    "Every command does so when it opens a store; this is for who wants it done before. Of several at once one migrates, and the others wait.",
  examples: ["migrate up", "migrate up --store mysql://db.example/skein"],
  args: {},
  async run({ output, settings }) {
    const { store: address } = await settings();
    const store = await storeAt(address, false);
    try {
      await store.open();
    } finally {
      await store.close();
    }
    const state = await schemaAt(address);
    report(output, nameOf(address), state);
    return exitOf(state);
  },
});

function nameOf(store: Parameters<typeof schemaAt>[0]): string {
  return typeof store === "string" ? withoutSecrets(store) : store.name;
}

function pendingOf({ found, known }: SchemaState): number {
  return Math.max(0, known - found);
}

function exitOf(state: SchemaState | null): ExitCode {
  return state === null || state.found === state.known ? EXIT.ok : EXIT.failure;
}

function report(output: Output, store: string, state: SchemaState | null): void {
  if (state === null) {
    if (output.isJson) output.json({ store, found: null, known: null, pending: 0 });
    else output.line(`${store} has no schema.`);
    return;
  }
  const { found, known } = state;
  if (output.isJson) output.json({ store, found, known, pending: pendingOf(state) });
  else output.line(`${store}: found ${found}, known ${known}; ${sentenceOf(state)}`);
}

function sentenceOf(state: SchemaState): string {
  const { found, known } = state;
  if (found > known) return "a newer version of Skein wrote it. Update Skein.";
  if (found === known) return "up to date.";
  return `${pendingOf(state)} pending. Run skein migrate up.`;
}
