import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { sqliteAdapter, testEngine } from "./engine.test-support.ts";

testEngine({ name: "memory", open: (beside) => beside ?? memoryStore() });
testEngine(sqliteAdapter("sqlite", false));
