import type { Route } from "./route.ts";

interface Branch {
  readonly named: Map<string, Branch>;
  /** For any segment that has no branch of its own. */
  any: Branch | undefined;
  readonly routes: Map<string, Leaf>;
}

interface Leaf {
  readonly route: Route;
  /** Where the parameters stand among the segments. */
  readonly places: readonly (readonly [name: string, place: number])[];
}

export interface FoundRoute {
  readonly route: Route;
  /** The path's parameters as they stand in it. */
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a method and a path without escapes. A segment's own name wins over a parameter. */
export type FindRoute = (method: string, path: string) => FoundRoute | undefined;

export function routeTree(routes: readonly Route[], basePath: string): FindRoute {
  const root = newBranch();
  for (const route of routes) {
    const segments = (basePath + route.path).split("/");
    const places = segments.flatMap((segment, place) =>
      segment.startsWith("{") ? [[segment.slice(1, -1), place] as const] : [],
    );
    branchFor(root, segments).routes.set(route.method, { route, places });
  }
  return (method, path) => {
    const segments = path.split("/");
    const leaf = find(root, method, segments, 0);
    if (leaf === undefined) return undefined;
    const params: Record<string, string> = {};
    for (const [name, place] of leaf.places) params[name] = segments[place] ?? "";
    return { route: leaf.route, params };
  };
}

function newBranch(): Branch {
  return { named: new Map(), any: undefined, routes: new Map() };
}

function branchFor(root: Branch, segments: readonly string[]): Branch {
  let branch = root;
  for (const segment of segments)
    if (segment.startsWith("{")) branch = branch.any ??= newBranch();
    else {
      const next = branch.named.get(segment) ?? newBranch();
      branch.named.set(segment, next);
      branch = next;
    }
  return branch;
}

function find(
  branch: Branch,
  method: string,
  segments: readonly string[],
  at: number,
): Leaf | undefined {
  const segment = segments[at];
  if (segment === undefined) return branch.routes.get(method);
  const named = branch.named.get(segment);
  const found = named && find(named, method, segments, at + 1);
  return found ?? (branch.any && find(branch.any, method, segments, at + 1));
}
