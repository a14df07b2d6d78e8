/** A bug that the fault tests must notice. */
export interface Mutant {
  readonly name: string;
  /** Below the sources. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test that notices it: a file beside this folder, and words of its name. */
  readonly caughtBy: { readonly file: string; readonly test: string };
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "a write's fence is not checked",
    file: "model/decide/run.ts",
    find: "if (run.fence !== command.fence || (",
    replace: "if ((",
    caughtBy: { file: "workers.test.ts", test: "lost its run cannot write" },
  },
  {
    name: "a claim does not raise the fence",
    file: "model/decide/run.ts",
    find: "fence: run.fence + 1,",
    replace: "fence: Math.max(1, run.fence),",
    caughtBy: { file: "workers.test.ts", test: "lost its run cannot write" },
  },
  {
    name: "heartbeats are ignored: whoever once was alive, is",
    file: "agents/engines/embedded/embedded-engine.ts",
    find: "|| !(await isAlive(owner))",
    replace: "|| (await isAlive(owner), false)",
    caughtBy: { file: "processes.test.ts", test: "SQLite.*killed is followed" },
  },
  {
    name: "a stopped process counts as alive, because it holds its lock",
    file: "store/sqlite/onlooker.ts",
    find: "return stillMs <= ALIVE_MS;",
    replace: "return stillMs <= 1_000 * ALIVE_MS;",
    caughtBy: { file: "processes.test.ts", test: "SQLite.*stopped for longer" },
  },
  {
    name: "a decision is applied as often as it comes",
    file: "model/decide/actions.ts",
    find: 'if (action.status === "waiting") decideAction(',
    replace: 'if (action.status !== "done" || run !== null) decideAction(',
    caughtBy: { file: "decisions.test.ts", test: "SQLite.*comes twice" },
  },
  {
    name: "a tool's outcome is journaled before the tool acts",
    file: "agents/tool-step.ts",
    find: "const result = await executeTool(toolsOf(agent, services.agents), chosen, given);",
    replace:
      'const { callId, name } = chosen; setTimeout(() => void executeTool(toolsOf(agent, services.agents), chosen, given), 500); const result = { type: "tool-result", callId, name, outcome: "ok", output: { type: "text", text: "done" } } as const;',
    caughtBy: { file: "processes.test.ts", test: "SQLite.*journaled as done" },
  },
  {
    name: "a decision is lost when it comes before the run waits",
    file: "model/decide/run.ts",
    find: "return resumeRun(draft, run.id, action.seen);",
    replace: "return;",
    caughtBy: { file: "decisions.test.ts", test: "SQLite.*before the run waits" },
  },
  {
    name: "an interrupted unsafe tool is run again",
    file: "agents/tool-step.ts",
    find: "if (!isIdempotent(tool)) return {",
    replace: "if (tool === undefined) return {",
    caughtBy: { file: "processes.test.ts", test: "SQLite.*killed is followed" },
  },
  {
    name: "readers are not told that an attempt begins anew",
    file: "agents/run-stream.ts",
    find: 'if (before.attempt > 0) yield { type: "attempt-reset", messageId, attempt, position: at(cursor) };',
    replace: "",
    caughtBy: { file: "delivery.test.ts", test: "SQLite.*interrupted attempt" },
  },
  {
    name: "what waits in the queue is dropped when a run is stopped",
    file: "model/decide/end-run.ts",
    find: "waiting.slice(0, last + 1)",
    replace: "waiting.slice(0, 0)",
    caughtBy: { file: "workers.test.ts", test: "SQLite.*leave no run behind" },
  },
  {
    name: "a run that expires keeps its branch from the next one",
    file: "model/decide/end-run.ts",
    find: "if (!held) return;",
    replace: 'if (!held || event === "expire") return;',
    caughtBy: { file: "workers.test.ts", test: "SQLite.*leave no run behind" },
  },
  {
    name: "the usage of a called agent is counted twice",
    file: "agents/sub-agent/tool-call.ts",
    find: "const { called, used = [] } = outcome ?? {};",
    replace: "const { called, used: once = [] } = outcome ?? {}; const used = [...once, ...once];",
    caughtBy: { file: "delivery.test.ts", test: "SQLite.*called agents arrive once" },
  },
  {
    name: "an event counts as often as it is sent",
    file: "engine/decide-run.ts",
    find: "...(dedupKey !== undefined && {",
    replace: "...(dedupKey === null && {",
    caughtBy: { file: "delivery.test.ts", test: "SQLite.*sent twice" },
  },
  {
    name: "workers go by the clocks of their machines",
    file: "engine/clock.ts",
    find: "store.now?.() ?? Date.now()",
    replace: "(store, Date.now())",
    caughtBy: { file: "clocks.test.ts", test: "clocks are an hour wrong" },
  },
];
