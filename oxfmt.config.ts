import type { OxfmtConfig } from "oxfmt";

const config: OxfmtConfig = {
  printWidth: 100,
  // Tables in Markdown are read as they are; padding them makes every change touch every row.
  ignorePatterns: ["dist", "coverage", "**/*.md"],
};

export default config;
