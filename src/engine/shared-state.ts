import { checkJson } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import { isJsonObject } from "../model/json.ts";
import type { JsonObject } from "../model/json.ts";
import type { Principal } from "../model/principal.ts";
import type { ThreadHead } from "../model/thread.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import type { CallOptions, WriteOptions } from "./engine.ts";
import type { SharedState } from "./run-calls.ts";

export async function sharedState(
  core: Core,
  base: Principal,
  threadId: string,
  options?: CallOptions,
): Promise<SharedState> {
  return stateOf(await readHead(core, principalOf(base, options), threadId));
}

export async function patchState(
  core: Core,
  base: Principal,
  threadId: string,
  patch: JsonObject,
  options: WriteOptions & { readonly expectedState?: number } = {},
): Promise<SharedState> {
  const { expectedState, ...rest } = options;
  if (!isJsonObject(patch))
    throw new SkeinError("invalid_request", "patch must be an object.", { field: "patch" });
  checkJson(patch, "patch");
  if (expectedState !== undefined && (!Number.isInteger(expectedState) || expectedState < 0))
    throw new SkeinError("invalid_request", "expected_state must be a whole number of 0 or more.", {
      field: "expected_state",
    });
  const command = {
    type: "state.patch",
    patch,
    ...(expectedState !== undefined && { expectedState }),
  } as const;
  const principal = principalOf(base, options);
  const { head } = await write(core, { principal, threadId, command, options: rest });
  return stateOf(head);
}

function stateOf({ profile }: ThreadHead): SharedState {
  return { value: profile.state ?? {}, version: profile.stateVersion ?? 0 };
}
