import type { JsonObject } from "../model/json.ts";
import type { Role } from "../model/message.ts";
import type { CallOptions, Content } from "./call.ts";

export interface WriterOptions extends CallOptions {
  /** Creates the thread if it does not exist. Default false. */
  readonly create?: boolean;
  /** How long `onSave` waits for things to settle, default 1,000 ms; at most five times as long under constant
   *  change. It delays the notification only: a modification is durable when `modify` resolves. */
  readonly debounceMs?: number;
  readonly onSave?: (state: WriterState) => void;
  /** The right was lost, or `onSave` threw. */
  readonly onError?: (error: unknown) => void;
}

export interface WriterMessage {
  /** Absent on a message that a modifier adds: then it is minted. */
  readonly id?: string;
  readonly role: Role;
  readonly content: Content;
}

/** What a writer sees and changes: the thread's `main` branch as a whole. */
export interface WriterState {
  readonly id: string;
  /** The version. A modifier has to return a larger one. */
  readonly v: number;
  readonly title: string | null;
  readonly metadata: JsonObject;
  readonly tags: readonly string[];
  readonly messages: readonly WriterMessage[];
}

export interface ThreadWriter extends AsyncDisposable {
  /** As of the last commit that the writer has seen. */
  readonly state: WriterState;
  /** Grows with every acquisition. */
  readonly fence: number;
  /** The present state, then every later one; states in quick succession may be joined into the last. */
  observe(): AsyncIterable<WriterState>;
  /** Commits what `modifier` makes of the newest state; when somebody else wrote in between, it is called again with the newer
   *  state. Added messages are appended; a shortened list moves the branch back, and the cut tail is kept.
   *  @throws SkeinError  `version_not_incremented`, `lease_lost`, `invalid_request` if a kept message was changed */
  modify(
    modifier: (current: WriterState) => WriterState | Promise<WriterState>,
  ): Promise<WriterState>;
  /** Tells `onSave` what it has not heard yet and gives the right up. Idempotent. */
  dispose(): Promise<void>;
}
