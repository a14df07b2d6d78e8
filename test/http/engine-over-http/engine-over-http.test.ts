import { sqliteAdapter, testEngine } from "../../engine/engine.test-support.ts";
import { LEFT_OUT } from "./left-out.ts";
import { serveEngine } from "./serve-engine.ts";

testEngine({
  ...sqliteAdapter("sqlite behind HTTP", false),
  engineOver: serveEngine,
  unable: LEFT_OUT,
});
