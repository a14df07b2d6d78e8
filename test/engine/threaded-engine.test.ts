import { CONCURRENCY_CASES } from "./cases/concurrency-cases.ts";
import { OBSERVE_CASES } from "./cases/observe-cases.ts";
import { RUN_CASES } from "./cases/run-cases.ts";
import { STRATEGY_CASES } from "./cases/strategy-cases.ts";
import { WORKER_CASES } from "./cases/worker-cases.ts";
import { WRITER_CASES } from "./cases/writer-cases.ts";
import { sqliteAdapter, testEngine } from "./engine.test-support.ts";

// Where it matters who comes first. The store's own suite runs whole on threads, and the others ask it nothing else.
const cases = [
  ...OBSERVE_CASES,
  ...CONCURRENCY_CASES,
  ...RUN_CASES,
  ...STRATEGY_CASES,
  ...WORKER_CASES,
  ...WRITER_CASES,
];

testEngine({ ...sqliteAdapter("sqlite with threads", true), cases });
