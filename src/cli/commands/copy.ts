import type { CopyProblem, CopyReport, VerifyReport } from "../../store/copy/copy-report.ts";
import type { Store } from "../../store/store.ts";
import { usageError } from "../arguments.ts";
import { type Command, command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { count } from "../format/figures.ts";
import { schemaAt, storeAt, withoutSecrets } from "../open-store.ts";
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
    const from = addressOf(args.from, "from");
    const to = addressOf(args.to, "to");
    const onlyCompare = args.verify === true;
    await proveThere(from, "from");
    if (onlyCompare) await proveThere(to, "to");
    const { copied, verified } = await carried(from, to, { output, signal, onlyCompare });
    report(output, copied, verified);
    return problemsOf(copied, verified).length === 0 ? EXIT.ok : EXIT.failure;
  },
});

function addressOf(address: string | undefined, name: string): string {
  if (address === undefined || address === "") throw usageError(`--${name} is missing.`, name);
  if (address.startsWith("memory:"))
    throw usageError(`--${name} must be a store that other processes see, not memory:.`, name);
  return address;
}

/** Opening makes what is not there, and an empty store has nothing that could differ. */
async function proveThere(address: string, name: string): Promise<void> {
  if ((await schemaAt(address))?.found === 0)
    throw usageError(`--${name}: there is no store at ${withoutSecrets(address)}.`, name);
}

interface Carrying {
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly onlyCompare: boolean;
}

async function carried(
  fromAddress: string,
  toAddress: string,
  { output, signal, onlyCompare }: Carrying,
): Promise<{ readonly copied: CopyReport | undefined; readonly verified: VerifyReport }> {
  const stores: Store[] = [];
  const opened = async (address: string): Promise<Store> => {
    const store = await storeAt(address, false);
    stores.push(store);
    return store;
  };
  const progress = createProgress(output);
  try {
    const from = await opened(fromAddress);
    const to = await opened(toAddress);
    const options = { from, to, signal, onProgress: progress.show };
    const { copyStore } = await import("../../store/copy/copy-store.ts");
    const { verifyCopy } = await import("../../store/copy/verify-copy.ts");
    const copied = onlyCompare ? undefined : await copyStore(options);
    return { copied, verified: await verifyCopy(options) };
  } finally {
    progress.end();
    // What was copied is durable by now.
    await Promise.allSettled(stores.map((store) => store.close()));
  }
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
