import { Worker } from "node:worker_threads";
import { SkeinError } from "../../model/error.ts";
import type { ErrorCode } from "../../model/error-codes.ts";
import type { JsonObject } from "../../model/json.ts";

/** What goes to a worker. */
export interface Call<Request> {
  readonly id: number;
  readonly request: Request;
}

/** What comes back. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError };

/** Structured cloning keeps the message of an error, but not its class and fields. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field: string | undefined;
  readonly details: JsonObject | undefined;
  readonly retryAfterMs: number | undefined;
  readonly cause: unknown;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Started {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

/** A worker thread that answers requests in any order. Starts with the first request, and anew with the first one after
 *  it died. Keeps the process alive only while an answer is awaited. */
export class WorkerClient<Request> {
  readonly #name: string;
  readonly #workerData: unknown;
  #started: Started | undefined;
  #starts = 0;
  #last = 0;
  #isEnded = false;

  /** @param name  of the module in this folder, without extension */
  constructor(name: string, workerData: unknown) {
    this.#name = name;
    this.#workerData = workerData;
  }

  /** How many threads there were. */
  get starts(): number {
    return this.#starts;
  }

  /** The value that the worker's handler answers; its type is the caller's knowledge. When the thread dies first, the
   *  error is `internal`, and what was asked may or may not have been done. */
  request<T>(request: Request, transfer: ArrayBuffer[] = []): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#isEnded) return reject(new SkeinError("store_closed", "The store is closed."));
      const { worker, waiting } = (this.#started ??= this.#start());
      const id = (this.#last += 1);
      const call: Call<Request> = { id, request };
      worker.postMessage(call, transfer);
      if (waiting.size === 0) worker.ref();
      waiting.set(id, { resolve, reject });
    }) as Promise<T>;
  }

  /** Sends without waiting. */
  post(request: Request): void {
    if (this.#isEnded) return;
    const call: Call<Request> = { id: 0, request };
    try {
      (this.#started ??= this.#start()).worker.postMessage(call);
    } catch {
      // The machine has no thread to give; whoever waits for an answer is told.
    }
  }

  /** Ends the thread.
   *  @param closing  asked before, if there is a thread */
  async end(closing?: Request): Promise<void> {
    const started = this.#started;
    const closed = started && closing !== undefined ? this.request(closing) : undefined;
    this.#isEnded = true;
    try {
      await closed;
    } finally {
      await started?.worker.terminate();
    }
  }

  #start(): Started {
    // The same extension as this file: .ts in the sources, .js when built.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    const url = new URL(`./${this.#name}${extension}`, import.meta.url);
    const worker = new Worker(url, { workerData: this.#workerData });
    const started: Started = { worker, waiting: new Map() };
    this.#starts += 1;
    worker.unref();
    worker.on("message", (answer: Answer) => settle(started, answer));
    worker.on("error", (error) => this.#fail(started, error));
    worker.on("exit", (code) => this.#fail(started, new Error(`exit code ${code}`)));
    return started;
  }

  #fail(started: Started, cause: unknown): void {
    if (this.#started === started) this.#started = undefined;
    const why = cause instanceof Error ? cause.message : String(cause);
    const error = this.#isEnded
      ? new SkeinError("store_closed", "The store was closed before it answered.")
      : new SkeinError(
          "internal",
          `The store's thread died (${why}), and whether this call was carried out is not known. The next call starts another thread.`,
          { cause },
        );
    for (const { reject } of started.waiting.values()) reject(error);
    started.waiting.clear();
  }
}

function settle({ worker, waiting }: Started, answer: Answer): void {
  const waiter = waiting.get(answer.id);
  waiting.delete(answer.id);
  if (waiting.size === 0) worker.unref();
  if ("error" in answer) waiter?.reject(revived(answer.error));
  else waiter?.resolve(answer.value);
}

function revived({ code, message, field, details, retryAfterMs, cause }: WireError): SkeinError {
  return new SkeinError(code, message, {
    ...(field !== undefined && { field }),
    ...(details !== undefined && { details }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause,
  });
}
