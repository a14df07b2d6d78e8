import type { Elision } from "../../model/elide-outputs.ts";
import type { MessageBody } from "../../model/message.ts";
import type { LeftOutReason } from "../../model/window.ts";

/** What the model of an agent would get of a thread, and what it would not. */
export interface ContextReport {
  readonly threadId: string;
  readonly agentId: string;
  /** `null` when the model cannot be loaded. */
  readonly model: string | null;
  readonly branch: string;
  readonly version: number;
  /** The system prompt; system messages are in `messages`. */
  readonly system: string | null;
  /** Oldest first. */
  readonly messages: readonly { readonly message: MessageBody; readonly tokens: number }[];
  readonly tokens: { readonly system: number; readonly messages: number };
  /** What counted them: `estimate`, `custom`, or a package and an encoding. */
  readonly tokenizer: string;
  readonly tokenBudget: number | null;
  readonly lastMessages: number;
  /** What stands for messages that are not shown. */
  readonly summary: {
    readonly threadId: string;
    /** Version of its entry. */
    readonly version: number;
    /** Messages that it covers, the last of them, and its depth. */
    readonly messages: number;
    readonly messageId: string;
    readonly depth: number;
    readonly model: string;
  } | null;
  /** Neighbours that are missing for the same reason, oldest first. */
  readonly leftOut: readonly {
    readonly reason: LeftOutReason;
    readonly messages: number;
    /** Absent where they were not even read. */
    readonly firstMessageId?: string;
    readonly lastMessageId?: string;
  }[];
  /** Outputs of tools that are shortened. */
  readonly elided: readonly Elision[];
}
