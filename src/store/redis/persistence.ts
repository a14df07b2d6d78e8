import type { Connection } from "./connection.ts";
import { listOf, textOf } from "./reply.ts";

/** What the server's settings mean for what was acknowledged. */
export interface Persistence {
  /** Nothing acknowledged is lost, whatever crashes. */
  readonly isDurable: boolean;
  /** A sentence each, with what to do. */
  readonly warnings: readonly string[];
}

interface Settings {
  readonly appendonly?: string;
  readonly appendfsync?: string;
  readonly save?: string;
  readonly "maxmemory-policy"?: string;
}

/** Reads the settings; some providers forbid it. */
export async function readPersistence(connection: Connection): Promise<Persistence> {
  const settings = await readSettings(connection);
  if (settings === undefined)
    return {
      isDurable: false,
      warnings: [
        "The persistence settings of Redis cannot be read. See to it that it runs with appendonly yes, appendfsync always and maxmemory-policy noeviction.",
      ],
    };
  const warnings = [...lossWarnings(settings), ...evictionWarnings(settings)];
  return { isDurable: warnings.length === 0, warnings };
}

async function readSettings(connection: Connection): Promise<Settings | undefined> {
  const names = ["appendonly", "appendfsync", "save", "maxmemory-policy"];
  try {
    const flat = listOf(await connection.command("CONFIG", "GET", ...names)).map(textOf);
    const pairs = flat.flatMap((name, index) =>
      index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : [],
    );
    return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
  } catch (error) {
    // Refused, or not known to what only speaks like Redis.
    if (error instanceof Error && "retryAfterMs" in error && error.retryAfterMs !== undefined)
      throw error;
    return undefined;
  }
}

function lossWarnings({ appendonly, appendfsync, save }: Settings): readonly string[] {
  const mend = "Set appendonly yes and appendfsync always.";
  if (appendonly !== "yes")
    return [
      save === ""
        ? `Redis keeps nothing on its disk: when it restarts, all threads are gone. ${mend}`
        : `Redis writes to its disk only now and then: when it crashes, what was said since is gone. ${mend}`,
    ];
  if (appendfsync === "always") return [];
  return [
    appendfsync === "everysec"
      ? `Redis writes to its disk once a second: when the machine crashes, the last second is gone. ${mend}`
      : `Redis leaves it to the system when to write to its disk: when the machine crashes, the last half minute is gone. ${mend}`,
  ];
}

function evictionWarnings({ "maxmemory-policy": policy }: Settings): readonly string[] {
  return policy === "noeviction"
    ? []
    : [
        `Redis may throw away parts of threads when its memory is full (${policy}). Set maxmemory-policy noeviction.`,
      ];
}
