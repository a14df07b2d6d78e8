// The public API of the library: one explicit list.

export { agent, tool } from "./agents/agent.ts";
export type {
  Agent,
  SuspendRequest,
  SystemPrompt,
  SystemPromptInput,
  Tool,
  ToolContext,
} from "./agents/agent.ts";
export type { ContextPolicy, SummaryPolicy } from "./agents/context/context-policy.ts";
export type { ContextReport } from "./agents/context/context-report.ts";
export type { ContextQuery } from "./agents/context/show-context.ts";
export type {
  MadeSummary,
  SummarizeInput,
  SummaryStyle,
  ThreadSummary,
} from "./agents/context/thread-summary.ts";
export { defineConfig } from "./agents/config.ts";
export type { SkeinConfig, WebhookConfig } from "./agents/config.ts";
export { createSkein } from "./agents/create-skein.ts";
export type { SkeinOptions } from "./agents/create-skein.ts";
export { createWorker } from "./agents/create-worker.ts";
export type { Worker, WorkerOptions } from "./agents/create-worker.ts";
export type {
  AgentHandler,
  CalledAgent,
  FlowAnswer,
  FlowContext,
  FlowEvent,
  FlowMessage,
  FlowQuestion,
  FlowResult,
  FlowStepContext,
  FlowStepOptions,
  FlowTurn,
} from "./agents/flow/handler.ts";
export { parallel, workflow } from "./agents/flow/workflow.ts";
export type { Parallel, WorkflowOptions, WorkflowStep } from "./agents/flow/workflow.ts";
export type { HookContext, Hooks, ToolVerdict } from "./agents/hooks.ts";
export type { Model, ModelEvent, ModelRequest, ModelTool } from "./agents/models/model.ts";
export type { SharedState } from "./agents/shared-state.ts";
export type { RespondInput, Response, RunStreamEvent, Skein } from "./agents/skein.ts";

export { agentTool } from "./agents/sub-agent/agent-tool.ts";
export type { AgentToolOptions } from "./agents/sub-agent/agent-tool.ts";

export { createClient } from "./client/client.ts";
export type { SkeinClient } from "./client/client.ts";
export type { ClientOptions } from "./client/request.ts";

export { createEngine } from "./engine/create-engine.ts";
export type { EngineOptions } from "./engine/create-engine.ts";
export type {
  AppendInput,
  AppendResult,
  CallOptions,
  Content,
  CreateInput,
  AddedMessage,
  Engine,
  ExportedBlob,
  FeedOptions,
  ForkInput,
  MessageInput,
  MessageListInput,
  MessagePage,
  MessageStores,
  ObserveOptions,
  Page,
  ResumeOptions,
  Resumed,
  RunInput,
  SearchInput,
  SerializeOptions,
  StoredMessage,
  ThreadDetail,
  ThreadExport,
  ThreadListInput,
  ThreadMessageStore,
  ThreadReference,
  ThreadStats,
  UpdateInput,
  WriteOptions,
} from "./engine/engine.ts";
export type {
  DecisionInput,
  InboxInput,
  InboxItem,
  RunCalls,
  RunEventInput,
} from "./engine/run-calls.ts";
export type {
  ContinueInput,
  LinkInput,
  RelatedInput,
  RelatedThreads,
  RelationCalls,
  ThreadEdge,
  ThreadRelationships,
} from "./engine/relations/relation-calls.ts";
export { withRetry } from "./engine/retry.ts";
export type { RetryOptions } from "./engine/retry.ts";
export type {
  ThreadWriter,
  WriterMessage,
  WriterOptions,
  WriterState,
} from "./engine/thread-writer.ts";

export { apply, replay } from "./model/apply.ts";
export { decide } from "./model/decide/decide.ts";
export { OP_ALIASES } from "./model/entry.ts";
export type { Entry, EntryOf, Op, OpData } from "./model/entry.ts";
export { ERROR_CODES } from "./model/error-codes.ts";
export type { ErrorCode } from "./model/error-codes.ts";
export { isSkeinError, SkeinError } from "./model/error.ts";
export type { Json, JsonObject } from "./model/json.ts";
export { LIMITS } from "./model/limits.ts";
export type { Author, Message, MessageStatus, Role } from "./model/message.ts";
export { text, textOf } from "./model/part.ts";
export type { FilePart, Part, TextPart, ToolCallPart, ToolResultPart } from "./model/part.ts";
export type { MemberRole, Principal } from "./model/principal.ts";
export type { Action, ActionKind, Decision } from "./model/action.ts";
export { RUN_TRANSITIONS } from "./model/run-transitions.ts";
export type { RunEvent } from "./model/run-transitions.ts";
export type { MultitaskStrategy, Run, RunStatus, Step } from "./model/run.ts";
export type { BranchHead, Thread, ThreadHead, ThreadLink, ThreadStatus } from "./model/thread.ts";
export type { Cost, Price, Usage } from "./model/usage.ts";
export { contextWindow } from "./model/window.ts";

