import { describe } from "vitest";
import { localBus } from "../../src/bus/local-bus.ts";
import { postgresBus } from "../../src/store/postgres/postgres-bus.ts";
import { redisBus } from "../../src/store/redis/redis-bus.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { postgresUrl, redisUrl } from "../support/servers/servers.ts";
import { testBus } from "./bus-cases.ts";

describe("the bus inside of a process", () => {
  testBus({
    open: async () => {
      const bus = localBus();
      return [bus, bus];
    },
    hasText: true,
  });
});

await describeServer("postgres", "the bus over PostgreSQL", () => {
  testBus({
    open: async () => {
      const url = await postgresUrl();
      return [postgresBus(url), postgresBus(url)];
    },
    hasText: false,
  });
});

await describeServer("redis", "the bus over Redis", () => {
  testBus({
    open: async () => {
      const url = await redisUrl();
      return [redisBus(url), redisBus(url)];
    },
    hasText: true,
  });
});
