import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { sqliteAdapter, testConformance } from "./conformance.test-support.ts";

testConformance({ name: "memory", openStore: async () => memoryStore() });
testConformance(sqliteAdapter("sqlite", false));
