/** Bodies that attack the reader instead of the rules, sent to every route of the description that takes one: each is refused before anything runs. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { exampleOf } from "../../src/http/openapi-example";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { type Operation, operationsOf } from "./api-fuzzer";

setDefaultTimeout(120_000);

let app: TestApp;
/** Those that read JSON: files are read by their own controllers, and Meta's door is judged by its signature. */
let operations: Operation[] = [];
beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
  const document = (await (await fetch(`${app.url}/api/v2/openapi.json`)).json()) as Parameters<typeof operationsOf>[0];
  operations = operationsOf(document).filter(({ body }) => body !== null);
});
afterAll(() => app[Symbol.asyncDispose]());

const pathOf = ({ path, parameters }: Operation): string =>
  parameters
    .filter((one) => one.in === "path")
    .reduce((url, { name, schema }) => url.replace(`{${name}}`, encodeURIComponent(String(exampleOf(schema)))), path);

async function send(operation: Operation, body: string | ReadableStream, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(app.url + pathOf(operation), {
    method: operation.method,
    headers: { authorization: `Bearer ${app.api.token}`, "content-type": "application/json", ...headers },
    body,
  });
  const { code } = (await answer.json()) as { code?: string };
  return `${answer.status} ${code}`;
}

/** The example of a body with one more field, written as text: an object would lose it. */
function withField({ body }: Operation, field: string): string {
  const example = JSON.stringify(exampleOf(body ?? {}) ?? {});
  return example === "{}" || !example.startsWith("{") ? `{${field}}` : `${example.slice(0, -1)},${field}}`;
}
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const deepList = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

const ATTACKS: [string, (operation: Operation) => string, string][] = [
  ["a prototype", (one) => withField(one, '"__proto__":{"isAdmin":true,"role":"admin"}'), "400 request.forbidden-key"],
  [
    "a prototype in other letters",
    (one) => withField(one, '"\\u005f\\u005fproto__":{"isAdmin":true}'),
    "400 request.forbidden-key",
  ],
  [
    "a prototype further inside",
    (one) => withField(one, '"x":[{"y":{"__proto__":{"isAdmin":true}}}]'),
    "400 request.forbidden-key",
  ],
  ["a constructor", (one) => withField(one, '"constructor":{"prototype":{"isAdmin":true}}'), "400 request.forbidden-key"],
  ["another toString", (one) => withField(one, '"toString":"x"'), "400 request.forbidden-key"],
  ["depth of objects", (one) => withField(one, `"x":${nested(40)}`), "400 request.too-complex"],
  ["depth of lists", () => deepList(100_000), "400 request.too-complex"],
  ["an endless list", (one) => withField(one, `"x":[${"0,".repeat(10_001)}0]`), "400 request.too-complex"],
  [
    "endless fields",
    (one) => withField(one, `"x":{${Array.from({ length: 1_001 }, (_, at) => `"f${at}":0`).join(",")}}`),
    "400 request.too-complex",
  ],
  ["no JSON", () => '{"a":', "400 request.malformed"],
  ["two values", () => "{}{}", "400 request.malformed"],
  ["a number too large to be one", (one) => withField(one, '"unheardOf":1e99999'), "422 request.invalid"],
];

test.each(ATTACKS)("%s", async (_, bodyOf, wanted) => {
  const taken: string[] = [];
  for (const operation of operations) {
    const got = await send(operation, bodyOf(operation));
    // Who may not be asked at all is refused before the body is looked at.
    if (got !== wanted) taken.push(`${operation.method} ${operation.path}: ${got}`);
  }
  expect(taken).toEqual([]);
  expect(operations.length).toBeGreaterThan(30);
  expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  expect(String({})).toBe("[object Object]");
});

test("a body larger than its route needs is refused by its announced length", async () => {
  const large = `{"x":"${"y".repeat(4 * 1024 * 1024)}"}`;
  const taken: string[] = [];
  for (const operation of operations) {
    if (operation.path.startsWith("/api/v2/sandbox/")) continue;
    const got = await send(operation, large);
    if (got !== "413 request.too-large") taken.push(`${operation.method} ${operation.path}: ${got}`);
  }
  expect(taken).toEqual([]);
});

test("a body of unknown length is not read", async () => {
  const taken: string[] = [];
  for (const operation of operations) {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("{}"));
        controller.close();
      },
    });
    const got = await send(operation, stream);
    if (got !== "400 request.malformed") taken.push(`${operation.method} ${operation.path}: ${got}`);
  }
  expect(taken).toEqual([]);
});

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/xml",
  "application/json5",
])("%s is no JSON", async (type) => {
  const taken: string[] = [];
  for (const operation of operations) {
    const got = await send(operation, "{}", { "content-type": type });
    if (got !== "415 request.media-type") taken.push(`${operation.method} ${operation.path}: ${got}`);
  }
  expect(taken).toEqual([]);
});
