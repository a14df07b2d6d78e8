import { checkText } from "../../model/check.ts";
import type { Principal } from "../../model/principal.ts";
import type { Core } from "../core.ts";
import { change } from "../threads.ts";
import { getOrCreate } from "./get-or-create.ts";
import type { LifecycleCalls } from "./lifecycle-calls.ts";

export function bindLifecycle(core: Core, principal: Principal): LifecycleCalls {
  return {
    getOrCreate: (input, options) => getOrCreate(core, principal, input, options),
    hold: async (id, reason, options) => {
      if (reason !== undefined) checkText(reason, "reason");
      const hold = reason === undefined ? {} : { reason };
      return change(core, principal, id, { type: "set", hold }, options);
    },
    release: (id, options) => change(core, principal, id, { type: "set", hold: null }, options),
  };
}
