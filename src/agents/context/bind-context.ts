import type { Engine } from "../../engine/engine.ts";
import type { RunServices } from "../run-context.ts";
import type { ContextCalls } from "./thread-summary.ts";

/** What of a thread models are shown; loaded when it is asked for. */
export function bindContext(services: RunServices, engine: Engine): ContextCalls {
  return {
    context: async (id, query, options) =>
      (await import("./show-context.ts")).showContext(services, engine, id, query, options),
    summarize: async (id, input, options) =>
      (await import("./summarize.ts")).summarize(services, engine, id, input, options),
    summary: async (id, query, options) =>
      (await import("./load-summary.ts")).loadSummary(engine, id, query, options),
  };
}
