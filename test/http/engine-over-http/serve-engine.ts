import { agent } from "../../../src/agents/agent.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { EngineOptions } from "../../engine/engine.test-support.ts";
import { startServer } from "../server.ts";
import { engineOverHttp } from "./engine-over-http.ts";

const agents = ["assistant", "helper"].map((name) => agent({ name }));

/** A server over the store, and an engine that asks it. The cases do a worker's work themselves. */
export async function serveEngine(options: EngineOptions): Promise<Engine> {
  return engineOverHttp(await startServer({ ...options, agents, worker: false }));
}
