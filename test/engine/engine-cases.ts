import { APPEND_CASES } from "./cases/append-cases.ts";
import { BRANCH_CASES } from "./cases/branch-cases.ts";
import { ACCESS_CASES } from "./cases/access-cases.ts";
import { THREAD_CASES } from "./cases/thread-cases.ts";
import type { EngineCase } from "./engine-case.ts";

/** Every promise of the engine, whatever it stands on. */
export const engineCases: readonly EngineCase[] = [
  ...THREAD_CASES,
  ...ACCESS_CASES,
  ...APPEND_CASES,
  ...BRANCH_CASES,
];
