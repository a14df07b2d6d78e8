import { createSkein } from "../../src/agents/create-skein.ts";
import type { SkeinOptions } from "../../src/agents/create-skein.ts";
import type { Skein } from "../../src/agents/skein.ts";
import type { Store } from "../../src/store/store.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { createWebhooks } from "../../src/webhooks/create-webhooks.ts";
import type { WebhooksOptions } from "../../src/webhooks/create-webhooks.ts";
import type { Webhooks } from "../../src/webhooks/webhook.ts";

export interface Sending extends AsyncDisposable {
  readonly store: Store;
  readonly skein: Skein;
  readonly webhooks: Webhooks;
  readonly faults: readonly unknown[];
}

/** Threads whose webhooks may go to this machine; with `worker` runs are carried out. */
export async function startSending(
  options: Partial<WebhooksOptions> & Partial<SkeinOptions> = {},
): Promise<Sending> {
  const { store = memoryStore(), clock, worker = false } = options;
  const faults: unknown[] = [];
  const onError = (error: unknown): void => void faults.push(error);
  const skein = createSkein({ store, model: "demo", env: {}, worker, onError });
  const webhooks = createWebhooks({
    skein,
    network: "loopback",
    retryDelaysMs: [10, 10, 10],
    onError,
    ...options,
    ...(clock && { clock }),
  });
  await webhooks.start();
  return {
    store,
    skein,
    webhooks,
    faults,
    async [Symbol.asyncDispose]() {
      await webhooks.stop();
      await skein.drain(1_000);
      await skein.close();
    },
  };
}

/** A thread with a message of this text. */
export async function say(skein: Skein, id: string, content: string): Promise<void> {
  await skein.append(id, { messages: [{ content }] });
}
