import { sqliteAdapter, testConformance } from "./conformance.test-support.ts";

testConformance(sqliteAdapter("threaded sqlite", true));
