import type { OxfmtConfig } from "oxfmt";

const config: OxfmtConfig = {
  printWidth: 100,
  ignorePatterns: ["dist", "coverage"],
};

export default config;
