/** The newest messages of a branch, which a trim is to keep. */
export interface Window {
  readonly branch: string;
  /** Its first message; `null`: the whole path. */
  readonly start: { readonly messageId: string; readonly depth: number } | null;
}

/** Makes windows agree: where one begins on the path of another one that begins higher up, both begin there. So
 *  everything between a floor and any message behind it is kept, whichever branch it was kept for.
 *  @param isOnPath  whether a message is on the path of a branch */
export function settleWindows(
  windows: readonly Window[],
  isOnPath: (messageId: string, branch: string) => boolean,
): readonly Window[] {
  const settled = windows.map((window) => ({ ...window }));
  for (let isStable = false; !isStable;) {
    isStable = true;
    for (const window of settled)
      for (const other of settled) {
        const { start } = window;
        if (start === null || depthOf(other) >= start.depth) continue;
        if (!isOnPath(start.messageId, other.branch)) continue;
        window.start = other.start;
        isStable = false;
      }
  }
  return settled;
}

function depthOf({ start }: Window): number {
  return start?.depth ?? 0;
}
