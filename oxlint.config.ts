import type { OxlintConfig, OxlintOverride } from "oxlint";
import { type Layer, layers, publicApi } from "./architecture.ts";

interface ImportPattern {
  readonly regex?: string;
  readonly group?: string[];
  readonly message: string;
}

const climb = String.raw`^(\.{1,2}/)+`;

/** The spellings of `target` in a relative import of a file in `folder`: from `src/`, or from a shared parent. */
function spellings(folder: string, target: string): string[] {
  const from = folder.split("/");
  const to = target.split("/");
  let shared = 0;
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared++;
  return shared === 0 ? [target] : [target, to.slice(shared).join("/")];
}

function forbiddenFolders(layer: Layer): ImportPattern {
  const forbidden = layers
    .map(({ folder }) => folder)
    .filter((folder) => folder !== layer.folder && !layer.mayImport.includes(folder))
    .flatMap((folder) => spellings(layer.folder, folder));
  return {
    regex: `${climb}(${forbidden.join("|")})/`,
    message: `src/${layer.folder} may not import this folder: see architecture.ts.`,
  };
}

function forbiddenPackages(layer: Layer): ImportPattern {
  const allowed = layer.packages.flatMap((name) => [`!${name}`, `!${name}/**`]);
  const sqlite = layer.packages.includes("node:sqlite") ? [] : ["node:sqlite"];
  return {
    group: ["*", "!.", "!..", "!./**", "!../**", ...allowed, ...sqlite],
    message: `src/${layer.folder} may not import this package: see architecture.ts.`,
  };
}

// A later override replaces the rule of an earlier one, so every list is complete.
function boundary(layer: Layer, files: string): OxlintOverride {
  const patterns: ImportPattern[] = [
    forbiddenFolders(layer),
    {
      regex: String.raw`^\..*/index(\.[jt]s)?$`,
      message: "Import the file that defines it, never index.ts.",
    },
    {
      regex: `${climb}(src|dist|test|bench|examples|tools|node_modules)/`,
      message: "Source imports only source, by the path inside src/.",
    },
    {
      regex: String.raw`[^./]/\.\.?/`,
      message: "Write the path without detours, so that its layer is visible.",
    },
    // Last: a name that this group lets through ends the comparison.
    forbiddenPackages(layer),
  ];
  return { files: [files], rules: { "no-restricted-imports": ["error", { patterns }] } };
}

const outermostFirst = layers.toSorted((a, b) => a.folder.length - b.folder.length);

const config: OxlintConfig = {
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "vitest"],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: "error" },
  categories: { correctness: "error" },
  ignorePatterns: ["dist", "coverage", "web/dist"],
  rules: {
    eqeqeq: ["error", "always", { null: "ignore" }],
    "max-lines": ["error", { max: 400 }],
    "no-var": "error",
    "prefer-const": "error",
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "import/no-default-export": "error",
    "import/no-self-import": "error",
    "typescript/ban-ts-comment": "error",
    "typescript/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
    "typescript/no-explicit-any": "error",
    "typescript/no-floating-promises": "error",
    "typescript/no-import-type-side-effects": "error",
    "typescript/no-misused-promises": "error",
    "typescript/no-namespace": "error",
    "typescript/no-unnecessary-type-assertion": "error",
    "typescript/only-throw-error": "error",
    "typescript/switch-exhaustiveness-check": [
      "error",
      { considerDefaultExhaustiveForUnions: true },
    ],
    "unicorn/prefer-node-protocol": "error",
    // Conformance cases assert inside the case, not in the callback of `test`.
    "vitest/expect-expect": "off",
    // Properties assert inside loops and branches, and name the case in the second argument.
    "vitest/no-conditional-expect": "off",
    "vitest/valid-expect": ["error", { maxArgs: 2 }],
    "vitest/require-mock-type-parameters": "off",
    "vitest/no-focused-tests": "error",
  },
  overrides: [
    { files: ["src/**/*.ts"], rules: { "no-console": "error" } },
    { files: ["src/cli/**/*.ts", "src/testing/**/*.ts"], rules: { "no-console": "off" } },
    ...outermostFirst.map((layer) => boundary(layer, `src/${layer.folder}/**/*.ts`)),
    boundary(publicApi, "src/index.ts"),
    {
      files: ["src/**/*.test.ts", "src/**/*.test-support.ts"],
      rules: { "no-restricted-imports": "off", "no-console": "off" },
    },
    { files: ["*.config.ts"], rules: { "import/no-default-export": "off" } },
  ],
};

export default config;
