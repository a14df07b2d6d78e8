/** What a webhook can tell of. */
export type WebhookEvent =
  | "thread.entry"
  | "run.completed"
  | "run.failed"
  | "run.cancelled"
  | "run.incomplete"
  | "run.expired"
  | "run.requires_action";

export const WEBHOOK_EVENTS: readonly WebhookEvent[] = [
  "thread.entry",
  "run.completed",
  "run.failed",
  "run.cancelled",
  "run.incomplete",
  "run.expired",
  "run.requires_action",
];
