import type { RolledBack } from "../../../files/roll-back.ts";
import type { RollbackScope } from "../../../files/select-changes.ts";
import { rollbackToWire } from "../../../http/native/file-to-wire.ts";
import { integer, usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { oneLine } from "../../format/printable.ts";
import { table } from "../../format/table.ts";
import { workspaceFor } from "../../workspace-for.ts";

export const rollback: Command = command({
  summary: "Take changes of files back",
  details:
    "Every file must be as the changes left it; otherwise nothing is touched and what differs is shown. A rollback is a change of its own: its operation can be taken back, too.",
  examples: [
    "files rollback th_123 --turn msg_1 --dry-run",
    "files rollback th_123 --to-version 40 --workspace .",
    "files rollback th_123 --operation op_1 --force",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    operation: { type: "string", valueHint: "operation", description: "What this operation did" },
    turn: { type: "string", valueHint: "turn", description: "What was done in this turn" },
    run: { type: "string", valueHint: "run", description: "What this run did" },
    change: { type: "string", valueHint: "change", description: "One change" },
    "to-version": {
      type: "string",
      valueHint: "version",
      description: "Everything after this version of the thread",
    },
    "dry-run": { type: "boolean", description: "Only say what would happen" },
    force: { type: "boolean", description: "Also take back what somebody changed since" },
    workspace: {
      type: "string",
      valueHint: "folder",
      description: "The folder (SKEIN_WORKSPACE)",
    },
  },
  async run({ args, output, open, settings }) {
    const scope = scopeOf(args);
    const skein = await open();
    const workspace = await workspaceFor(skein, await settings(), args.workspace);
    if (workspace === undefined)
      throw usageError("Name the folder with --workspace or SKEIN_WORKSPACE.", "workspace");
    try {
      const result = await workspace.rollback(scope, {
        dryRun: args["dry-run"] === true,
        force: args.force === true,
        by: { threadId: args.thread },
      });
      if (output.isJson) output.json(rollbackToWire(result));
      else {
        for (const line of table(result.files.map(fileRow), output.columns)) output.line(line);
        for (const { path, view } of result.files)
          if (view?.diff != null) {
            output.note(`${oneLine(path, 200)} was changed since:`);
            output.note(view.diff.trimEnd());
          }
        if (result.operationId !== null)
          output.note(`Take it back with --operation ${result.operationId}`);
      }
      return result.isComplete || result.isDryRun ? EXIT.ok : EXIT.conflict;
    } finally {
      await workspace.close();
    }
  },
});

function fileRow({ path, outcome, action, reason, problem }: RolledBack): string[] {
  const why = problem ?? reason ?? (action === "not-kept" ? "was too large to be kept" : "");
  return [outcome, action, why === "" ? oneLine(path, 200) : `${oneLine(path, 200)}: ${why}`];
}

function scopeOf(
  args: Readonly<
    Partial<Record<"operation" | "turn" | "run" | "change" | "to-version", string | undefined>>
  >,
): RollbackScope {
  const { operation, turn, run, change } = args;
  const toVersion = integer(args["to-version"], "to-version", { from: 0 });
  const scopes: readonly RollbackScope[] = [
    ...(operation === undefined ? [] : [{ operationId: operation }]),
    ...(turn === undefined ? [] : [{ turnId: turn }]),
    ...(run === undefined ? [] : [{ runId: run }]),
    ...(change === undefined ? [] : [{ changeIds: [change] }]),
    ...(toVersion === undefined ? [] : [{ toVersion }]),
  ];
  const [scope] = scopes;
  if (scope === undefined || scopes.length > 1)
    throw usageError(
      "Give one of --operation, --turn, --run, --change and --to-version.",
      "operation",
    );
  return scope;
}
