import type { Action, Decision } from "./action.ts";
import type { JsonObject } from "./json.ts";
import type { Run } from "./run.ts";

/** The action without what was said: what it asked, with which arguments, and what it was given. */
export function bareAction({ prompt: _prompt, data, decision, ...action }: Action): Action {
  const named = action.kind === "run" && data !== undefined ? calledIn(data) : undefined;
  return {
    ...action,
    ...(named && { data: named }),
    ...(decision && { decision: bareDecision(decision) }),
  };
}

/** The action without any word that may be of the redacted message with its call. */
export function erasedAction(action: Action): Action {
  const { decision, ...bare } = bareAction(action);
  return { ...bare, redacted: true, ...(decision && { decision: erasedDecision(decision) }) };
}

/** The decision without any word that may be of a redacted message. */
export function erasedDecision(decision: Decision): Decision {
  return decision.type === "deny" ? { type: "deny" } : bareDecision(decision);
}

/** The same run when none of its actions is about a call in the message. */
export function withErasedActions(run: Run, messageId: string): Run {
  const { actions = [] } = run;
  if (!actions.some(({ callMessageId }) => callMessageId === messageId)) return run;
  return {
    ...run,
    actions: actions.map((action) =>
      action.callMessageId === messageId ? erasedAction(action) : action,
    ),
  };
}

function bareDecision(decision: Decision): Decision {
  switch (decision.type) {
    case "approve":
      return { type: "approve" };
    case "output":
      return { ...decision, output: { type: "text", text: "" } };
    default:
      return decision;
  }
}

/** Which run was called says nothing of what was asked of it. */
function calledIn({ thread_id, run_id }: JsonObject): JsonObject {
  return { ...(thread_id !== undefined && { thread_id }), ...(run_id !== undefined && { run_id }) };
}
