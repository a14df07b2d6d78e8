import { encodeRequest, openConnection } from "./http-client.ts";
import { serveJobs } from "./processes.ts";
import { median, quantile } from "./statistics.ts";
import { makeTurns } from "./turn.ts";

export interface HttpJob {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface HttpResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const REQUESTS_EACH = 32;

/** Connections that each post a message, wait for the answer, and post the next. */
async function load({ url, connections, seconds }: HttpJob): Promise<HttpResult> {
  const taken: number[] = [];
  const turns = makeTurns(connections * REQUESTS_EACH);
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(url)));
  const start = performance.now();
  const end = start + seconds * 1_000;
  await Promise.all(
    open.map(async (connection, number) => {
      const path = `/api/v1/threads/bench-${number}/messages`;
      const requests = turns
        .slice(number * REQUESTS_EACH, (number + 1) * REQUESTS_EACH)
        .map(({ user, assistant }) =>
          encodeRequest(url, path, { message: (user + assistant).slice(0, 650), run: false }),
        );
      for (let sent = 0; performance.now() < end; sent++) {
        const request = requests[sent % requests.length];
        if (request === undefined) return;
        const sentAt = performance.now();
        const status = await connection.send(request);
        if (status !== 201) throw new Error(`The server answered ${status}.`);
        taken.push(performance.now() - sentAt);
      }
    }),
  );
  const perSecond = (taken.length * 1_000) / (performance.now() - start);
  for (const connection of open) connection.close();
  return { perSecond, p50Ms: median(taken), p99Ms: quantile(taken, 0.99) };
}

serveJobs(load);
