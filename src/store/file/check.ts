import type { CheckReport, Store } from "../store.ts";
import { isSkeinError } from "../../model/error.ts";
import { listLogs } from "./list-logs.ts";
import type { Healed } from "./recover.ts";
import { scanLog } from "./scan-log.ts";

type Problem = CheckReport["problems"][number];

/** Proves the logs line by line, and that the index says the same. */
export async function checkFiles(
  folder: string,
  index: Store,
): Promise<{ readonly logs: readonly Problem[]; readonly index: CheckReport }> {
  const logs: Problem[] = [];
  const behind: Problem[] = [];
  for (const { path } of listLogs(folder)) {
    try {
      const { key, version } = scanLog(folder, path);
      const [head = null] = key === null ? [] : await index.loadHeads([key]);
      if ((head?.version ?? 0) !== version)
        behind.push(problem(key?.id ?? path, `the index is not at version ${version}`));
    } catch (error) {
      if (!isSkeinError(error, "store_corrupt")) throw error;
      logs.push(problem(path, error.message));
    }
  }
  const report = await index.check({ repair: false });
  return { logs, index: { ...report, problems: [...behind, ...report.problems] } };
}

export function healedProblem({ path, threadId, line, bytes }: Healed): Problem {
  return {
    threadId: threadId ?? path,
    problem: `${bytes} bytes that a crash left unfinished were cut off (${path}, line ${line})`,
    repaired: true,
  };
}

function problem(threadId: string, text: string): Problem {
  return { threadId, problem: text, repaired: false };
}
