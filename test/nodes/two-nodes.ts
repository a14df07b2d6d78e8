import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { createWorkspace } from "../cli/workspace.ts";
import { followEntries } from "./entry-follower.ts";
import type { EntryFollower } from "./entry-follower.ts";

const THREAD = "shared";
const RETRY_MS = 50;

/** Two processes of `skein serve` on one database, each with a client that follows the same thread. */
export interface TwoNodes extends AsyncDisposable {
  readonly urls: readonly [string, string];
  readonly followers: readonly [EntryFollower, EntryFollower];
  /** Writes numbered messages through both in turns; each is repeated under its key until it was acknowledged. */
  write(from: number, to: number): Promise<void>;
  /** Waits until both clients have everything up to a message, and checks that they have it once and in order. */
  expectAll(count: number): Promise<void>;
}

export interface NodeOptions {
  readonly store: string;
  /** Default: what the store comes with. */
  readonly bus?: string;
  readonly demoDelayMs?: number;
}

export async function startTwoNodes({ store, bus, demoDelayMs }: NodeOptions): Promise<TwoNodes> {
  const workspace = await createWorkspace();
  const env = {
    SKEIN_STORE: store,
    ...(bus !== undefined && { SKEIN_BUS: bus }),
    ...(demoDelayMs !== undefined && { SKEIN_DEMO_DELAY_MS: String(demoDelayMs) }),
  };
  const start = async (): Promise<string> => {
    const server = workspace.start(["serve", "--port", "0"], { env });
    const [, url = ""] = await server.seen(/^Skein is listening on (\S+)$/m);
    return url;
  };
  const urls = [await start(), await start()] as const;
  await post(`${urls[0]}/api/v1/threads`, { id: THREAD, agent_id: "assistant" }, "create");
  const followers = [followEntries(urls[0], THREAD), followEntries(urls[1], THREAD)] as const;
  await Promise.all(followers.map(({ ready }) => ready));
  return {
    urls,
    followers,
    async write(from, to) {
      for (let number = from; number <= to; number++) {
        const url = `${urls[number % 2 === 0 ? 0 : 1]}/api/v1/threads/${THREAD}/messages`;
        await post(url, { message: textOf(number), run: false }, textOf(number));
      }
    },
    async expectAll(count) {
      const numbers = Array.from({ length: count }, (_, index) => textOf(index + 1));
      for (const follower of followers) {
        await follower.until(() => follower.entries.some(({ what }) => what === textOf(count)));
        const { entries } = follower;
        expect(entries.map(({ version }) => version)).toEqual(entries.map((_, index) => index + 1));
        const said = entries.map(({ what }) => what).filter((what) => what.startsWith("message-"));
        expect(said).toEqual(numbers);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const follower of followers) await follower[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
    },
  };
}

function textOf(number: number): string {
  return `message-${number}`;
}

async function post(url: string, body: unknown, key: string): Promise<void> {
  for (;;) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify(body),
    });
    if (response.ok) return;
    const answer = await response.text();
    if (response.status !== 503) throw new Error(`${response.status}: ${answer}`);
    await sleep(RETRY_MS);
  }
}
