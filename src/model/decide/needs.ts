import type { AppendCommand, Command } from "../command.ts";
import type { Need } from "../facts.ts";
import type { NewMessage, PathEnd } from "../message.ts";
import { own } from "../own.ts";
import type { Run } from "../run.ts";
import { MAIN } from "../thread.ts";
import type { ThreadContent } from "../thread-content.ts";
import type { BranchHead, ThreadHead } from "../thread.ts";

/** What `decide` must know beyond the head. A plain append to a head needs nothing. */
export function needs(command: Command, head: ThreadHead | null): readonly Need[] {
  switch (command.type) {
    case "create":
      return given(command.content?.messages ?? command.append?.messages ?? []);
    case "bring":
      return [...given(command.content.messages), ...broughtBehind(command.content, head)];
    case "append": {
      const branch = branchOf(head, command.branch ?? MAIN);
      const { parentId } = command;
      const ids = [...given(command.messages), ...takenBack(head, command)];
      if (parentId === undefined || parentId === null || parentId === branch?.messageId) return ids;
      return [...ids, message(head, parentId, branch)];
    }
    case "edit":
      return [
        ...given([command.message]),
        message(head, command.messageId, branchOf(head, command.branch)),
      ];
    case "regenerate":
      return [message(head, command.messageId, branchOf(head, command.branch))];
    case "truncate":
      return command.to === null ? [] : [message(head, command.to, branchOf(head, command.branch))];
    case "branch.create":
      return "branch" in command.at || command.at.messageId === null
        ? []
        : [message(head, command.at.messageId)];
    case "message.annotate":
    case "message.redact":
      return [{ ...message(head, command.messageId), holders: true }];
    case "message.discard":
      return [message(head, command.messageId)];
    case "run.progress":
      return [...bases(head), ...callsAskedAbout(head, command)];
    case "run.cancel":
    case "run.expire":
      return bases(head);
    case "restore":
      return Object.values(command.target.heads).flatMap((id) =>
        id === null ? [] : [message(head, id)],
      );
    case "batch":
      return command.commands.flatMap((each) => needs(each, head));
    default:
      return NOTHING;
  }
}

const NOTHING: readonly Need[] = [];

/** The messages that those of new branches follow. */
function broughtBehind({ messages }: ThreadContent, head: ThreadHead | null): readonly Need[] {
  const ids = new Set(messages.map(({ id }) => id));
  const known = new Set(messages.map(({ parentId }) => parentId).filter((id) => id !== null));
  return [...known].filter((id) => !ids.has(id)).map((id) => message(head, id));
}

/** Where a branch goes back to when the run that holds it ends by this. */
function takenBack(
  head: ThreadHead | null,
  { run, branch = MAIN }: AppendCommand,
): readonly Need[] {
  if (run?.strategy !== "rollback" && run?.strategy !== "interrupt") return NOTHING;
  const held = head?.activity.runs.find(({ id }) => id === own(head.activity.holds, branch));
  if (held === undefined) return NOTHING;
  return baseIn(head, run.strategy === "rollback" ? { ...held, isRolledBack: true } : held);
}

function bases(head: ThreadHead | null): readonly Need[] {
  return head?.activity.runs.flatMap((run) => baseIn(head, run)) ?? NOTHING;
}

/** Messages with calls that a run asks about: what is redacted is not said again. */
function callsAskedAbout(
  head: ThreadHead | null,
  { actions }: Extract<Command, { type: "run.progress" }>,
): readonly Need[] {
  const ids = actions.flatMap((it) =>
    it.kind === "action.request" ? (it.action.callMessageId ?? []) : [],
  );
  return [...new Set(ids)].map((id) => message(head, id));
}

function baseIn(head: ThreadHead | null, { base, isRolledBack }: Run): readonly Need[] {
  return isRolledBack !== true || base === undefined || base.messageId === null
    ? NOTHING
    : [message(head, base.messageId)];
}

// A caller may ask for a branch that is called like something that every object has.
function branchOf(head: ThreadHead | null, name: string): BranchHead | undefined {
  return head === null ? undefined : own(head.branches, name);
}

function given(messages: readonly Pick<NewMessage, "id" | "isGivenId">[]): readonly Need[] {
  const ids = messages.filter(({ isGivenId }) => isGivenId === true).map(({ id }) => id);
  return ids.length === 0 ? NOTHING : [{ kind: "given", ids }];
}

function message(
  head: ThreadHead | null,
  id: string,
  on?: PathEnd,
): Extract<Need, { kind: "message" }> {
  const floors = head?.profile.trim?.floors;
  return {
    kind: "message",
    id,
    ...(floors && { floors }),
    ...(on && { on: { segment: on.segment, position: on.position } }),
  };
}
