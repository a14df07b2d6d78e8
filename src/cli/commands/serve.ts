import type { Skein } from "../../agents/skein.ts";
import type { RunningServer } from "../../http/listen.ts";
import { SkeinError } from "../../model/error.ts";
import type { Store } from "../../store/store.ts";
import type { Webhooks } from "../../webhooks/webhook.ts";
import { type ApiKey, assertBindable, createAuth, parseApiKeys } from "../../http/auth.ts";
import { type Command, command } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { onSignals } from "../interruption.ts";
import type { Output } from "../output.ts";
import { DEFAULT_HOST, DEFAULT_PORT, modelName, type Settings } from "../settings.ts";
import { webhooksFor } from "../webhooks-for.ts";
import { workspaceFor } from "../workspace-for.ts";
import { packageVersion } from "./version.ts";

export const serve: Command = command({
  summary: "Start the server",
  details:
    "Prints one line with the URL when it accepts connections. Ctrl-C or SIGTERM lets what is under way finish; the second one ends at once. On a store that several processes can use, --no-worker leaves the runs to processes with --worker, which listen to nobody.",
  examples: [
    "serve",
    "serve --port 0 --store memory:",
    "serve --model openai/gpt-5",
    "SKEIN_API_KEYS=s3cret:* skein serve --host 0.0.0.0",
    "serve --worker --store postgres://skein@db/skein",
  ],
  args: {
    host: {
      type: "string",
      valueHint: "address",
      description: `Where to listen (SKEIN_HOST, ${DEFAULT_HOST})`,
    },
    port: {
      type: "string",
      valueHint: "number",
      description: `0 takes any free port (SKEIN_PORT, ${DEFAULT_PORT})`,
    },
    model: {
      type: "string",
      valueHint: "name",
      description: "The model of agents that name none (SKEIN_MODEL)",
    },
    worker: {
      type: "boolean",
      description: "Only work on runs, without listening; --no-worker: only listen",
    },
  },
  signals: "own",
  async run({ args, output, settings, open }) {
    const isListening = args.worker !== true;
    const isWorking = args.worker !== false;
    const known = await settings();
    const keys = parseApiKeys(known.apiKeys);
    if (isListening) assertBindable(known.host, keys);
    const stopped = Promise.withResolvers<void>();
    let isStopping = false;
    // Until the process ends: an echo of the signal must not cut short how the store is closed.
    onSignals(() => {
      if (isStopping) process.exit(EXIT.interrupted);
      isStopping = true;
      output.note("Stopping: what is under way may finish. Once more ends at once.");
      stopped.resolve();
    });
    let webhooks: Webhooks | undefined;
    let stopSweeper: (() => Promise<void>) | undefined;
    try {
      const skein = await open({ server: true });
      if (args.worker !== undefined) requireSharing(skein.store);
      webhooks = webhooksFor(skein, known, output);
      // What is wrong with them is said before anybody can connect.
      if (isWorking) await webhooks.start();
      const server = isListening
        ? await listenFor(skein, webhooks, { known, keys, output })
        : undefined;
      if (typeof server === "number") return server;
      if (isWorking) {
        await skein.startWorker();
        // A server of one user's leaves it to others.
        if (known.user === null) stopSweeper = skein.startSweeper();
      }
      const { warnings = [] } = await skein.open();
      narrate(known, isListening ? keys : undefined, skein.store.name, output);
      for (const warning of warnings) output.note(warning);
      if (output.isJson) output.json(server ? { url: server.url } : { working: true });
      else output.line(server ? `Skein is listening on ${server.url}` : "Skein is working on runs");
      await stopped.promise;
      await Promise.all([server?.close(), skein.drain(), webhooks.stop(), stopSweeper?.()]);
      return EXIT.ok;
    } finally {
      await Promise.all([webhooks?.stop(), stopSweeper?.()]);
    }
  },
});

/** Work can be left to other processes only where they see it. */
function requireSharing({ name, capabilities }: Store): void {
  if (capabilities.multiProcess) return;
  throw new SkeinError(
    "unsupported_capability",
    `${name} serves one process at a time, which has to listen and to work. Leave --worker and --no-worker out, or use another store.`,
    { field: "worker" },
  );
}

/** The running server, or the exit code when its address cannot be had. */
async function listenFor(
  skein: Skein,
  webhooks: Webhooks,
  {
    known,
    keys,
    output,
  }: { readonly known: Settings; readonly keys: readonly ApiKey[]; readonly output: Output },
): Promise<RunningServer | ExitCode> {
  const { createApp } = await import("../../http/app.ts");
  const { serve: listen } = await import("../../http/listen.ts");
  const app = createApp({
    skein,
    auth: createAuth(keys),
    webhooks,
    workspace: await workspaceFor(skein, known),
    info: {
      version: await packageVersion(),
      store: skein.store.name,
      model: modelName(known.model ?? "demo"),
    },
    onFault: (error) => output.note(faultOf(error)),
  });
  try {
    return await listen({ app, host: known.host, port: known.port });
  } catch (error) {
    return refuse(error, known, output);
  }
}

/** @param keys  absent: nobody is listened to */
function narrate(
  { model, configPath, store }: Settings,
  keys: readonly ApiKey[] | undefined,
  storeName: string,
  { note }: Output,
): void {
  // The address of a server may have a password.
  const isPath = typeof store === "string" && !store.includes("://");
  note(`Store: ${isPath ? store : storeName}`);
  if (store === "memory:") note("Everything in memory is lost when the server ends.");
  if (configPath !== undefined) note(`Configuration: ${configPath}`);
  if (model === undefined)
    note(
      "Model: demo. No model is configured; set SKEIN_MODEL, for example to openai/gpt-5, for a real one.",
    );
  else note(`Model: ${modelName(model)}`);
  if (keys === undefined) return;
  note(
    keys.length === 0
      ? "Local mode: only this machine is let in, without a key. Set SKEIN_API_KEYS to let others in."
      : `API keys: ${keys.length}.`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is used by another program. Choose another port with --port or SKEIN_PORT",
  EADDRNOTAVAIL: "is no address of this machine. Choose another host with --host or SKEIN_HOST",
  ENOTFOUND: "is no address of this machine. Choose another host with --host or SKEIN_HOST",
  EACCES: "may not be listened on by this user. Choose a port above 1023",
};

function refuse(error: unknown, { host, port }: Settings, output: Output): ExitCode {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = REASONS[code];
  if (reason === undefined) throw error;
  const message = `${host}:${port} ${reason}.`;
  const field = code === "EADDRINUSE" || code === "EACCES" ? "port" : "host";
  output.note(
    output.isJson
      ? JSON.stringify({ error: { code: "invalid_request", message, field } })
      : `skein: ${message}`,
  );
  return EXIT.unavailable;
}

/** A fault of the program for its log: with the stack, which the client does not get. */
function faultOf(error: unknown): string {
  return `skein: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
