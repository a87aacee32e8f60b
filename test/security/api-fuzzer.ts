/** Requests made from the API's own description: nearly right ones and hostile ones, always the same for the same seed. */
import fc from "fast-check";
import { exampleOf, type JsonSchema } from "../../src/http/openapi-example";

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: JsonSchema;
  example?: unknown;
}

export interface Operation {
  method: string;
  path: string;
  operationId: string;
  summary?: string;
  tags?: string[];
  parameters: Parameter[];
  body: JsonSchema | null;
  responses: Record<string, unknown>;
}

export interface FuzzRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

interface Described {
  paths: Record<string, Record<string, Record<string, unknown>>>;
}

export function operationsOf(document: Described): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const content = (operation.requestBody as { content?: Record<string, { schema: JsonSchema }> } | undefined)?.content;
      return {
        method: method.toUpperCase(),
        path,
        operationId: String(operation.operationId),
        summary: operation.summary as string,
        tags: operation.tags as string[],
        parameters: (operation.parameters ?? []) as Parameter[],
        body: content?.["application/json"]?.schema ?? null,
        responses: operation.responses as Record<string, unknown>,
      };
    }),
  );
}

/** Whatever has broken somebody's API before. */
const HOSTILE_TEXTS = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u202egnp.exe",
  "🦙".repeat(50),
  "x".repeat(70_000),
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "%00",
  "%",
  "'; DROP TABLE contacts; --",
  '{"$gt":""}',
  "$where",
  "[object Object]",
  "__proto__",
  "constructor",
  "<script>alert(1)</script>",
  "{{7*7}}#{7*7}",
  "NaN",
  "-1",
  "1e999",
  "9".repeat(40),
  "null",
  "undefined",
  "true",
  "2026-02-30",
  "ffffffffffffffffffffffff",
  "019345f2c1a4000a5be1f00d",
  "019345F2C1A4000A5BE1F00D",
  Buffer.from('["a",{"$gt":1}]').toString("base64url"),
  Buffer.from("[null]").toString("base64url"),
  Buffer.from('["ffffffffffffffffffffffff"]').toString("base64url"),
  Buffer.from('[1e308,"ffffffffffffffffffffffff"]').toString("base64url"),
];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
);

const json: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    2 ** 53,
    [],
    {},
    [[]],
    [null],
    { $gt: "" },
    { $ne: null },
  ),
  fc.constantFrom<unknown>(
    { $where: "sleep(1000)" },
    { __proto__x: 1 },
    { toString: 1 },
    { length: -1 },
    { _id: { $exists: true } },
  ),
  fc.integer(),
  fc.double(),
  fc.array(text, { maxLength: 4 }),
  fc.constant(nested(20)),
);

function nested(depth: number): unknown {
  return depth === 0 ? {} : { a: [nested(depth - 1)] };
}

/** A value that is right except in one place, or not at all. */
function bodyOf(schema: JsonSchema): fc.Arbitrary<string> {
  const valid = exampleOf(schema);
  const places = placesIn(valid);
  const changed = fc
    .tuple(fc.constantFrom(...places), json)
    .map(([place, value]) => JSON.stringify(withValue(valid, place, value)));
  const without = fc.constantFrom(...places).map((place) => JSON.stringify(withValue(valid, place, undefined)));
  const more = fc
    .tuple(fc.constantFrom("extra", "_id", "$set", "role", "isAdmin", "toString"), json)
    .map(([name, value]) => JSON.stringify(isObject(valid) ? { ...valid, [name]: value } : [valid, value]));
  const spelled = optionalFields(schema).map((fields) => JSON.stringify(isObject(valid) ? { ...valid, ...fields } : fields));
  return fc.oneof(
    { weight: 4, arbitrary: changed },
    { weight: 3, arbitrary: spelled },
    { weight: 1, arbitrary: without },
    { weight: 1, arbitrary: more },
    { weight: 1, arbitrary: json.map((value) => JSON.stringify(value) ?? "null") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        "{",
        "nul",
        '{"a":1,}',
        "\ufeff{}",
        '{"__proto__":{"x":1}}',
        '{"constructor":{"prototype":{"x":1}}}',
        "[".repeat(100_000),
        '{"a":'.repeat(50_000),
        JSON.stringify(valid).slice(0, -1),
        `${JSON.stringify(valid)}${JSON.stringify(valid)}`,
      ),
    },
  );
}

