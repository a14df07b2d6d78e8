import { checkId } from "../model/check.ts";
import type { Command } from "../model/command.ts";
import { SkeinError } from "../model/error.ts";
import type { Message } from "../model/message.ts";
import type { Principal } from "../model/principal.ts";
import { MAIN, threadOf } from "../model/thread.ts";
import type { BranchHead, Thread, ThreadHead } from "../model/thread.ts";
import { appendResult, entriesOf } from "./append.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import type { AppendResult, Content, RunInput, WriteOptions } from "./engine.ts";
import { headAt } from "./history.ts";
import { checkBlobs, newMessage, newRun, sizeOf } from "./message-input.ts";
import { branchOf } from "./messages.ts";

const PATH_PAGE = 50;

/** Carries out a command that leaves a branch to look at. */
export async function changeBranch(
  core: Core,
  base: Principal,
  threadId: string,
  { command, name }: { readonly command: Command; readonly name: string | undefined },
  options?: WriteOptions,
): Promise<BranchHead> {
  const principal = principalOf(base, options);
  if (name !== undefined) checkBranchName(name);
  const committed = await write(core, { principal, threadId, command, options });
  const entries = name === undefined ? await entriesOf(core, committed) : [];
  const made = entries.find((entry) => entry.op === "branch.create");
  return branchOf(committed.head, name ?? made?.data.branch.name ?? MAIN);
}

function checkBranchName(name: string): void {
  // The names of kept paths, `main~1`, are Skein's own. No object can have a member that is called `__proto__`.
  checkId(name === "__proto__" ? "" : name.replaceAll("~", "."), "name");
}

export async function edit(
  core: Core,
  base: Principal,
  threadId: string,
  messageId: string,
  {
    input,
    options,
  }: {
    readonly input: {
      readonly content: Content;
      readonly branch?: string;
      readonly run?: RunInput;
    };
    readonly options?: WriteOptions | undefined;
  },
): Promise<AppendResult> {
  const principal = principalOf(base, options);
  checkId(messageId, "message_id");
  await readHead(core, principal, threadId);
  const key = { tenant: principal.tenant, id: threadId };
  const [old] = await core.store.loadMessages(key, [messageId]);
  const message = newMessage(core, principal, {
    role: old?.role ?? "user",
    content: input.content,
  });
  await checkBlobs(core, principal, [message]);
  const command: Command = {
    type: "edit",
    messageId,
    branch: input.branch ?? MAIN,
    message,
    ...(input.run && { run: newRun(core, input.run) }),
  };
  const sizeBytes = sizeOf([message]);
  const asked = [messageId, input];
  return appendResult(
    core,
    await write(core, { principal, threadId, command, options, asked, sizeBytes }),
    [message],
  );
}

export async function regenerate(
  core: Core,
  base: Principal,
  threadId: string,
  {
    input = {},
    options,
  }: {
    readonly input?:
      | { readonly messageId?: string; readonly branch?: string; readonly run?: RunInput }
      | undefined;
    readonly options?: WriteOptions | undefined;
  },
): Promise<AppendResult> {
  const principal = principalOf(base, options);
  const { messageId, branch = MAIN } = input;
  if (messageId !== undefined) checkId(messageId, "message_id");
  const head = await readHead(core, principal, threadId);
  const from = await inputOfTurn(core, head, branchOf(head, branch), messageId);
  const command: Command = {
    type: "regenerate",
    messageId: from,
    branch,
    run: newRun(core, input.run ?? {}),
  };
  return appendResult(
    core,
    await write(core, { principal, threadId, command, options, asked: input }),
    [],
  );
}

export async function restoreVersion(
  core: Core,
  base: Principal,
  threadId: string,
  version: number,
  options?: WriteOptions,
): Promise<Thread> {
  const principal = principalOf(base, options);
  const now = await readHead(core, principal, threadId);
  const then = await headAt(
    core,
    { tenant: principal.tenant, id: threadId },
    now,
    version,
    "version",
  );
  const { title, titleSource, titleOf, metadata, tags } = then.profile;
  const heads = Object.fromEntries(
    Object.values(then.branches).map(({ name, messageId }) => [name, messageId]),
  );
  const command: Command = {
    type: "restore",
    target: {
      version,
      title,
      titleSource,
      ...(titleOf !== undefined && { titleOf }),
      metadata,
      tags,
      heads,
    },
  };
  return threadOf((await write(core, { principal, threadId, command, options })).head);
}

/** The last input of the turn that a message belongs to. */
async function inputOfTurn(
  core: Core,
  head: ThreadHead,
  branch: BranchHead,
  messageId: string | undefined,
): Promise<string> {
  const id = messageId ?? branch.messageId;
  const key = { tenant: head.profile.tenant, id: head.profile.id };
  const facts =
    id === null
      ? undefined
      : await core.store.loadFacts(key, [{ kind: "message", id, on: branch }]);
  const fact = id === null ? undefined : facts?.messages[id];
  const place = fact?.place;
  if (id === null || place == null || fact?.isOnPath !== true)
    throw new SkeinError(
      "message_not_found",
      `Branch ${branch.name} has no message ${id ?? ""} to answer again.`,
      {
        field: "message_id",
      },
    );
  const { turnId } = place;
  const read = (minDepth: number): Promise<readonly Message[]> =>
    core.store.readPath(head.profile.tenant, branch, {
      minDepth: Math.max(0, minDepth),
      maxDepth: minDepth + PATH_PAGE - 1,
    });
  // Words that were said together are answered together.
  let last: string | undefined;
  for (let depth = place.depth; ; depth += PATH_PAGE) {
    const path = await read(depth);
    const end = path.findIndex((said) => said.role !== "user" || said.turnId !== turnId);
    last = (end < 0 ? path : path.slice(0, end)).at(-1)?.id ?? last;
    if (end >= 0 || path.length < PATH_PAGE) break;
  }
  if (last !== undefined) return last;
  for (let depth = place.depth; depth > 0; depth -= PATH_PAGE) {
    const path = (await read(depth - PATH_PAGE)).filter((said) => (said.depth ?? 0) < depth);
    const input = path.findLast((said) => said.role === "user" && said.turnId === turnId);
    if (input !== undefined) return input.id;
    if (path.some((said) => said.turnId !== turnId)) break;
  }
  throw new SkeinError(
    "invalid_request",
    `The turn of message ${id} has no input to answer again.`,
    {
      field: "message_id",
    },
  );
}
