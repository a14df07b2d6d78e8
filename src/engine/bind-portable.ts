import type { Principal } from "../model/principal.ts";
import type { Core } from "./core.ts";
import type { PortableCalls, SerializeOptions } from "./portable/portable.ts";

/** Threads that leave and come back, on behalf of one principal. Loaded when asked for. */
export function bindPortable(core: Core, principal: Principal): PortableCalls {
  const serialize = async (threadId: string, options?: SerializeOptions): Promise<unknown> =>
    (await import("./portable/serialize.ts")).serialize(core, principal, threadId, options);
  return {
    // The answer follows from the mode, which the compiler cannot see.
    serialize: serialize as PortableCalls["serialize"],
    resume: async (serialized, options) =>
      (await import("./portable/resume.ts")).resume(core, principal, serialized, options),
  };
}
