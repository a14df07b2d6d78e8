import type { Principal } from "../../model/principal.ts";
import type { Core } from "../core.ts";
import { continueThread } from "./continue-thread.ts";
import { link, unlink } from "./link.ts";
import { getRelatedThreads, related } from "./related.ts";
import type { RelationCalls } from "./relation-calls.ts";
import { createSummaryThread } from "./summary-thread.ts";

export function bindRelations(core: Core, principal: Principal): RelationCalls {
  return {
    link: (id, input, options) => link(core, principal, id, input, options),
    unlink: (id, input, options) => unlink(core, principal, id, input, options),
    related: (id, input, options) => related(core, principal, id, input, options),
    getRelatedThreads: (id, options) => getRelatedThreads(core, principal, id, options),
    createSummaryThread: (id, summary, options) =>
      createSummaryThread(core, principal, id, summary, options),
    continueThread: (id, input, options) => continueThread(core, principal, id, input, options),
  };
}
