import type { Route } from "./route.ts";
import { actionRoutes } from "./routes/actions.ts";
import { batchRoutes } from "./routes/batch.ts";
import { blobRoutes } from "./routes/blobs.ts";
import { branchRoutes } from "./routes/branches.ts";
import { contextRoutes } from "./routes/context.ts";
import { eventRoutes } from "./routes/events.ts";
import { fileRoutes } from "./routes/files.ts";
import { findRoutes } from "./routes/find.ts";
import { lifecycleRoutes } from "./routes/lifecycle.ts";
import { messageRoutes } from "./routes/messages.ts";
import { portableRoutes } from "./routes/portable.ts";
import { relationRoutes } from "./routes/relations.ts";
import { runStreamRoutes } from "./routes/run-stream.ts";
import { runRoutes } from "./routes/runs.ts";
import { stateRoutes } from "./routes/state.ts";
import { threadRoutes } from "./routes/threads.ts";
import { treeRoutes } from "./routes/tree.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

/** Every route of the native wire that needs a caller, below `/api/v1`. */
export const nativeRoutes: readonly Route[] = [
  ...threadRoutes,
  ...lifecycleRoutes,
  ...messageRoutes,
  ...batchRoutes,
  ...treeRoutes,
  ...branchRoutes,
  ...relationRoutes,
  ...runRoutes,
  ...runStreamRoutes,
  ...actionRoutes,
  ...stateRoutes,
  ...contextRoutes,
  ...eventRoutes,
  ...findRoutes,
  ...blobRoutes,
  ...fileRoutes,
  ...webhookRoutes,
  ...portableRoutes,
];
