import type { Clock } from "../engine/clock.ts";
import type { Engine } from "../engine/engine.ts";
import type { Ids } from "../engine/ids.ts";
import type { Run } from "../model/run.ts";
import type { Price } from "../model/usage.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Agent } from "./agent.ts";
import type { AgentRegistry } from "./agent-registry.ts";
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
  loadBlob(tenant: string, sha256: string): Promise<BlobContent>;
  saveBlob(tenant: string, content: BlobContent): Promise<string>;
}

/** One worker on one run. */
export interface RunContext {
  readonly services: RunServices;
  readonly key: ThreadKey;
  /** As claimed. */
  readonly run: Run;
  readonly agent: Agent;
  readonly model: Model;
  readonly journal: RunJournal;
  readonly stop: RunStop;
}
