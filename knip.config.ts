import type { KnipConfig } from "knip";

const config: KnipConfig = {
  // A type that its own file uses is part of the signature of something else there.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Pins a process to a core where the system has it.
  ignoreBinaries: ["taskset"],
  workspaces: {
    ".": {
      entry: [
        "src/testing/stub-model/main.ts",
        "src/**/*-worker.ts",
        "test/**/*.ts",
        "bench/*.ts",
        "bench/support/*-server.ts",
        "examples/**/*.ts",
      ],
      project: ["*.ts", "src/**/*.ts", "test/**/*.ts", "bench/**/*.ts", "examples/**/*.ts"],
    },
  },
};

export default config;
