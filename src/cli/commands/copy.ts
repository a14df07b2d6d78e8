import type { CopyProblem, CopyReport, VerifyReport } from "../../store/copy/copy-report.ts";
import type { Store } from "../../store/store.ts";
import { usageError } from "../arguments.ts";
import { type Command, command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { count } from "../format/figures.ts";
import { storeAt } from "../open-store.ts";
import type { Output } from "../output.ts";
import { createProgress } from "../progress.ts";

export const copy: Command = command({
  summary: "Copy all threads from one store to another",
  details:
    "Copies of every tenant what the target does not have yet, then compares both. After an interruption the same command goes on. Exits with 1 when a thread was refused or differs.",
  examples: [
    "copy --from sqlite:./.skein/skein.db --to postgres://skein@db.example/skein",
    "copy --from file:./threads --to sqlite:./skein.db --verify",
  ],
  args: {
    from: { type: "string", valueHint: "address", description: "The store to read" },
    to: { type: "string", valueHint: "address", description: "The store to write" },
    verify: { type: "boolean", description: "Only compare; copy nothing" },
  },
  signals: "watch",
  async run({ args, output, signal }) {
    const stores: Store[] = [];
    try {
      const from = await opened(args.from, "from", stores);
      const to = await opened(args.to, "to", stores);
      const progress = createProgress(output);
      const options = { from, to, signal, onProgress: progress.show };
      const { copyStore } = await import("../../store/copy/copy-store.ts");
      const { verifyCopy } = await import("../../store/copy/verify-copy.ts");
      const copied = args.verify === true ? undefined : await copyStore(options);
      const verified = await verifyCopy(options);
      progress.end();
      report(output, copied, verified);
      const problems = problemsOf(copied, verified);
      return problems.length === 0 ? EXIT.ok : EXIT.failure;
    } finally {
      for (const store of stores) await store.close();
    }
  },
});

async function opened(address: string | undefined, name: string, stores: Store[]): Promise<Store> {
  if (address === undefined || address === "") throw usageError(`--${name} is missing.`, name);
  if (address.startsWith("memory:"))
    throw usageError(`--${name} must be a store that other processes see, not memory:.`, name);
  const store = await storeAt(address, false);
  stores.push(store);
  return store;
}

/** A thread that was refused differs, too; the reason is worth more. */
function problemsOf(
  copied: CopyReport | undefined,
  verified: VerifyReport,
): readonly CopyProblem[] {
  const refused = copied?.problems ?? [];
  const names = new Set(refused.map(nameOf));
  return [...refused, ...verified.problems.filter((problem) => !names.has(nameOf(problem)))];
}

function nameOf({ tenant, id }: CopyProblem): string {
  return `${tenant}/${id}`;
}

function report(output: Output, copied: CopyReport | undefined, verified: VerifyReport): void {
  const problems = problemsOf(copied, verified);
  const { threads, entries, blobs, behind } = verified;
  if (output.isJson) {
    const did = copied && {
      copied: { threads: copied.copied, entries: copied.entries, blobs: copied.blobs },
    };
    output.json({ threads, ...did, verified: { entries, blobs, behind }, problems });
    return;
  }
  if (copied !== undefined)
    output.line(
      `Copied ${count(copied.copied, "thread")} of ${threads}: ${count(copied.entries, "entry")}, ${count(copied.blobs, "file")}.`,
    );
  output.line(
    `Compared ${count(threads, "thread")}: ${count(entries, "entry")}, ${count(blobs, "file")}; ${problems.length === 0 ? "no difference" : count(problems.length, "problem")}.`,
  );
  if (behind > 0)
    output.line(
      `${count(behind, "thread")} changed in the source meanwhile. Run it again to bring the rest.`,
    );
  for (const problem of problems) output.line(`${nameOf(problem)}: ${problem.problem}`);
}
