import type { Skein } from "../agents/skein.ts";
import type { TrackedWorkspace } from "../files/tracked-workspace.ts";
import type { Settings } from "./settings.ts";

/** The workspace that is configured, connected; `undefined` when there is none.
 *  @param root  of a flag, which wins */
export async function workspaceFor(
  skein: Skein,
  { workspace }: { readonly workspace?: Settings["workspace"] },
  root?: string,
): Promise<TrackedWorkspace | undefined> {
  const chosen = root ?? workspace;
  if (chosen === undefined) return undefined;
  if (typeof chosen === "string") {
    const { trackedWorkspace } = await import("../files/tracked-workspace.ts");
    return trackedWorkspace({ root: chosen, skein });
  }
  if (!isTracked(chosen)) return undefined;
  chosen.connect(skein);
  return chosen;
}

function isTracked(value: object): value is TrackedWorkspace {
  return "rollback" in value && "connect" in value;
}
