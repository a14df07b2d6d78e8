import { setTimeout as sleep } from "node:timers/promises";
import { CRASH_POINTS, FLOW_CRASH_POINTS } from "../../src/agents/crash-point.ts";
import type { Store } from "../../src/index.ts";
import { startCluster } from "./cluster.ts";
import type { Cluster, NodeRole } from "./cluster.ts";
import { ask } from "./fault-model.ts";
import { scanInvariants } from "./invariants/scan-invariants.ts";
import { randomFrom } from "./random.ts";
import type { Random } from "./random.ts";
import { talkTo } from "./talk.ts";
import type { Talk } from "./talk.ts";

export interface SoakOptions {
  /** What `SKEIN_STORE` says. */
  readonly address: string;
  readonly open: (address: string, directory: string) => Store;
  readonly nodes: readonly NodeRole[];
  readonly modelUrl: string;
  readonly kills: number;
  readonly seed: number;
}

export interface SoakReport {
  readonly kills: number;
  /** How many processes were also stopped for a while and let go on. */
  readonly freezes: number;
  readonly accepted: number;
  readonly problems: readonly string[];
  readonly notes: string;
}

const POINTS = [...CRASH_POINTS, ...FLOW_CRASH_POINTS];
const POINT_PATIENCE_MS = 2_500;
const LONGEST_MS = 1_200;

/** Talks to several processes while they are killed one after another, in the middle of whatever they do; each is started again
 *  at once. After every kill all invariants are scanned, and at last, when everything is quiet, that nothing is left undone. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { address, open, nodes, modelUrl, kills, seed } = options;
  await using cluster = await startCluster({ store: address, modelUrl, nodes });
  const random = randomFrom(seed);
  const talk = talkTo(cluster);
  const problems: string[] = [];
  let freezes = 0;
  const store = open(address, cluster.directory);
  const scan = async (threadIds: readonly string[], isQuiet: boolean): Promise<void> => {
    const { ledger } = cluster;
    const input = { store, ledger, accepted: talk.accepted, threadIds, isQuiet };
    problems.push(...(await scanInvariants(input)));
  };
  const talking: Promise<void>[] = [];
  try {
    for (let kill = 0; kill < kills && problems.length === 0; kill++) {
      const from = Math.max(0, talk.threadIds.length - 12);
      const talked = converse(talk, random, kill);
      talked.catch((error: unknown) => problems.push(String(error)));
      talking.push(talked);
      if (random.below(4) === 0) {
        await freeze(cluster, random);
        freezes += 1;
      }
      await killOne(cluster, random);
      void talk.decide().catch(() => 0);
      await scan(talk.threadIds.slice(from), false);
    }
    await Promise.allSettled(talking);
    await talk.untilIdle();
    await scan(talk.threadIds, true);
    const { problems: found } = await checkStore(store);
    problems.push(...found.map(({ threadId, problem }) => `${threadId}: ${problem}`));
    await cluster.stop();
  } finally {
    await store.close();
  }
  const { length: accepted } = talk.accepted;
  return { kills, freezes, accepted, problems, notes: cluster.notes() };
}

/** Everything that a run can do: tools of every kind, people, other agents, functions, a queue, a stop. */
async function converse(talk: Talk, random: Random, number: number): Promise<void> {
  const tag = (what: string): string => `${what}-${number}`;
  const tools = async (): Promise<void> => {
    const id = await talk.begin();
    await talk.say(id, tag("unsafe"), ask.call(tag("unsafe"), "unsafe", "safe"));
    await talk.say(id, tag("talk"), ask.talk(tag("talk"), 20, 10));
    await talk.say(id, tag("safe"), ask.call(tag("safe"), "safe", "safe", "unsafe"));
  };
  const people = async (): Promise<void> => {
    const id = await talk.begin();
    await talk.say(id, tag("ask"), ask.call(tag("ask"), "approved", "asking", "client", "safe"));
    await talk.say(id, tag("then"), ask.talk(tag("then"), 3, 5));
  };
  const agents = async (): Promise<void> => {
    const id = await talk.begin();
    await talk.say(id, tag("sub"), ask.call(tag("sub"), "helper", "helper"));
  };
  const functions = async (): Promise<void> => {
    const id = await talk.begin("order");
    const told = await talk.say(id, tag("order"), tag("order"));
    if (random.below(2) === 0) await sleep(random.below(800));
    await talk.pay(told, number);
  };
  const stopped = async (): Promise<void> => {
    const id = await talk.begin();
    const tags = [tag("stop"), tag("after")] as const;
    const told = await talk.say(id, tags[0], ask.talk(tags[0], 200, 10), { mayEnd: true });
    await talk.say(id, tags[1], ask.talk(tags[1], 3, 5));
    await sleep(random.below(600));
    await talk.cancel(told);
  };
  const others = [people, agents, functions, stopped];
  await Promise.all([tools(), others[number % others.length]?.()]);
}

/** Kills a node at a random moment, or has it kill itself at a named point; then starts it again. */
async function killOne(cluster: Cluster, random: Random): Promise<void> {
  const node = random.below(cluster.nodes.length);
  const point = POINTS[random.below(POINTS.length)];
  const isWorking = cluster.nodes[node] !== "web";
  if (isWorking && random.below(2) === 0 && point !== undefined) {
    await cluster.kill(node);
    await cluster.start(node, { env: { SKEIN_CRASH_AT: `${point}#${1 + random.below(2)}` } });
    const died = cluster.ended(node).then(() => true);
    if (await Promise.race([died, sleep(POINT_PATIENCE_MS).then(() => false)])) {
      await cluster.start(node);
      return;
    }
  }
  await sleep(random.below(LONGEST_MS));
  await cluster.kill(node);
  await cluster.start(node);
}

/** Stops a node for less than a lease and lets it go on. */
async function freeze(cluster: Cluster, random: Random): Promise<void> {
  const node = random.below(cluster.nodes.length);
  cluster.signal(node, "SIGSTOP");
  await sleep(random.below(LONGEST_MS));
  cluster.signal(node, "SIGCONT");
}

async function checkStore(store: Store): Promise<Awaited<ReturnType<Store["check"]>>> {
  return await store.check({ repair: false, rebuild: false });
}
