import type { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { connected, encodeRequest, openConnection } from "./http-client.ts";
import { serveJobs } from "./processes.ts";
import { median, quantile } from "./statistics.ts";

export interface SseJob {
  readonly url: string;
  readonly subscribers: number;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface SseResult {
  readonly sent: number;
  readonly delivered: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const THREAD = "/api/v1/threads/bench-0";
const MARK = Buffer.from(`"text":"sent-at:`);
const MARK_END = MARK.length + 12;
const DRAIN_MS = 5_000;
const FILLER = "a little of what an agent says ".repeat(10);

/** Subscribers of one thread's events, and messages that come evenly. Each event carries the time at which it was
 *  asked for; the delay of an event for a subscriber runs until its bytes are read. */
async function load({ url, subscribers, perSecond, seconds }: SseJob): Promise<SseResult> {
  const publisher = await openConnection(url);
  const delays: number[] = [];
  const open = await Promise.all(
    Array.from({ length: subscribers }, () => subscribe(url, (delay) => delays.push(delay))),
  );
  const count = perSecond * seconds;
  const start = performance.now();
  const answers: Promise<number>[] = [];
  for (let sent = 0; sent < count; sent++) {
    await setTimeout(Math.max(0, start + (sent * 1_000) / perSecond - performance.now()));
    // The next one goes out when the last one was answered: one connection has one request at a time.
    await answers.at(-1);
    answers.push(publisher.send(encodeRequest(url, `${THREAD}/messages`, messageNow())));
  }
  for (const status of await Promise.all(answers))
    if (status !== 201) throw new Error(`The server answered ${status}.`);
  const end = performance.now() + DRAIN_MS;
  while (delays.length < count * subscribers && performance.now() < end) await setTimeout(20);
  publisher.close();
  for (const socket of open) socket.destroy();
  return {
    sent: count,
    delivered: delays.length,
    p50Ms: median(delays),
    p99Ms: quantile(delays, 0.99),
  };
}

function messageNow(): object {
  const now = performance.now().toFixed(3).padStart(12, "0");
  return { message: `sent-at:${now} ${FILLER}`, run: false };
}

async function subscribe(url: string, onEvent: (delayMs: number) => void): Promise<Socket> {
  const socket = await connected(url);
  const ready = Promise.withResolvers<void>();
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    const now = performance.now();
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (bytes.includes("event: ready")) ready.resolve();
    let from = 0;
    for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, from)) {
      if (at + MARK_END > bytes.length) break;
      onEvent(now - Number(bytes.toString("latin1", at + MARK.length, at + MARK_END)));
      from = at + MARK_END;
    }
    // A mark may be cut in two by the end of a chunk.
    rest = bytes.subarray(Math.max(from, bytes.length - MARK_END + 1));
  });
  socket.on("error", ready.reject);
  socket.write(`GET ${THREAD}/events HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`);
  await ready.promise;
  return socket;
}

serveJobs(load);
