import type { EndInput } from "../../engine/lifecycle/end-input.ts";
import type { UpdateInput } from "../../engine/engine.ts";
import type { EndFields } from "../../protocol/lifecycle-requests.ts";

export function endFromWire(fields: EndFields): EndInput {
  const { expires_in: expiresIn, expires_at: expiresAt, sliding, ephemeral } = fields;
  return {
    ...(expiresIn !== undefined && { expiresIn }),
    ...(expiresAt !== undefined && { expiresAt: Date.parse(expiresAt) }),
    ...(sliding !== undefined && { sliding }),
    ...(ephemeral !== undefined && { ephemeral }),
  };
}

interface NewEnd extends Omit<EndFields, "expires_in" | "expires_at"> {
  readonly expires_in?: EndFields["expires_in"] | null;
  readonly expires_at?: string | null;
}

export function newEndFromWire({
  expires_in: expiresIn,
  expires_at: expiresAt,
  ...rest
}: NewEnd): Pick<UpdateInput, keyof EndInput> {
  if (expiresIn === null || expiresAt === null) return { expiresIn: null };
  return endFromWire({
    ...rest,
    ...(expiresIn !== undefined && { expires_in: expiresIn }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  });
}
