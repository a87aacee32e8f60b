/**
 * Hostile requests to every route of the API's own description, as an admin: nothing is ever our own fault, every refusal says what
 * and where, and what is stored stays whole. Set FUZZ_SEED to repeat a run, FUZZ_RUNS for more requests a route.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { exampleOf } from "../../src/http/openapi-example";
import { ADMIN } from "../helpers/server-process";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { type FuzzRequest, type Operation, operationsOf, requestsTo } from "./api-fuzzer";

setDefaultTimeout(300_000);

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_124);
const RUNS = Number(process.env.FUZZ_RUNS ?? 200);
/** Ends our own session, or belongs to Meta; their own tests attack them. */
const LEFT_OUT = /^\/api\/v2\/webhook/;
/** Would rightly remove what is looked for at the end: attacked with the ids of nobody. */
const REMOVES = /\/erase$|^DELETE \/api\/v2\/messages\/\{id\}$/;
const STRANGERS = ["019345f2c1a4000a5be1f00d"];
/** Faults that are those of the other side: the sandbox Graph API of the test knows only sending. */
const OTHER_SIDE = new Set(["graph.unavailable", "media.unavailable", "assistant.unavailable", "url.unreachable"]);

/** Answers of another server, which is not there in this test. */
const ASKS_ELSEWHERE = /single-sign-on|\/assistant\/models$/;

let app: TestApp;
let operations: Operation[] = [];
let document: {
  components: { schemas: Record<string, unknown> };
  paths: Record<string, Record<string, Record<string, unknown>>>;
};
let ids: string[] = [];

beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
  await app.receive(
    { from: "51987654321", id: "wamid.fuzz.1", text: "hola" },
    { from: "51987654322", id: "wamid.fuzz.2", text: "buenas" },
  );
  await until(async () => (await app.api.data<unknown[]>("/contacts")).length === 2);
  document = (await (await fetch(`${app.url}/api/v2/openapi.json`)).json()) as typeof document;
  operations = operationsOf(document as never).filter(({ path }) => !LEFT_OUT.test(path));
  const lists = await Promise.all(
    ["/contacts", "/conversations", "/channels"].map((path) => app.api.data<{ id: string }[]>(path)),
  );
  const [conversation] = lists[1] ?? [];
  const messages = await app.api.data<{ id: string }[]>(`/conversations/${conversation?.id}/messages`);
  ids = [...lists.flat(), ...messages].map(({ id }) => id);
});
afterAll(() => app[Symbol.asyncDispose]());

interface Answer {
  status: number;
  text: string;
  type: string;
}

async function send({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
  const response = await fetch(app.url + path, {
    method,
    headers: { authorization: `Bearer ${app.api.token}`, ...headers },
    ...(body === null ? {} : { body }),
    redirect: "manual",
  });
  return { status: response.status, text: await response.text(), type: response.headers.get("content-type") ?? "" };
}

const shown = ({ method, path, headers, body }: FuzzRequest, { status, text }: Answer) =>
  `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${body?.slice(0, 500)}\n  -> ${status} ${text.slice(0, 600)}`;

/** What is wrong with an answer; null when nothing is. */
function faultOf({ status, text, type }: Answer): string | null {
  if (status < 400) return null;
  let body: { success?: unknown; code?: unknown; error?: unknown; requestId?: unknown };
  try {
    body = JSON.parse(text);
  } catch {
    // Bun itself refuses what is no HTTP: without a word.
    return status === 400 || status === 431 || status === 414 || status === 416 ? null : `no JSON (${type})`;
  }
  if (status >= 500 && !OTHER_SIDE.has(String(body.code))) return "a fault of ours";
  if (body.success !== false || typeof body.code !== "string" || typeof body.error !== "string") return "no envelope";
  return typeof body.requestId === "string" && body.requestId !== "" ? null : "no request id";
}

async function stillSignedIn(): Promise<void> {
  if ((await app.api.get("/auth/me")).status === 401) await app.api.signIn(ADMIN);
}

test(`hostile requests to every route (seed ${SEED}, ${RUNS} a route)`, async () => {
  const found: string[] = [];
  let count = 0;
  for (const operation of operations) {
    await stillSignedIn();
    const requests = fc.sample(requestsTo(operation, REMOVES.test(`${operation.method} ${operation.path}`) ? STRANGERS : ids), {
      numRuns: RUNS,
      seed: SEED,
    });
    for (let at = 0; at < requests.length; at += 16) {
      await Promise.all(
        requests.slice(at, at + 16).map(async (request) => {
          const answer = await send(request);
          count++;
          const fault = faultOf(answer);
          if (fault && found.length < 30) found.push(`${fault}: ${shown(request, answer)}`);
        }),
      );
    }
  }
  console.log(`${count} requests to ${operations.length} routes`);
  expect(found).toEqual([]);
  expect(operations.length).toBeGreaterThan(60);
});

describe("fields nobody knows", () => {
  test("are refused in every body and every query", async () => {
    const taken: string[] = [];
    for (const operation of operations) {
      await stillSignedIn();
      const { method, body } = operation;
      const path = operation.parameters
        .filter((one) => one.in === "path")
        .reduce((url, { name, schema }) => url.replace(`{${name}}`, String(exampleOf(schema))), operation.path);
      const headers = { "content-type": "application/json" };
      if (body) {
        const example = exampleOf(body);
        const request = { method, path, headers, body: JSON.stringify({ ...(example as object), unheardOf: 1 }) };
        const answer = await send(request);
        if (answer.status < 400) taken.push(shown(request, answer));
      }
      if (operation.parameters.some((one) => one.in === "query")) {
        const request = { method, path: `${path}?unheardOf=1`, headers: {}, body: null };
        const answer = await send(request);
        if (answer.status < 400) taken.push(shown(request, answer));
      }
    }
    expect(taken).toEqual([]);
  });

  test("operators in the place of values are refused everywhere", async () => {
    const taken: string[] = [];
    for (const operation of operations) {
      const { method, body } = operation;
      const path = operation.parameters
        .filter((one) => one.in === "path")
        .reduce((url, { name, schema }) => url.replace(`{${name}}`, String(exampleOf(schema))), operation.path);
      for (const [name, field] of Object.entries(body?.properties ?? {})) {
        if (field.type !== "string" && field.type !== "integer") continue;
        const request = {
          method,
          path,
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...(exampleOf(body ?? {}) as object), [name]: { $gt: "" } }),
        };
        const answer = await send(request);
        if (answer.status < 400) taken.push(shown(request, answer));
      }
      for (const one of operation.parameters.filter((parameter) => parameter.in === "query")) {
        const request = { method, path: `${path}?${one.name}[$gt]=`, headers: {}, body: null };
        const answer = await send(request);
        if (answer.status < 400) taken.push(shown(request, answer));
      }
    }
    expect(taken).toEqual([]);
  });
});