export { cached } from "./store/cached/cached.ts";
export type { CacheOptions } from "./store/cached/cached.ts";
export type { Duration } from "./model/duration.ts";
export type { Policies, Policy } from "./agents/lifecycle/policy.ts";
export type { SweepOptions, SweepReport } from "./agents/lifecycle/sweep-report.ts";
export type { EndInput } from "./engine/lifecycle/end-input.ts";
export type { AliasInput, OpenInput, Opened } from "./engine/lifecycle/lifecycle-calls.ts";
export { copyStore } from "./store/copy/copy-store.ts";
export type {
  CopyOptions,
  CopyProblem,
  CopyProgress,
  CopyReport,
  VerifyReport,
} from "./store/copy/copy-report.ts";
export { verifyCopy } from "./store/copy/verify-copy.ts";
export { localBus } from "./bus/local-bus.ts";
export type { BusEvent, LiveBus } from "./store/live-bus.ts";
export { memoryStore } from "./store/memory/memory-store.ts";
export type { FeedEvent } from "./store/query.ts";
export { fromMessageStore } from "./store/repository/from-message-store.ts";
export type {
  ChatMessage,
  ChatMessageStore,
  MessageStoreOptions,
  MessageStoreStore,
} from "./store/repository/from-message-store.ts";
export { fromRepository } from "./store/repository/from-repository.ts";
export type { RepositoryStore } from "./store/repository/from-repository.ts";
export type {
  RepositoryMessage,
  RepositoryThread,
  ThreadRepository,
} from "./store/repository/thread-repository.ts";
export type { SearchHit } from "./store/search.ts";
export { sqliteStore } from "./store/sqlite/sqlite-store.ts";
export type { SqliteStoreOptions } from "./store/sqlite/sqlite-store.ts";
export type { Store } from "./store/store.ts";

export { threadFileTracker } from "./files/thread-file-tracker.ts";
export type {
  FileChangeRecord,
  FileModification,
  ThreadFileTracker,
} from "./files/thread-file-tracker.ts";
export { trackedWorkspace } from "./files/tracked-workspace.ts";
export type { TrackedWorkspace } from "./files/tracked-workspace.ts";
export type { WorkspaceFiles } from "./files/workspace-files.ts";
export type { WorkspaceCaller } from "./files/recorder.ts";
export type { WorkspaceLimits, WorkspaceOptions } from "./files/workspace-room.ts";
export type { Rollback, RollbackOptions, RolledBack } from "./files/roll-back.ts";
export type { RollbackScope } from "./files/select-changes.ts";
export { unifiedDiff } from "./files/unified-diff.ts";
export type { FileChange, FileChangeQuery } from "./engine/file-calls.ts";
export type { FileEdit, FileState } from "./model/file-change.ts";

export { createWebhooks } from "./webhooks/create-webhooks.ts";
export type { ConfiguredWebhook, WebhooksOptions } from "./webhooks/create-webhooks.ts";
export { verifyWebhook } from "./webhooks/verify-webhook.ts";
export type { VerifyOptions, WebhookHeaders } from "./webhooks/verify-webhook.ts";
export type {
  Delivery,
  Posted,
  Webhook,
  WebhookChange,
  WebhookInput,
  Webhooks,
} from "./webhooks/webhook.ts";

export { importFiles } from "./exchange/import-files.ts";
export type { ExchangeProblem } from "./exchange/conversation.ts";
export type {
  ImportFile,
  ImportOptions,
  ImportProgress,
  ImportReport,
} from "./exchange/import-options.ts";
export { exportFolder } from "./exchange/native/export-folder.ts";
export type { FolderReport } from "./exchange/native/export-folder.ts";
export { exportLines } from "./exchange/native/export-lines.ts";
export type { ExportOptions } from "./exchange/native/export-options.ts";
export { importFolder } from "./exchange/native/import-folder.ts";
export { exportHtml } from "./exchange/readable/write-html.ts";
export { exportMarkdown } from "./exchange/readable/write-markdown.ts";
export type { ReadableOptions } from "./exchange/readable/readable-thread.ts";
