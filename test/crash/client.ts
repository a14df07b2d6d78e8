import { EventSourceParserStream } from "eventsource-parser/stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Wire } from "../cli/workspace.ts";

/** What a client was told: it must still hold after any crash. */
export interface Acknowledged {
  readonly threadId: string;
  readonly messageId: string;
  readonly text: string;
  readonly runId: string;
}

/** Text that a client saw, by message and attempt. */
export type SeenText = Map<string, string>;

export async function post(base: string, path: string, body: unknown): Promise<Wire> {
  const response = await fetch(`${base}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Wire;
}

export async function get(base: string, path: string): Promise<Wire> {
  const response = await fetch(`${base}${path}`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Wire;
}

/** Is the person who is asked: allows what is to be allowed, and knows of what was interrupted that it was done. */
export async function allowNow(base: string): Promise<void> {
  const items = Object.values(await get(base, "/api/v1/inbox"));
  for (const { thread_id, run_id, action } of items) {
    const decision =
      action.kind === "verify"
        ? { action_id: action.id, decision: "output", output: "done before" }
        : { action_id: action.id, decision: "approve" };
    await post(base, `/api/v1/threads/${thread_id}/runs/${run_id}/decisions`, {
      decisions: [decision],
    });
  }
}

/** The same until the signal fires; what cannot be answered because the server is dead is answered later. */
export async function allowAll(base: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await allowNow(base).catch(() => {});
    await sleep(50);
  }
}

/** Says something; what was acknowledged is remembered, a connection that broke off is not an acknowledgement. */
export async function say(
  base: string,
  threadId: string,
  text: string,
  acknowledged: Acknowledged[],
): Promise<Acknowledged | undefined> {
  try {
    const { message, run } = await post(base, `/api/v1/threads/${threadId}/messages`, {
      message: text,
    });
    const told = { threadId, messageId: message.id, text, runId: run.id };
    acknowledged.push(told);
    return told;
  } catch {
    return undefined;
  }
}

/** Follows a run until it ends or the server dies. Calls `onDelta` at every piece of text. */
export async function follow(
  base: string,
  { threadId, runId }: Pick<Acknowledged, "threadId" | "runId">,
  seen: SeenText,
  onDelta: () => void = () => {},
): Promise<void> {
  try {
    const url = `${base}/api/v1/threads/${threadId}/runs/${runId}/stream?live=sse`;
    const response = await fetch(url, { headers: { accept: "text/event-stream" } });
    const events = response.body
      ?.pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    for await (const { event, data } of events ?? []) {
      if (event !== "data") continue;
      const batch: readonly Wire[] = JSON.parse(data);
      for (const delta of batch) {
        if (delta["type"] !== "delta" || delta["kind"] !== "text") continue;
        const key = `${delta["message_id"]} ${delta["attempt"]}`;
        const text = seen.get(key) ?? "";
        if (delta["offset"] !== text.length)
          throw new TypeError(
            `A delta at ${delta["offset"]} follows ${text.length} units of text.`,
          );
        seen.set(key, text + delta["text"]);
        onDelta();
      }
    }
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith("A delta")) throw error;
    // The server was killed.
  }
}
