import type { RunningServer } from "../../http/listen.ts";
import { type ApiKey, assertBindable, createAuth, parseApiKeys } from "../../http/auth.ts";
import { type Command, command } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { onSignals } from "../interruption.ts";
import type { Output } from "../output.ts";
import { DEFAULT_HOST, DEFAULT_PORT, modelName, type Settings } from "../settings.ts";
import { packageVersion } from "./version.ts";

export const serve: Command = command({
  summary: "Start the server",
  details:
    "Prints one line with the URL when it accepts connections. Ctrl-C or SIGTERM lets what is under way finish; the second one ends at once.",
  examples: [
    "serve",
    "serve --port 0 --store memory:",
    "serve --model openai/gpt-5",
    "SKEIN_API_KEYS=s3cret:* skein serve --host 0.0.0.0",
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
  },
  signals: "own",
  async run({ output, settings, open }) {
    const known = await settings();
    const keys = parseApiKeys(known.apiKeys);
    assertBindable(known.host, keys);
    const stopped = Promise.withResolvers<void>();
    let isStopping = false;
    const stopListening = onSignals(() => {
      if (isStopping) process.exit(EXIT.interrupted);
      isStopping = true;
      output.note("Stopping: what is under way may finish. Once more ends at once.");
      stopped.resolve();
    });
    try {
      const skein = await open({ server: true });
      const { createApp } = await import("../../http/app.ts");
      const { serve: listen } = await import("../../http/listen.ts");
      const app = createApp({
        skein,
        auth: createAuth(keys),
        info: {
          version: await packageVersion(),
          store: skein.store.name,
          model: modelName(known.model ?? "demo"),
        },
        onFault: (error) => output.note(faultOf(error)),
      });
      let server: RunningServer;
      try {
        server = await listen({ app, host: known.host, port: known.port });
      } catch (error) {
        return refuse(error, known, output);
      }
      await skein.startWorker();
      const { warnings = [] } = await skein.open();
      narrate(known, keys, skein.store.name, output);
      for (const warning of warnings) output.note(warning);
      if (output.isJson) output.json({ url: server.url });
      else output.line(`Skein is listening on ${server.url}`);
      await stopped.promise;
      await Promise.all([server.close(), skein.drain()]);
      return EXIT.ok;
    } finally {
      stopListening();
    }
  },
});

function narrate(
  { model, configPath, store }: Settings,
  keys: readonly ApiKey[],
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
