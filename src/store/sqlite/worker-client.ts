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

/** A worker thread that answers requests in any order. Keeps the process alive only while an answer is awaited. */
export class WorkerClient<Request> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #failure: unknown;

  /** @param name  of the module in this folder, without extension */
  constructor(name: string, workerData: unknown) {
    // The same extension as this file: .ts in the sources, .js when built.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    this.#worker = new Worker(new URL(`./${name}${extension}`, import.meta.url), { workerData });
    this.#worker.unref();
    this.#worker.on("message", (answer: Answer) => this.#settle(answer));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () =>
      this.#fail(new SkeinError("store_closed", "The store's thread has ended.")),
    );
  }

  /** The value that the worker's handler answers; its type is the caller's knowledge. */
  request<T>(request: Request, transfer: ArrayBuffer[] = []): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const id = (this.#last += 1);
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve, reject });
      const call: Call<Request> = { id, request };
      this.#worker.postMessage(call, transfer);
    }) as Promise<T>;
  }

  /** Sends without waiting. */
  post(request: Request): void {
    const call: Call<Request> = { id: 0, request };
    if (this.#failure === undefined) this.#worker.postMessage(call);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("error" in answer) waiting?.reject(revived(answer.error));
    else waiting?.resolve(answer.value);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function revived({ code, message, field, details, retryAfterMs, cause }: WireError): SkeinError {
  return new SkeinError(code, message, {
    ...(field !== undefined && { field }),
    ...(details !== undefined && { details }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause,
  });
}
