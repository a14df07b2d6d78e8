import { sqliteAdapter, testEngine } from "./engine.test-support.ts";

testEngine(sqliteAdapter("sqlite with threads", true));
