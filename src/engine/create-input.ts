import type { JsonObject } from "../model/json.ts";
import type { Role } from "../model/message.ts";
import type { MemberRole } from "../model/principal.ts";
import type { Cost, Usage } from "../model/usage.ts";
import type { Content, RunInput } from "./call.ts";
import type { EndInput } from "./lifecycle/end-input.ts";

export interface MessageInput {
  /** Chosen by the caller, at most 128 of `[A-Za-z0-9._:-]`; minted when absent. */
  readonly id?: string;
  /** Default `user`. */
  readonly role?: Role;
  readonly content: Content;
  /** Who said it, where that is not the calling user. */
  readonly author?: string;
  readonly metadata?: JsonObject;
  readonly model?: string;
  readonly usage?: Usage;
  readonly cost?: Cost;
  /** Milliseconds since the epoch by the author's clock, for display. */
  readonly composedAt?: number;
}

export interface CreateInput extends EndInput {
  /** Chosen by the caller, unique in the tenant; minted when absent. Taken by anybody: `id_conflict` for the caller's own thread,
   *  `thread_not_found` for somebody else's. */
  readonly id?: string;
  readonly title?: string;
  readonly agentId?: string;
  readonly kind?: string;
  readonly metadata?: JsonObject;
  readonly tags?: readonly string[];
  readonly members?: Readonly<Record<string, MemberRole>>;
  /** Stores platform, working directory, git state and tool versions once. Default false. */
  readonly captureEnvironment?: boolean;
  readonly messages?: readonly MessageInput[];
  /** Asks an agent to answer the messages, in the same commit. */
  readonly run?: RunInput;
}
