/** What one check of the doctor found. `warn` does not fail. */
export interface Finding {
  /** Stable, for programs. */
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  /** A sentence or a value, for people. */
  readonly detail: string;
}

export function ok(name: string, detail: string): Finding {
  return { name, status: "ok", detail };
}

export function warn(name: string, detail: string): Finding {
  return { name, status: "warn", detail };
}

export function fail(name: string, detail: string): Finding {
  return { name, status: "fail", detail };
}

/** What `check` finds; whatever it throws is a failure under `name`. */
export async function attempt(name: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return fail(name, error instanceof Error ? error.message : String(error));
  }
}
