import { appendFileSync } from "node:fs";
import { agent, cached, defineConfig, sqliteStore, tool } from "skein";
import type { Json, SkeinConfig } from "skein";

const behindCache = process.env["CACHED_STORE"]?.replace("cached:", "");
const ledger = process.env["LEDGER"] ?? "";
const input = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };

// The side effect outside of the store: one line per execution.
function note(name: string, value: Json, key: string): Json {
  appendFileSync(ledger, `${JSON.stringify({ name, value, key })}\n`);
  return { noted: value };
}

const config: SkeinConfig = defineConfig({
  ...(behindCache !== undefined && { store: cached(sqliteStore({ path: behindCache })) }),
  agents: [
    agent({
      name: "assistant",
      tools: [
        tool({
          name: "unsafe",
          description: "Must not run twice",
          input,
          execute: (value, { idempotencyKey }) => note("unsafe", value, idempotencyKey),
        }),
        tool({
          name: "asked",
          description: "Must not run twice, nor without being allowed",
          input,
          approval: "always",
          execute: (value, { idempotencyKey }) => note("unsafe", value, idempotencyKey),
        }),
        tool({
          name: "safe",
          description: "May run twice under one key",
          input,
          effect: "idempotent",
          execute: (value, { idempotencyKey }) => note("safe", value, idempotencyKey),
        }),
      ],
    }),
  ],
});

export default config;