/** The fields of the schema, each sometimes there, with its example or something hostile. */
function optionalFields(schema: JsonSchema): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(schema.properties ?? {});
  return fc
    .tuple(...entries.map(([, field]) => fc.option(fc.oneof(fc.constant(exampleOf(field)), json), { nil: undefined })))
    .map((values) => Object.fromEntries(entries.map(([name], index) => [name, values[index]])));
}

type Place = readonly (string | number)[];

function placesIn(value: unknown, at: Place = []): Place[] {
  if (value === null || typeof value !== "object") return [at];
  return [
    at,
    ...Object.entries(value).flatMap(([name, item]) => placesIn(item, [...at, Array.isArray(value) ? Number(name) : name])),
  ];
}

function withValue(value: unknown, [step, ...rest]: Place, next: unknown): unknown {
  if (step === undefined) return next;
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? withValue(item, rest, next) : item));
  return { ...(value as object), [step]: withValue((value as Record<string, unknown>)[step], rest, next) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const TYPES = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/xml",
  "application/json; charset=utf-16",
];

/** Requests to one operation. Path parameters are mostly real ids, so that the handlers are reached. */
export function requestsTo(operation: Operation, ids: readonly string[]): fc.Arbitrary<FuzzRequest> {
  const { method, parameters, body } = operation;
  const named = (where: Parameter["in"]) => parameters.filter((one) => one.in === where);
  const id = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: text });
  const path = fc
    .tuple(
      ...named("path").map((one) =>
        fc.oneof({ weight: 1, arbitrary: fc.constant(exampleOf(one.schema)) }, { weight: 3, arbitrary: id }),
      ),
    )
    .map((values) =>
      named("path").reduce((url, one, index) => url.replace(`{${one.name}}`, safe(String(values[index]))), operation.path),
    );
  const pairs = named("query").map((one) =>
    fc.option(
      fc.oneof(fc.constant(String(exampleOf(one.schema))), text).map((value) => `${one.name}=${safe(value)}`),
      { nil: "", freq: 2 },
    ),
  );
  const odd = fc.constantFrom(
    "",
    "",
    "",
    "extra=1",
    "limit=1&limit=2",
    "cursor[$gt]=",
    "__proto__[x]=1",
    "%",
    "a=%zz",
    "=",
    "&&&",
  );
  const query = fc.tuple(...pairs, odd).map((parts) => parts.filter(Boolean).join("&"));
  const hasBody = method !== "GET" && method !== "HEAD";
  const content = hasBody
    ? body
      ? bodyOf(body)
      : fc.constantFrom<string | null>(null, "{}", '{"a":1}', "{")
    : fc.constant(null);
  const type = fc.oneof(
    { weight: 9, arbitrary: fc.constant("application/json") },
    { weight: 1, arbitrary: fc.constantFrom(...TYPES) },
  );
  const headers = fc.constantFrom<Record<string, string>>(
    {},
    {},
    {},
    { "idempotency-key": "x" },
    { "if-match": "nonsense" },
    { range: "bytes=9-1" },
  );
  return fc.tuple(path, query, content, type, headers).map(([url, asked, sent, contentType, more]) => ({
    method,
    path: asked === "" ? url : `${url}?${asked}`,
    headers: sent === null ? more : { ...more, "content-type": contentType },
    body: sent,
  }));
}

/** As a client would escape it; what cannot be escaped is left as it is. */
function safe(value: string): string {
  return encodeURIComponent(value.toWellFormed()).slice(0, 3_000);
}