test("wrong methods and unknown addresses are told in the envelope", async () => {
  await stillSignedIn();
  for (const [method, path] of [
    ["PUT", "/api/v2/contacts"],
    ["DELETE", "/api/v2/contacts"],
    ["PATCH", "/api/v2/auth/me"],
    ["GET", "/api/v2/contacts/%"],
    ["GET", "/api/v2/contacts/..%2f..%2fagents"],
    ["GET", "/api/v2//contacts"],
    ["POST", "/api/v2/nothing"],
  ] as const) {
    const request = { method, path, headers: {}, body: null };
    const answer = await send(request);
    expect(shown(request, answer)).toMatch(/-> (404|405|422) \{"success":false/);
  }
});

/** The requests have written into the conversations, too: what was there lies some pages behind. */
async function everyMessage(conversation: string): Promise<{ content: string }[]> {
  const all: { content: string }[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await app.api.get<{ content: string }[]>(`/conversations/${conversation}/messages?limit=100${cursor}`);
    all.push(...body.data);
    if (!body.page?.next) return all;
    cursor = `&cursor=${encodeURIComponent(body.page.next)}`;
  }
}

test("afterwards everything can be read, and what was there is still there", async () => {
  await stillSignedIn();
  for (const { method, path, parameters } of operations) {
    if (method !== "GET" || ASKS_ELSEWHERE.test(path) || parameters.some((one) => one.in === "path" || one.required)) continue;
    const answer = await send({ method, path, headers: {}, body: null });
    expect(`${path} ${answer.status}`).toBe(`${path} 200`);
  }
  const texts = await Promise.all(
    (await app.api.data<{ id: string }[]>("/conversations?limit=100&tab=all")).map(({ id }) => everyMessage(id)),
  );
  const contents = texts.flat().map(({ content }) => content);
  for (const text of ["hola", "buenas"]) expect(contents).toContain(text);
});

describe("the description itself", () => {
  test("every reference leads somewhere", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to = ""]) => to);
    expect(references.length).toBeGreaterThan(0);
    for (const reference of new Set(references)) {
      const target = reference
        .replace("#/", "")
        .split("/")
        .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], document);
      expect([reference, target !== undefined]).toEqual([reference, true]);
    }
  });

  test("every route says what it is for, what it takes and how it fails", () => {
    const names = new Set<string>();
    for (const { method, path, summary, tags, operationId, responses, parameters, body } of operations) {
      const name = `${method} ${path}`;
      expect([name, (summary ?? "").length > 3, (tags ?? []).length > 0]).toEqual([name, true, true]);
      expect([name, operationId, names.has(operationId)]).toEqual([name, operationId, false]);
      names.add(operationId);
      const statuses = Object.keys(responses);
      expect([name, statuses.includes("200"), statuses.some((status) => status.startsWith("4"))]).toEqual([name, true, true]);
      if (body) expect([name, exampleOf(body) !== null]).toEqual([name, true]);
      for (const [, parameter] of path.matchAll(/\{(\w+)\}/g))
        expect([name, parameters.some((one) => one.in === "path" && one.name === parameter)]).toEqual([name, true]);
    }
  });
});
