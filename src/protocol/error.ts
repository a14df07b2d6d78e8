import { z } from "zod";
import { ERROR_CODES } from "../model/error-codes.ts";
import type { ErrorCode } from "../model/error-codes.ts";
import type { JsonObject } from "../model/json.ts";
import { named, wireJsonObject } from "./schema.ts";

/** The body of every answer that is not a success. */
export interface WireError {
  readonly error: {
    readonly code: ErrorCode;
    /** For people. */
    readonly message: string;
    /** What in the request is wrong, in the wire's spelling. */
    readonly field?: string;
    readonly details?: JsonObject;
  };
}

export const wireError: z.ZodType = named(
  "Error",
  z.object({
    error: z.object({
      code: z.string().meta({ enum: Object.keys(ERROR_CODES) }),
      message: z.string(),
      field: z.string().exactOptional(),
      details: wireJsonObject.exactOptional(),
    }),
  }),
);
