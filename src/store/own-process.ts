import { readFileSync, readlinkSync } from "node:fs";

/** Where numbers of processes mean something. */
interface Place {
  /** The machine, since it was started. */
  readonly boot: string;
  /** Containers have numbers of their own. */
  readonly namespace: string;
}

/** Names this process, so that others on the same machine can see whether it lives. Absent where the system does not say. */
export function ownProcess(): string | undefined {
  const place = ownPlace();
  const startedAt = startOf(process.pid);
  if (place === undefined || startedAt === undefined) return undefined;
  return [place.boot, place.namespace, process.pid, startedAt].join(" ");
}

/** True when a process is certainly dead: it was on this machine, and is not there any more. */
export function isProcessGone(name: string): boolean {
  const place = ownPlace();
  const [boot, namespace, pid, startedAt, ...rest] = name.split(" ");
  if (place === undefined || startedAt === undefined || rest.length > 0) return false;
  if (boot !== place.boot || namespace !== place.namespace) return false;
  return startOf(Number(pid)) !== startedAt;
}

function ownPlace(): Place | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { boot, namespace: readlinkSync("/proc/self/ns/pid") };
  } catch {
    return undefined;
  }
}

/** Tells who has a number that is used again, in ticks since the machine was started; absent for a process that is dead. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name is in parentheses, and may have any of them in it.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // What was killed and is not collected yet does not live either.
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
