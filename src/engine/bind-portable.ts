import type { Principal } from "../model/principal.ts";
import { append } from "./append.ts";
import type { Core } from "./core.ts";
import { messages } from "./messages.ts";
import { openMessageStore } from "./portable/open-message-store.ts";
import type { StoredThread } from "./portable/open-message-store.ts";
import type { PortableCalls, ResumeOptions, SerializeOptions } from "./portable/portable-calls.ts";
import { create } from "./threads.ts";

/** Threads that leave and come back, on behalf of one principal. What checks them is loaded when asked for. */
export function bindPortable(core: Core, principal: Principal): PortableCalls {
  const serialize = async (threadId: string, options?: SerializeOptions): Promise<unknown> =>
    (await import("./portable/serialize.ts")).serialize(core, principal, threadId, options);
  const calls = {
    // The answer follows from the mode, which the compiler cannot see.
    serialize: serialize as PortableCalls["serialize"],
    resume: async (serialized: unknown, options?: ResumeOptions) =>
      (await import("./portable/resume.ts")).resume(core, principal, serialized, options),
  };
  const stored: StoredThread = {
    ...calls,
    create: (input, options) => create(core, principal, input, options),
    append: (id, input, options) => append(core, principal, id, input, options),
    messages: (id, input, options) => messages(core, principal, id, input, options),
  };
  const messageStore: PortableCalls["messageStore"] = (threadId, options) =>
    openMessageStore(stored, threadId, options);
  messageStore.restore = async (state, options) => {
    const { thread } = await calls.resume(state, options);
    return messageStore(thread.id, options);
  };
  return { ...calls, messageStore };
}
