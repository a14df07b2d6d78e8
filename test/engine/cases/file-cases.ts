import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Engine } from "../../../src/engine/engine.ts";
import type { FileChangeQuery } from "../../../src/engine/file-calls.ts";
import type { FileBegin, FileState } from "../../../src/model/file-change.ts";
import { engineCase, refuses, say, talk } from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

export const FILE_CASES: readonly EngineCase[] = [
  engineCase(
    "changes of files are found, newest first, however far apart they are",
    async (engine) => {
      const id = await talk(engine, "q1");
      for (let n = 0; n < 3; n += 1) {
        await change(engine, id, { changeId: `c${n}`, path: `f${n % 2}`, operationId: `op${n}` });
        for (let more = 0; more < 20; more += 1) await say(engine, id, `${n} ${more}`);
      }
      assert.deepEqual(await idsOf(engine, id), ["c2", "c1", "c0"]);
      assert.deepEqual(await idsOf(engine, id, { path: "f0" }), ["c2", "c0"]);
      assert.deepEqual(await idsOf(engine, id, { operationId: "op1" }), ["c1"]);
      const [newest] = (await engine.fileChanges(id, { limit: 1 })).items;
      assert.deepEqual(await idsOf(engine, id, { after: (newest?.version ?? 0) - 1 }), ["c2"]);
      const first = await engine.fileChanges(id, { limit: 2 });
      assert.deepEqual(await idsOf(engine, id, { limit: 2, cursor: first.nextCursor ?? "" }), [
        "c0",
      ]);
      await refuses("invalid_cursor", () =>
        engine.fileChanges(id, { path: "f0", cursor: first.nextCursor ?? "" }),
      );
    },
  ),

  engineCase("a change of files is open until its end is noted, each once", async (engine) => {
    const id = await talk(engine, "q1");
    const begin = await beginOf(engine, { changeId: "c", path: "f", operationId: "op" });
    await engine.recordFiles(id, begin);
    const { version } = await engine.get(id);
    await engine.recordFiles(id, begin);
    assert.equal((await engine.get(id)).version, version);
    const [open] = (await engine.fileChanges(id, { isOpen: true })).items;
    assert.equal(open?.outcome, "open");
    assert.equal(open?.turnId, (await engine.messages(id)).messages.at(-1)?.turnId);
    const end = {
      phase: "end",
      changeId: "c",
      outcome: "failed",
      edits: [],
      problem: "no",
    } as const;
    await engine.recordFiles(id, end);
    await engine.recordFiles(id, { ...end, outcome: "done" });
    assert.deepEqual(await idsOf(engine, id, { isOpen: true }), []);
    const [failed] = (await engine.fileChanges(id)).items;
    assert.deepEqual([failed?.outcome, failed?.edits, failed?.problem], ["failed", [], "no"]);
  }),

  engineCase("a trim lets go of the changes of files with the log", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2");
    await change(engine, id, { changeId: "old", path: "f", operationId: "op" });
    await engine.trim(id, { keepLast: 2 });
    assert.deepEqual(await idsOf(engine, id), []);
    await change(engine, id, { changeId: "new", path: "f", operationId: "op" });
    assert.deepEqual(await idsOf(engine, id), ["new"]);
  }),

  engineCase(
    "who may not write to a thread notes nothing, who may not see it is told nothing",
    async (engine) => {
      const id = await talk(engine, "q1");
      await engine.setMember(id, "bob", "viewer");
      const begin = await beginOf(engine, { changeId: "c", path: "f", operationId: "op" });
      const { edits: _edits, ...rest } = begin;
      const empty = { ...rest, edits: [] };
      await refuses("forbidden", () => engine.recordFiles(id, empty, { userId: "bob" }));
      await refuses("thread_not_found", () => engine.recordFiles(id, empty, { userId: "eve" }));
      await refuses("thread_not_found", () => engine.fileChanges(id, {}, { userId: "eve" }));
      // Its content is somebody else's: through the thread everybody in it could read it.
      await engine.setMember(id, "bob", "editor");
      await refuses("blob_not_found", () => engine.recordFiles(id, begin, { userId: "bob" }));
    },
  ),

  engineCase(
    "a record that leads out of a workspace, or says what is none, is refused",
    async (engine) => {
      const id = await talk(engine, "q1");
      const begin = await beginOf(engine, { changeId: "c", path: "f", operationId: "op" });
      const [edit] = begin.edits;
      assert.ok(edit);
      for (const path of ["../f", "/f", "a//b", "a/./b", ""])
        await refuses("invalid_request", () =>
          engine.recordFiles(id, { ...begin, edits: [{ ...edit, path }] }),
        );
      await refuses("invalid_text", () =>
        engine.recordFiles(id, { ...begin, edits: [{ ...edit, path: "a\0b" }] }),
      );
      await refuses("limit_exceeded", () =>
        engine.recordFiles(id, { ...begin, edits: Array.from({ length: 101 }, () => edit) }),
      );
      await refuses("invalid_request", () =>
        engine.recordFiles(id, {
          ...begin,
          edits: [{ ...edit, after: { ...(edit.after as FileState), mode: 0o4755 } }],
        }),
      );
    },
  ),
];

interface Wanted {
  readonly changeId: string;
  readonly path: string;
  readonly operationId: string;
}

async function beginOf(engine: Engine, { path, ...wanted }: Wanted): Promise<FileBegin> {
  const bytes = Buffer.from(`content of ${wanted.changeId}`);
  await engine.putBlob(bytes, "text/plain");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const after = { sha256, sizeBytes: bytes.length, mode: 0o644, isBinary: false, isKept: true };
  return {
    phase: "begin",
    workspace: "ws",
    action: "write",
    edits: [{ path, before: null, after }],
    ...wanted,
  };
}

async function change(engine: Engine, id: string, wanted: Wanted): Promise<void> {
  await engine.recordFiles(id, await beginOf(engine, wanted));
  await engine.recordFiles(id, { phase: "end", changeId: wanted.changeId, outcome: "done" });
}

async function idsOf(
  engine: Engine,
  id: string,
  query: FileChangeQuery = {},
): Promise<readonly string[]> {
  return (await engine.fileChanges(id, query)).items.map(({ changeId }) => changeId);
}
