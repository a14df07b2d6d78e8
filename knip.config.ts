import type { KnipConfig } from "knip";

const config: KnipConfig = {
  // A type that its own file uses is part of the signature of something else there.
  ignoreExportsUsedInFile: { interface: true, type: true },
  workspaces: {
    ".": {
      entry: [
        "src/index.ts",
        "src/testing/index.ts",
        "src/**/*-worker.ts",
        "test/**/*.ts",
        "bench/*.ts",
        "examples/**/*.ts",
      ],
      project: ["*.ts", "src/**/*.ts", "test/**/*.ts", "bench/**/*.ts", "examples/**/*.ts"],
    },
  },
};

export default config;
