import { agent, defineConfig } from "skein";
import type { SkeinConfig } from "skein";

const config: SkeinConfig = defineConfig({
  agents: [agent({ name: "my-agent", instructions: "You explain things simply." })],
});

export default config;
