import type { Skein } from "../../agents/skein.ts";
import type { FilePart } from "../../model/part.ts";
import type { Output } from "../output.ts";
import type { Follower } from "./follower.ts";

/** Where a conversation stands. Commands such as `/branch` change it. */
export interface ChatState {
  readonly skein: Skein;
  readonly output: Output;
  readonly follower: Follower;
  threadId: string;
  branch: string;
  /** `undefined`: the thread's own. */
  agent: string | undefined;
  /** Sent with the next message. */
  files: FilePart[];
}
