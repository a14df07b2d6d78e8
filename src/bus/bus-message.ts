import type { Chunk } from "../store/chunk.ts";
import type { BusEvent } from "../store/live-bus.ts";

/** What goes over a connection: events of one store and sender, or the sign that some were lost. */
export type BusMessage =
  | { readonly type: "events"; readonly events: readonly BusEvent[] }
  | { readonly type: "gap" };

type WireEvent =
  | readonly ["c", tenant: string, threadId: string, version: number, hasRun: 0 | 1]
  | readonly [
      "t",
      tenant: string,
      threadId: string,
      runId: string,
      messageId: string,
      chunks?: readonly Chunk[],
    ];

interface WireMessage {
  readonly store: string;
  readonly sender: string;
  readonly events: readonly WireEvent[];
}

export const GAP: string = JSON.stringify({ gap: true });

/** As few texts as possible, each at most `maxBytes` long in UTF-8 unless a single event is longer. */
export function encodeEvents(events: readonly BusEvent[], maxBytes: number): readonly string[] {
  const groups = Map.groupBy(events, ({ storeId, sender }) =>
    JSON.stringify({ store: storeId, sender }).slice(0, -1),
  );
  return [...groups].flatMap(([head, ofGroup]) => {
    const texts: string[] = [];
    const frame = Buffer.byteLength(head) + ',"events":[]}'.length;
    let items: string[] = [];
    let size = frame;
    for (const event of ofGroup) {
      const item = JSON.stringify(toWire(event));
      const itemSize = Buffer.byteLength(item) + 1;
      if (items.length > 0 && size + itemSize > maxBytes) {
        texts.push(`${head},"events":[${items.join(",")}]}`);
        items = [];
        size = frame;
      }
      items.push(item);
      size += itemSize;
    }
    return [...texts, `${head},"events":[${items.join(",")}]}`];
  });
}

/** `undefined` for what this version does not understand; its reader then cannot know what it missed. */
export function decodeMessage(text: string): BusMessage | undefined {
  let message: Partial<WireMessage & { readonly gap: boolean }> | null;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof message !== "object" || message === null) return undefined;
  if (message.gap === true) return { type: "gap" };
  const { store, sender, events } = message;
  if (typeof store !== "string" || typeof sender !== "string" || !Array.isArray(events))
    return undefined;
  // Whoever may connect to the server may say anything there.
  if (!events.every(isWireEvent)) return undefined;
  return { type: "events", events: events.map((event) => fromWire(store, sender, event)) };
}

function isWireEvent(event: unknown): event is WireEvent {
  if (!Array.isArray(event)) return false;
  const [kind, tenant, threadId, ...rest]: readonly unknown[] = event;
  if (!areTexts([tenant, threadId])) return false;
  if (kind === "c") return Number.isInteger(rest[0]);
  const [runId, messageId, chunks = []] = rest;
  return kind === "t" && areTexts([runId, messageId]) && isChunks(chunks);
}

function areTexts(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}

function isChunks(chunks: unknown): boolean {
  return (
    Array.isArray(chunks) &&
    chunks.every((chunk) => typeof chunk === "object" && typeof chunk?.text === "string")
  );
}

function toWire(event: BusEvent): WireEvent {
  const { tenant, threadId } = event;
  if (event.kind === "commit") return ["c", tenant, threadId, event.version, event.hasRun ? 1 : 0];
  const { runId, messageId, chunks } = event;
  return chunks === undefined
    ? ["t", tenant, threadId, runId, messageId]
    : ["t", tenant, threadId, runId, messageId, chunks];
}

function fromWire(storeId: string, sender: string, event: WireEvent): BusEvent {
  if (event[0] === "c") {
    const [, tenant, threadId, version, hasRun] = event;
    return { kind: "commit", storeId, sender, tenant, threadId, version, hasRun: hasRun === 1 };
  }
  const [, tenant, threadId, runId, messageId, chunks] = event;
  const told = { kind: "chunks", storeId, sender, tenant, threadId, runId, messageId } as const;
  return chunks === undefined ? told : { ...told, chunks };
}
