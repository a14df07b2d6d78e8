/** A server's threads over HTTP, for browsers and programs. */
export { isSkeinError, SkeinError } from "../model/error.ts";
export { createClient } from "./client.ts";
export type { Page, Query, SkeinClient, WriteCall } from "./client.ts";
export type { ClientOptions } from "./request.ts";
