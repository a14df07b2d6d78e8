import type { Clock } from "../engine/clock.ts";
import type { Engine } from "../engine/engine.ts";
import type { Ids } from "../engine/ids.ts";
import type { Run } from "../model/run.ts";
import type { Price } from "../model/usage.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Agent } from "./agent.ts";
import type { AgentRegistry } from "./agent-registry.ts";
import type { Hooks } from "./hooks.ts";
import type { BlobContent, Model } from "./models/model.ts";
import type { RunJournal } from "./run-journal.ts";
import type { RunStop } from "./run-stop.ts";

/** How often and after which wait a failed model call is tried again. */
export interface ModelRetry {
  readonly baseMs?: number;
  readonly factor?: number;
}

/** What every run of a process works with. */
export interface RunServices {
  readonly engine: Pick<Engine, "store" | "worker">;
  readonly agents: AgentRegistry;
  readonly prices: Readonly<Record<string, Price>>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly retry: ModelRetry;
  readonly hooks?: Hooks | undefined;
  /** Hears of faults that end nothing. */
  readonly onError: (error: unknown) => void;
  loadBlob(tenant: string, sha256: string): Promise<BlobContent>;
  saveBlob(tenant: string, content: BlobContent): Promise<string>;
}

/** One worker on one run. */
export interface RunContext {
  readonly services: RunServices;
  readonly key: ThreadKey;
  /** As claimed; once it was handed over, without the model and the instructions that were asked of the first agent. */
  readonly run: Run;
  /** The one that is at work. */
  readonly agent: Agent;
  readonly model: Model;
  readonly journal: RunJournal;
  readonly stop: RunStop;
  /** The agent answers for a function that goes on with the run after it: neither its answer nor its waiting is the run's. */
  readonly isPart?: true;
}
