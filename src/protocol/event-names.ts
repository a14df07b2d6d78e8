/** Names of the server-sent events of a thread (`GET …/threads/{id}/events`). */
export const THREAD_EVENT = {
  /** First frame; its id is the version that the stream starts behind. */
  ready: "ready",
  /** One log entry; its id is the version. */
  entry: "entry",
  /** A piece of a message that a run is writing. No id: it is not resumed, the entry that follows has all. */
  delta: "delta",
  /** The text so far of a message that is being written. No id. */
  snapshot: "snapshot",
  /** The id that the client resumed from is ahead of the thread: what it has is not this thread's past. */
  reload: "reload",
} as const;

/** Names of the server-sent events of all threads (`GET …/events`). */
export const FEED_EVENT = {
  ready: "ready",
  /** A header was created, updated, archived or deleted; its id is the cursor behind it. */
  thread: "thread",
} as const;

/** Names of the events that answer a message with `Accept: text/event-stream`. Then come the run's own events by their type. */
export const ANSWER_EVENT = {
  /** The stored message and the run, exactly as the JSON answer has them. */
  accepted: "accepted",
} as const;

/** Names of the Durable Streams conventions. */
export const STREAM_EVENT = { data: "data", control: "control" } as const;
