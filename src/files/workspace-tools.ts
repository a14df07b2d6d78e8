import { tool } from "../agents/agent.ts";
import type { Tool, ToolContext } from "../agents/agent.ts";
import { isJsonObject } from "../model/json.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { SkeinError } from "../model/error.ts";
import type { Changed } from "./change-files.ts";
import type { WorkspaceFiles } from "./workspace-files.ts";

type Files = Omit<WorkspaceFiles, "track">;

const PATH = { type: "string", description: "Path below the root of the workspace." } as const;
const FLAG = { type: "boolean" } as const;
const TEXT = { type: "string" } as const;

/** The tools of a workspace: `read`, `list`, `write`, `edit`, `delete`, `move`. All may be run again after an interruption: the
 *  thread's log tells what an earlier attempt did.
 *  @param readBytes  of text that one `read` answers */
export function workspaceTools(files: Files, readBytes: number): readonly Tool[] {
  return [
    toolFor(
      "read",
      "Reads a file of the workspace.",
      { path: PATH, offset: { type: "integer" } },
      ["path"],
      async (input) => {
        const { path, bytes, sha256, isBinary } = await files.read(text(input, "path"));
        if (isBinary) return { path, sha256, is_binary: true, size_bytes: bytes.length };
        const all = Buffer.from(bytes).toString("utf8");
        const offset = typeof input["offset"] === "number" ? Math.max(0, input["offset"]) : 0;
        const content = all.slice(offset, offset + readBytes).toWellFormed();
        const isCut = offset + content.length < all.length;
        return { path, sha256, content, ...(isCut && { next_offset: offset + content.length }) };
      },
    ),
    toolFor(
      "list",
      "Lists a folder of the workspace.",
      { path: PATH, recursive: FLAG },
      [],
      async (input) => {
        const path = input["path"] === undefined ? "." : text(input, "path");
        const { files: found, isCut } = await files.list(path, {
          recursive: input["recursive"] === true,
        });
        return {
          files: found.map(({ path: at, kind, sizeBytes }) => ({
            path: at,
            kind,
            ...(sizeBytes !== undefined && { size_bytes: sizeBytes }),
          })),
          ...(isCut && { is_cut: true }),
        };
      },
    ),
    toolFor(
      "write",
      "Writes a whole file, new or instead of the old one.",
      { path: PATH, content: TEXT },
      ["path", "content"],
      async (input, context) =>
        changed(
          await files.write(
            { path: text(input, "path"), content: text(input, "content") },
            context,
          ),
        ),
    ),
    toolFor(
      "edit",
      "Replaces a text of a file, which must be in it once unless all is true.",
      { path: PATH, find: TEXT, replace: TEXT, all: FLAG },
      ["path", "find", "replace"],
      async (input, context) =>
        changed(
          await files.edit(
            {
              path: text(input, "path"),
              find: text(input, "find"),
              replace: text(input, "replace"),
              all: input["all"] === true,
            },
            context,
          ),
        ),
    ),
    toolFor("delete", "Deletes a file.", { path: PATH }, ["path"], async (input, context) =>
      changed(await files.delete(text(input, "path"), context)),
    ),
    toolFor(
      "move",
      "Moves or renames a file.",
      { from: PATH, to: PATH, replace: FLAG },
      ["from", "to"],
      async (input, context) =>
        changed(
          await files.move(
            {
              from: text(input, "from"),
              to: text(input, "to"),
              replace: input["replace"] === true,
            },
            context,
          ),
        ),
    ),
  ];
}

function toolFor(
  name: string,
  description: string,
  properties: JsonObject,
  required: readonly string[],
  execute: (input: JsonObject, context: ToolContext) => Promise<Json>,
): Tool {
  return tool({
    name,
    description,
    effect: "idempotent",
    input: { type: "object", properties, required, additionalProperties: false },
    execute: (input, context) => execute(isJsonObject(input) ? input : {}, context),
  });
}

function text(input: JsonObject, field: string): string {
  const value = input[field];
  if (typeof value === "string") return value;
  throw new SkeinError("invalid_request", `${field} must be a text.`, { field });
}

function changed({ changeId, edits }: Changed): JsonObject {
  return {
    change_id: changeId,
    files: edits.map(({ path, before, after }) => ({
      path,
      change: before === null ? "created" : after === null ? "deleted" : "modified",
      ...(after !== null && { sha256: after.sha256, size_bytes: after.sizeBytes }),
    })),
  };
}
