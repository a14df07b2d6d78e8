import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Started, Workspace } from "../cli/workspace.ts";
import { createWorkspace } from "../cli/workspace.ts";
import { allowAll, allowNow, follow, get, post, say } from "./client.ts";
import type { Acknowledged, SeenText } from "./client.ts";
import type { KilledStore } from "./killed-stores.ts";
import { scan } from "./scan.ts";

export interface Kill {
  /** A named point and its hit, `after-claim#2`, or milliseconds after which the process is killed from outside. */
  readonly at: string | number;
  readonly modelUrl: string;
  readonly store: KilledStore;
}

export interface RoundResult {
  readonly wasKilled: boolean;
  readonly acknowledged: number;
  readonly problems: readonly string[];
}

/** Talks to a server until it is killed, starts it again, waits until it is quiet, and looks at what is there. */
export async function killRound({ at, modelUrl, store }: Kill): Promise<RoundResult> {
  await using workspace = await createWorkspace();
  const ledger = join(workspace.directory, "ledger.jsonl");
  writeFileSync(ledger, "");
  const acknowledged: Acknowledged[] = [];
  const seen: SeenText = new Map();

  const address = await store.address();
  const env = { [address.startsWith("cached:") ? "CACHED_STORE" : "SKEIN_STORE"]: address };
  const crash = typeof at === "string" ? { SKEIN_CRASH_AT: at } : {};
  const first = serve(workspace, modelUrl, ledger, { ...env, ...crash });
  const base = await urlOf(first);
  const threadIds = await makeThreads(base);
  const talk = conversation(base, threadIds, acknowledged, seen);
  const person = new AbortController();
  const allowing = allowAll(base, person.signal);
  if (typeof at === "number") void sleep(at).then(() => first.process.kill("SIGKILL"));
  // A point that is not reached does not hold the round up: then the test kills.
  const timeout = sleep(4_000).then(() => first.process.kill("SIGKILL"));
  const { code } = await first.ended;
  const wasKilled = code === null;
  await Promise.allSettled([talk]);
  person.abort();
  await allowing;
  void timeout.catch(() => {});

  const second = serve(workspace, modelUrl, ledger, env);
  const again = await urlOf(second);
  await quiet(again, threadIds);
  for (const threadId of threadIds) await say(again, threadId, "say still here", acknowledged);
  await quiet(again, threadIds);
  const replayed: SeenText = new Map();
  for (const threadId of threadIds)
    for (const run of Object.values(await get(again, `/api/v1/threads/${threadId}/runs?limit=200`)))
      await follow(again, { threadId, runId: String(run.id) }, replayed);
  second.process.kill("SIGTERM");
  await second.ended;

  const opened = store.open(address, workspace.directory);
  const problems = await scan({ store: opened, ledger, acknowledged, seen, replayed, threadIds });
  return { wasKilled, acknowledged: acknowledged.length, problems };
}

function serve(
  workspace: Workspace,
  modelUrl: string,
  ledger: string,
  env: Readonly<Record<string, string>>,
): Started {
  return workspace.start(["serve", "--port", "0"], {
    env: {
      SKEIN_CONFIG: join(import.meta.dirname, "skein.config.ts"),
      SKEIN_MODEL: "compatible/stub",
      SKEIN_MODEL_URL: modelUrl,
      LEDGER: ledger,
      ...env,
    },
  });
}

async function urlOf(server: Started): Promise<string> {
  const [url] = await server.seen(/http:\/\/\S+/);
  return url;
}

async function makeThreads(base: string): Promise<readonly string[]> {
  const threads = await Promise.all([1, 2, 3].map(() => post(base, "/api/v1/threads", {})));
  return threads.map(({ id }) => String(id));
}

/** Tools, also such as a person has to allow, streaming, a queue behind a run, and a cancelled answer: every point of a turn is
 *  passed. */
async function conversation(
  base: string,
  [unsafe = "", safe = "", cancelled = ""]: readonly string[],
  acknowledged: Acknowledged[],
  seen: SeenText,
): Promise<void> {
  const talkTo = async (threadId: string, texts: readonly string[]): Promise<void> => {
    const told: Acknowledged[] = [];
    for (const text of texts) {
      const each = await say(base, threadId, text, acknowledged);
      if (each !== undefined) told.push(each);
    }
    await Promise.all(told.map((each) => follow(base, each, seen)));
  };
  const stopped = async (): Promise<void> => {
    const told = await say(base, cancelled, "slow 400 5", acknowledged);
    if (told === undefined) return;
    let deltas = 0;
    await follow(base, told, seen, () => {
      deltas += 1;
      if (deltas !== 3) return;
      const path = `/api/v1/threads/${cancelled}/runs/${told.runId}/cancel`;
      void post(base, path, {}).catch(() => {});
    });
  };
  await Promise.all([
    talkTo(unsafe, ['call unsafe {"n":1}', "slow 60 5", 'call unsafe {"n":2}']),
    talkTo(safe, ["slow 40 5", 'call asked {"n":4}', 'call safe {"n":3}', "say done"]),
    stopped(),
  ]);
}

async function quiet(base: string, threadIds: readonly string[]): Promise<void> {
  // On a server a process that died counts as alive for up to 20 s; so long are its runs nobody else's.
  for (let tries = 0; tries < 1_000; tries++) {
    await allowNow(base);
    const threads = await Promise.all(threadIds.map((id) => get(base, `/api/v1/threads/${id}`)));
    if (threads.every(({ status }) => status === "idle")) return;
    await sleep(50);
  }
  // What is not quiet by now is found by the scan.
}
