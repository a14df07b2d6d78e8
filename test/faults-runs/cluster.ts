import { join } from "node:path";
import { createWorkspace } from "../cli/workspace.ts";
import type { Finished, Started, Wire, Workspace } from "../cli/workspace.ts";

/** `both` listens and works, `web` only listens, `worker` only works. */
export type NodeRole = "both" | "web" | "worker";

export interface ClusterOptions {
  /** What `SKEIN_STORE` says; a relative path is seen from the cluster's folder. */
  readonly store: string;
  readonly modelUrl: string;
  readonly nodes: readonly NodeRole[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** Processes of `skein serve` on one store. */
export interface Cluster extends AsyncDisposable {
  readonly directory: string;
  readonly ledger: string;
  readonly nodes: readonly NodeRole[];
  pid(node: number): number;
  url(node: number): string | undefined;
  /** Ends a node at once, unless it has ended, and waits until it has. */
  kill(node: number): Promise<void>;
  /** Sends a signal, such as SIGSTOP and SIGCONT. */
  signal(node: number, signal: NodeJS.Signals): void;
  /** Resolves when the node has ended, with its exit code; `null`: by a signal. */
  ended(node: number): Promise<number | null>;
  /** Starts a node that has ended, and waits until it listens or works. */
  start(node: number, options?: StartOptions): Promise<void>;
  /** Starts one more node, and answers its number. */
  add(role: NodeRole, options?: StartOptions): Promise<number>;
  /** Asks any node that listens, until one answers; `undefined` for what is refused with 4xx. A body makes it a POST. */
  call(path: string, body?: unknown, key?: string): Promise<Wire | undefined>;
  /** Stops every node in good order. */
  stop(): Promise<void>;
  /** What the nodes said, for a failed test. */
  notes(): string;
}

const PATIENCE_MS = 90_000;
const RETRY_MS = 60;

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const workspace = await createWorkspace();
  const ledger = join(workspace.directory, "ledger.jsonl");
  const nodes = [...options.nodes];
  const running: (Running | undefined)[] = [];
  const endings: Promise<Finished>[] = [];
  const said: string[] = [];
  let turn = 0;

  const at = (node: number): Running => {
    const found = running[node];
    if (found === undefined) throw new Error(`Node ${node} does not run.`);
    return found;
  };
  const launch = async (node: number, env: Readonly<Record<string, string>>): Promise<void> => {
    const started = startNode(workspace, { ...options, nodes }, ledger, node, env);
    const it: Running = { started, url: undefined };
    running[node] = it;
    void started.ended.then(({ stderr }) => {
      said.push(`node ${node}: ${stderr}`);
      if (running[node] === it) running[node] = undefined;
    });
    endings[node] = started.ended;
    const listening = started.seen(/^Skein is (?:listening on (\S+)|working on runs)$/mu);
    const [, url] = await listening.catch(async (error: unknown) => {
      // What finds a deadly run as soon as it comes up may not come to say so.
      if ((await started.ended).code !== null) throw error;
      return [];
    });
    it.url = url;
  };
  const cluster: Cluster = {
    directory: workspace.directory,
    ledger,
    nodes,
    pid: (node) => at(node).started.process.pid ?? 0,
    url: (node) => running[node]?.url,
    async kill(node) {
      running[node]?.started.process.kill("SIGKILL");
      await endings[node];
    },
    signal: (node, signal) => void at(node).started.process.kill(signal),
    ended: async (node) => (await endings[node])?.code ?? null,
    start: (node, { env = {} } = {}) => launch(node, env),
    async add(role, { env = {} } = {}) {
      const node = nodes.push(role) - 1;
      await launch(node, env);
      return node;
    },
    async call(path, body, key) {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const urls = running.flatMap((it) => it?.url ?? []);
        const url = urls[(turn += 1) % Math.max(1, urls.length)];
        const answer = url === undefined ? "again" : await tryOnce(`${url}${path}`, body, key);
        if (answer !== "again") return answer;
        if (performance.now() > deadline) throw new Error(`Nobody answers ${path}.`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    },
    async stop() {
      const alive = running.flatMap((it) => it ?? []);
      for (const { started } of alive) started.process.kill("SIGTERM");
      await Promise.all(alive.map(({ started }) => started.ended));
    },
    notes: () => said.join("\n"),
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
  await Promise.all(options.nodes.map((_role, node) => launch(node, {})));
  return cluster;
}

interface Running {
  readonly started: Started;
  url: string | undefined;
}

const ARGUMENTS: Readonly<Record<NodeRole, readonly string[]>> = {
  both: ["serve", "--port", "0"],
  web: ["serve", "--port", "0", "--no-worker"],
  worker: ["serve", "--worker"],
};

function startNode(
  workspace: Workspace,
  { store, modelUrl, nodes, env = {} }: ClusterOptions,
  ledger: string,
  node: number,
  more: Readonly<Record<string, string>>,
): Started {
  return workspace.start(ARGUMENTS[nodes[node] ?? "both"], {
    env: {
      SKEIN_STORE: store,
      SKEIN_CONFIG: join(import.meta.dirname, "faults.config.ts"),
      SKEIN_MODEL: "compatible/stub",
      SKEIN_MODEL_URL: modelUrl,
      LEDGER: ledger,
      ...env,
      ...more,
    },
  });
}

/** One request; `"again"` when nobody said anything that counts. */
async function tryOnce(
  url: string,
  body: unknown,
  key: string | undefined,
): Promise<Wire | undefined | "again"> {
  try {
    const response = await fetch(url, {
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
      headers: {
        "content-type": "application/json",
        ...(key !== undefined && { "idempotency-key": key }),
      },
      // A node that was stopped in the middle of an answer says nothing more.
      signal: AbortSignal.timeout(5_000),
    });
    if (response.status >= 500) return "again";
    const answer: Wire = Object(await response.json());
    return response.ok ? answer : undefined;
  } catch {
    return "again";
  }
}
