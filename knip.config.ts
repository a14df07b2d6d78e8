import type { KnipConfig } from "knip";

const config: KnipConfig = {
  // A type that its own file uses is part of the signature of something else there.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Of the system, used where it has them: to pin a process to a core, and to make a small disk.
  ignoreBinaries: ["taskset", "mount", "umount"],
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
