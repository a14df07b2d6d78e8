import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nativeRoutes } from "../../src/http/native/native-routes.ts";
import type { Loose } from "./loose.ts";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

describe("what the server says of itself", () => {
  test("the OpenAPI document has every route, and every reference leads somewhere", async () => {
    const { status, body } = await server.get("/openapi.json");
    expect([status, body.openapi]).toEqual([200, "3.1.0"]);
    for (const { method, path, id, status: success } of nativeRoutes) {
      const operation = body.paths[path]?.[method.toLowerCase()];
      expect(operation?.operationId, `${method} ${path}`).toBe(id);
      expect(operation.responses).toHaveProperty(String(success));
    }
    const text = JSON.stringify(body);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to ?? "");
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) {
      const found = reference
        .replace(/^#\//, "")
        .split("/")
        .reduce((at: Loose, key) => at?.[key], body);
      expect(found, reference).toBeTypeOf("object");
    }
  });

  test("operation ids are unique", () => {
    const ids = nativeRoutes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("limits and patterns are in the document", async () => {
    const { body } = await server.get("/openapi.json");
    const { CreateThread, PostMessage } = body.components.schemas;
    expect(CreateThread.properties.id).toMatchObject({ maxLength: 128 });
    expect(CreateThread.properties.title).toMatchObject({ maxLength: 500 });
    expect(CreateThread.additionalProperties).toBe(false);
    expect(PostMessage.required).toEqual(["message"]);
    const limit = body.paths["/threads"].get.parameters.find(
      ({ name }: { name?: string }) => name === "limit",
    );
    expect(limit.schema).toMatchObject({ type: "integer", minimum: 1, maximum: 200 });
  });

  test("the reference page names every route and loads nothing", async () => {
    const { headers, body } = await server.get("/docs");
    expect(headers.get("content-type")).toContain("text/html");
    for (const { path } of nativeRoutes) expect(body).toContain(`<code>${path}</code>`);
    expect(body).not.toMatch(/<script|src=|https?:\/\/(?!a\.example)/);
  });

  test("the root says what runs here", async () => {
    const { status, body } = await server.get("/");
    expect(status).toBe(200);
    expect(body).toContain("Skein");
    expect(body).toContain("/api/v1/docs");
  });

  test("health is ok", async () => {
    const { body } = await server.get("/health");
    expect(body).toEqual({ status: "ok", version: "0.0.0", store: "memory", model: "demo" });
  });
});
