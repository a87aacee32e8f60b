/** The description of the API leaves no route out. What each description has to say is held in test/security/fuzz.test.ts. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createTestApp, type TestApp } from "../helpers/test-app";

setDefaultTimeout(30_000);

let app: TestApp;
let described: string[];
beforeAll(async () => {
  app = await createTestApp();
  const answer = await fetch(`${app.url}/api/v2/openapi.json`);
  const { paths } = (await answer.json()) as { paths: Record<string, object> };
  described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
});
afterAll(() => app[Symbol.asyncDispose]());

test("every route of the API is in it, and nothing else", () => {
  const real = app.routes
    .filter(({ method, path }) => path.startsWith("/api/v2/") && !path.includes("*") && method !== "WS" && method !== "OPTIONS")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}").replace(/(.)\/$/, "$1")}`)
    .filter((route) => route !== "GET /api/v2/openapi.json");
  const own = described.filter((route) => route.includes(" /api/v2/"));
  expect(own.sort()).toEqual([...new Set(real)].sort());
  expect(own.length).toBeGreaterThan(150);
});
