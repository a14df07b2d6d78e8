export type {
  ConformanceCase,
  ConformanceContext,
  Requirement,
} from "../store/conformance/conformance-case.ts";
export { skipReason, storeConformance } from "../store/conformance/store-conformance.ts";
export {
  type Script,
  type ScriptedItem,
  type ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedReply,
  type ScriptedToolCall,
  scriptedModel,
} from "./scripted-model.ts";
export {
  startStubModel,
  type StubModel,
  type StubModelOptions,
  type StubRequest,
  type StubScript,
} from "./stub-model/start-stub-model.ts";
export type { StubFailure, StubReply, StubToolCall, StubUsage } from "./stub-model/stub-reply.ts";
