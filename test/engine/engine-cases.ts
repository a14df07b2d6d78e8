import { ACCESS_CASES } from "./cases/access-cases.ts";
import { APPEND_CASES } from "./cases/append-cases.ts";
import { BRANCH_CASES } from "./cases/branch-cases.ts";
import { CONCURRENCY_CASES } from "./cases/concurrency-cases.ts";
import { FILE_CASES } from "./cases/file-cases.ts";
import { FORK_CASES } from "./cases/fork-cases.ts";
import { HISTORY_CASES } from "./cases/history-cases.ts";
import { OBSERVE_CASES } from "./cases/observe-cases.ts";
import { PORTABLE_CASES } from "./cases/portable-cases.ts";
import { PORTABLE_RUN_CASES } from "./cases/portable-run-cases.ts";
import { READ_CASES } from "./cases/read-cases.ts";
import { LIFECYCLE_CASES } from "./cases/lifecycle-cases.ts";
import { MADE_THREAD_CASES } from "./cases/made-thread-cases.ts";
import { RELATION_CASES } from "./cases/relation-cases.ts";
import { RUN_CASES } from "./cases/run-cases.ts";
import { THREAD_CASES } from "./cases/thread-cases.ts";
import { TRIM_CASES } from "./cases/trim-cases.ts";
import { ACTION_CASES } from "./cases/action-cases.ts";
import { ACTION_REDACTION_CASES } from "./cases/action-redaction-cases.ts";
import { STRATEGY_CASES } from "./cases/strategy-cases.ts";
import { WORKER_CASES } from "./cases/worker-cases.ts";
import { WRITER_CASES } from "./cases/writer-cases.ts";
import type { EngineCase } from "./engine-case.ts";

/** Every promise of the engine, whatever it stands on. */
export const engineCases: readonly EngineCase[] = [
  ...THREAD_CASES,
  ...ACCESS_CASES,
  ...APPEND_CASES,
  ...BRANCH_CASES,
  ...FILE_CASES,
  ...FORK_CASES,
  ...HISTORY_CASES,
  ...READ_CASES,
  ...RELATION_CASES,
  ...LIFECYCLE_CASES,
  ...MADE_THREAD_CASES,
  ...RUN_CASES,
  ...TRIM_CASES,
  ...WORKER_CASES,
  ...ACTION_CASES,
  ...ACTION_REDACTION_CASES,
  ...STRATEGY_CASES,
  ...WRITER_CASES,
  ...OBSERVE_CASES,
  ...PORTABLE_CASES,
  ...PORTABLE_RUN_CASES,
  ...CONCURRENCY_CASES,
];
