import { agent } from "../../../src/agents/agent.ts";
import { sqliteAdapter, testEngine } from "../../engine/engine.test-support.ts";
import { startServer } from "../server.ts";
import { engineOverHttp } from "./engine-over-http.ts";
import { LEFT_OUT } from "./left-out.ts";

const agents = ["assistant", "helper"].map((name) => agent({ name }));

testEngine({
  ...sqliteAdapter("sqlite behind HTTP", false),
  // The cases do a worker's work themselves.
  engineOver: async (options) =>
    engineOverHttp(await startServer({ ...options, agents, worker: false })),
  unable: LEFT_OUT,
});
