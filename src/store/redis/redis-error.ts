import { isSkeinError, SkeinError } from "../../model/error.ts";
import type { Driver } from "./driver.ts";

/** What an error means for the call that met it. */
export interface Trouble {
  readonly error: unknown;
  /** It may go away within seconds: the call is worth repeating. */
  readonly isPassing: boolean;
  /** The connection is of no use any more, and nobody knows whether the call was carried out. */
  readonly isLost: boolean;
}

type Explain = (where: string) => SkeinError;

const unavailable =
  (what: string): Explain =>
  (where) =>
    new SkeinError("store_unavailable", `${where} ${what}`, { retryAfterMs: 1_000 });
const wrong =
  (what: string): Explain =>
  (where) =>
    new SkeinError("invalid_request", `${where} ${what}`, { field: "store" });
const full =
  (what: string): Explain =>
  (where) =>
    new SkeinError("store_full", `${where} ${what} Nothing of the call was written.`);

const WRONG_PASSWORD = wrong(
  "refuses the user or the password. Check them in the address of the store.",
);
const LOADING = unavailable("is reading its data after a start. Try again.");
const FAILING_OVER = unavailable("is changing its primary. Try again.");

/** By the first word of what the server answers. */
const REFUSALS: Readonly<
  Record<string, { readonly isPassing: boolean; readonly explain: Explain }>
> = {
  WRONGPASS: { isPassing: false, explain: WRONG_PASSWORD },
  NOAUTH: { isPassing: false, explain: WRONG_PASSWORD },
  NOPERM: {
    isPassing: false,
    explain: wrong("does not let this user write there. Give it the store's keys and scripts."),
  },
  OOM: {
    isPassing: false,
    explain: full("is out of memory. Raise maxmemory, or delete threads."),
  },
  MISCONF: {
    isPassing: false,
    explain: full("cannot write to its disk. Make room, and look at the log of the server."),
  },
  WRONGTYPE: {
    isPassing: false,
    explain: (where) =>
      new SkeinError(
        "store_corrupt",
        `${where} has values of another kind where a thread's data must be. Give the store a prefix of its own.`,
      ),
  },
  LOADING: { isPassing: true, explain: LOADING },
  MASTERDOWN: { isPassing: true, explain: FAILING_OVER },
  CLUSTERDOWN: { isPassing: true, explain: FAILING_OVER },
  TRYAGAIN: { isPassing: true, explain: FAILING_OVER },
  READONLY: {
    isPassing: true,
    explain: unavailable("is a replica, which takes no writes. Connect to the primary."),
  },
  BUSY: {
    isPassing: true,
    explain: (where) =>
      new SkeinError("store_busy", `${where} is kept busy by a script. Try again.`, {
        retryAfterMs: 1_000,
      }),
  },
};

/** @param where  the server by host and port, never with credentials */
export function troubleOf(error: unknown, driver: Driver | undefined, where: string): Trouble {
  if (isSkeinError(error)) return { error, isPassing: false, isLost: false };
  if (driver !== undefined && error instanceof driver.ErrorReply) {
    const refusal = REFUSALS[/^[A-Z]+/u.exec(error.message)?.[0] ?? ""] ?? scriptRefusal(error);
    // What is left is a fault of ours, or a number of a database that the server does not have.
    if (refusal === undefined)
      return { error: plain(error, where), isPassing: false, isLost: false };
    return { error: refusal.explain(where), isPassing: refusal.isPassing, isLost: false };
  }
  return { error: unreachable(error, where), isPassing: true, isLost: true };
}

/** Inside of a script the word comes later. */
function scriptRefusal(error: Error): (typeof REFUSALS)[string] | undefined {
  const word = /-([A-Z]+) /u.exec(error.message)?.[1] ?? "";
  return REFUSALS[word];
}

function plain(error: Error, where: string): unknown {
  if (/DB index is out of range|SELECT is not allowed/u.test(error.message))
    return wrong("has no database of this number. Use /0, or raise databases.")(where);
  return error;
}

function unreachable(error: unknown, where: string): SkeinError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = code === "" ? "" : ` (${code})`;
  return new SkeinError(
    "store_unavailable",
    `${where} does not answer${why}. Start it, or correct the address of the store.`,
    { retryAfterMs: 1_000 },
  );
}

export function storeClosed(name: string): SkeinError {
  return new SkeinError("store_closed", `The store ${name} is closed.`);
}
