import { parentPort } from "node:worker_threads";
import { isSkeinError } from "../../model/error.ts";
import type { Answer, Call, WireError } from "./worker-client.ts";

/** Answers the requests of the thread that started this one. */
export function serveRequests<Request>(handle: (request: Request) => unknown): void {
  parentPort?.on("message", ({ id, request }: Call<Request>) => {
    answerTo(id, request, handle).then(
      (answer) => parentPort?.postMessage(answer),
      // The value cannot be cloned.
      (error: unknown) => parentPort?.postMessage({ id, error: wireError(error) }),
    );
  });
}

async function answerTo<Request>(
  id: number,
  request: Request,
  handle: (request: Request) => unknown,
): Promise<Answer> {
  try {
    return { id, value: await handle(request) };
  } catch (error) {
    return { id, error: wireError(error) };
  }
}

function wireError(error: unknown): WireError {
  if (isSkeinError(error)) {
    const { code, message, field, details, retryAfterMs } = error;
    return { code, message, field, details, retryAfterMs, cause: plainCause(error.cause) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "internal",
    message,
    field: undefined,
    details: undefined,
    retryAfterMs: undefined,
    cause: plainCause(error),
  };
}

function plainCause(cause: unknown): unknown {
  return cause instanceof Error ? new Error(cause.message) : undefined;
}
