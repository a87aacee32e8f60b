/** The sandbox provider itself, spoken to as a stranger would: raw HTTP, no client of ours. */
import { describe, expect, test } from "bun:test";
import { startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { type Json, openWorld, post } from "./sandbox-world";

const errorOf = ({ json }: { json: Json }) =>
  json.error as { message: string; code: string | null; param: string | null; type: string };

const parameters = { type: "object", properties: { q: { type: "string" } }, required: ["q"], additionalProperties: false };
const good: Json = {
  model: "gpt-6-luna",
  store: false,
  input: [
    { role: "developer", content: [{ type: "input_text", text: "Rules.", prompt_cache_breakpoint: { mode: "explicit" } }] },
    { role: "user", content: "Hola, ¿abren hoy?" },
    { type: "function_call", call_id: "c1", name: "search", arguments: '{"q":"hours"}' },
    { type: "function_call_output", call_id: "c1", output: "9 to 19" },
  ],
  tools: [{ type: "function", name: "search", description: "-", strict: true, parameters }],
};
const goodInput = good.input as Json[];

describe("POST /responses", () => {
  test("a good request is answered under the sandbox's own name, with counted tokens", async () => {
    await using world = await openWorld();
    const { status, json, headers } = await post(world.sandbox, "/responses", good);
    expect(status).toBe(200);
    expect(json).toMatchObject({ object: "response", status: "completed", model: "chasqui-sandbox", error: null });
    expect(json.usage).toMatchObject({ input_tokens: expect.any(Number), output_tokens_details: { reasoning_tokens: 0 } });
    expect(headers.get("x-request-id")).toStartWith("req_");
  });

  test("the same request has the same answer", async () => {
    await using world = await openWorld();
    const output = async () => (await post(world.sandbox, "/responses", good)).json.output;
    expect(await output()).toEqual(await output());
  });

  test.each<[string, Json, param: string, code: string]>([
    ["a field that does not exist", { max_tokens: 5 }, "max_tokens", "unknown_parameter"],
    ["no model", { model: undefined }, "model", "missing_required_parameter"],
    ["no input", { input: undefined }, "input", "missing_required_parameter"],
    ["server state", { previous_response_id: "resp_1" }, "previous_response_id", "previous_response_id_not_found"],
    ["reusable prompts", { prompt: { id: "pmpt_1" } }, "prompt", "prompt_not_found"],
    ["too little output", { max_output_tokens: 5 }, "max_output_tokens", "invalid_value"],
    ["an effort that does not exist", { reasoning: { effort: "huge" } }, "reasoning.effort", "invalid_value"],
    ["an unknown key deep inside", { text: { format: { type: "text" }, size: 3 } }, "text.size", "unknown_parameter"],
    ["an unknown include", { include: ["everything"] }, "include[0]", "invalid_value"],
    ["metadata that is too long", { metadata: { a: "x".repeat(513) } }, "metadata.a", "invalid_value"],
    [
      "17 pairs of metadata",
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, "v"])) },
      "metadata",
      "invalid_value",
    ],
    ["a safety id that is too long", { safety_identifier: "x".repeat(129) }, "safety_identifier", "invalid_value"],
    [
      "an assistant part of the user's kind",
      { input: [{ role: "assistant", content: [{ type: "input_text", text: "x" }] }] },
      "input[0].content[0].type",
      "invalid_value",
    ],
    ["an unknown role", { input: [{ role: "boss", content: "x" }] }, "input[0].role", "invalid_value"],
    ["an unknown item", { input: [{ type: "item_reference", id: "x" }] }, "input[0].type", "invalid_value"],
    ["an extra key in a message", { input: [{ role: "user", content: "x", name: "y" }] }, "input[0].name", "unknown_parameter"],
    ["an output without its call", { input: [goodInput[1]!, goodInput[3]!] }, "input", "invalid_value"],
    ["a call without its output", { input: [goodInput[1]!, goodInput[2]!] }, "input", "invalid_value"],
    [
      "an output without call_id",
      { input: [{ type: "function_call_output", output: "x" }] },
      "input[0].call_id",
      "missing_required_parameter",
    ],
    ["reasoning that is not encrypted", { input: [{ type: "reasoning", id: "rs_1", summary: [] }] }, "input[0]", "invalid_value"],
    [
      "a tool without strict",
      { tools: [{ type: "function", name: "t", parameters }] },
      "tools[0].strict",
      "missing_required_parameter",
    ],
    [
      "a tool in chat's shape",
      { tools: [{ type: "function", function: { name: "t" } }] },
      "tools[0].name",
      "missing_required_parameter",
    ],
    [
      "a strict tool with an open object",
      { tools: [{ type: "function", name: "t", strict: true, parameters: { ...parameters, additionalProperties: true } }] },
      "tools[0].parameters",
      "invalid_function_parameters",
    ],
    [
      "a strict tool with an optional key",
      { tools: [{ type: "function", name: "t", strict: true, parameters: { ...parameters, required: [] } }] },
      "tools[0].parameters",
      "invalid_function_parameters",
    ],
    [
      "a bad tool name",
      { tools: [{ type: "function", name: "t t", strict: null, parameters }] },
      "tools[0].name",
      "invalid_value",
    ],
    ["one tool twice", { tools: [good.tools, good.tools].flat() }, "tools", "invalid_value"],
    ["a forced tool that is not offered", { tool_choice: { type: "function", name: "other" } }, "tool_choice", "invalid_value"],
  ])("%s is refused and named", async (_, change, param, code) => {
    await using world = await openWorld();
    const { status, json } = await post(world.sandbox, "/responses", { ...good, ...change });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ type: "invalid_request_error", param, code });
  });

  test("no JSON, no object, no route, no key", async () => {
    await using world = await openWorld();
    expect((await post(world.sandbox, "/responses", "{")).status).toBe(400);
    expect((await post(world.sandbox, "/responses", "[]")).status).toBe(400);
    expect((await post(world.sandbox, "/assistants", {})).status).toBe(404);
    const refused = await post(world.sandbox, "/responses", good, { authorization: "Bearer sk-other" });
    expect(refused.status).toBe(401);
    expect(errorOf(refused).code).toBe("invalid_api_key");
  });
});

describe("POST /chat/completions", () => {
  const chat: Json = {
    model: "gpt-6-luna",
    messages: [
      { role: "system", content: "Rules." },
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "search", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c1", content: "9 to 19" },
    ],
    tools: [{ type: "function", function: { name: "search", parameters, strict: true } }],
  };
  const messages = chat.messages as Json[];

  test("a good request is answered", async () => {
    await using world = await openWorld();
    const { status, json } = await post(world.sandbox, "/chat/completions", chat);
    expect(status).toBe(200);
    expect(json).toMatchObject({ object: "chat.completion", model: "chasqui-sandbox", choices: [{ finish_reason: "stop" }] });
  });

  test.each<[string, Json, param: string]>([
    ["a field of the other wire", { max_output_tokens: 50 }, "max_output_tokens"],
    ["tools together with reasoning", { reasoning_effort: "low" }, "reasoning_effort"],
    [
      "a tool in the other wire's shape",
      { tools: [{ type: "function", name: "t", parameters, strict: true }] },
      "tools[0].function",
    ],
    ["a tool message without its call", { messages: [messages[1]!, messages[3]!] }, "messages"],
    ["a call without its tool message", { messages: messages.slice(0, 3) }, "messages"],
    ["an empty assistant message", { messages: [{ role: "assistant", content: null }] }, "messages[0]"],
    ["an unknown role", { messages: [{ role: "function", content: "x" }] }, "messages[0].role"],
    ["no messages", { messages: [] }, "messages"],
  ])("%s is refused and named", async (_, change, param) => {
    await using world = await openWorld();
    const { status, json } = await post(world.sandbox, "/chat/completions", { ...chat, ...change });
    expect(status).toBe(400);
    expect((json.error as Json).param).toBe(param);
  });
});

test("GET /models tells which models end and when", async () => {
  await using world = await openWorld();
  const response = await fetch(`${world.sandbox.url}/models`, { headers: { authorization: `Bearer ${world.sandbox.apiKey}` } });
  expect(await response.json()).toMatchObject({
    object: "list",
    data: [
      { id: "chasqui-sandbox", object: "model", shutdown_date: null },
      { id: "chasqui-sandbox-old", shutdown_date: "2026-12-11" },
    ],
  });
});

describe("POST /embeddings", () => {
  const vectorsOf = ({ json }: { json: Json }) => (json.data as { embedding: number[] }[]).map(({ embedding }) => embedding);
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);

  test("texts that share words are near, vectors have length one and the asked size", async () => {
    await using world = await openWorld();
    const input = ["horario de la clínica", "¿Cuál es el HORARIO de la clinica?", "precio de una corona"];
    const answer = await post(world.sandbox, "/embeddings", {
      model: "text-embedding-3-small",
      input,
      dimensions: 512,
      encoding_format: "float",
    });
    const [a, b, c] = vectorsOf(answer) as [number[], number[], number[]];
    expect(a).toHaveLength(512);
    expect(dot(a, a)).toBeCloseTo(1, 5);
    expect(dot(a, b)).toBeGreaterThan(0.4);
    expect(dot(a, c)).toBeLessThan(dot(a, b));
  });

  test("base64 carries the same numbers", async () => {
    await using world = await openWorld();
    const body = { model: "m", input: "hola mundo", dimensions: 64 };
    const [floats] = vectorsOf(await post(world.sandbox, "/embeddings", body));
    const encoded = (await post(world.sandbox, "/embeddings", { ...body, encoding_format: "base64" })).json.data as {
      embedding: string;
    }[];
    const bytes = Buffer.from(encoded[0]!.embedding, "base64");
    expect(Array.from(new Float32Array(bytes.buffer, bytes.byteOffset, 64))).toEqual(floats!);
  });

  test("empty and misspelt requests are refused", async () => {
    await using world = await openWorld();
    for (const body of [
      { model: "m", input: [] },
      { model: "m", input: "" },
      { model: "m", text: "x" },
    ]) {
      expect((await post(world.sandbox, "/embeddings", body)).status).toBe(400);
    }
  });
});

test("latency holds an answer back; a port and a key can be chosen", async () => {
  const sandbox = await startSandboxOpenAI({ log: silentLog, clock: systemClock, apiKey: "sk-chosen", latencyMs: 50 });
  const startedAt = systemClock.monotonic();
  expect((await post(sandbox, "/responses", good, { authorization: "Bearer sk-chosen" })).status).toBe(200);
  expect(systemClock.monotonic() - startedAt).toBeGreaterThanOrEqual(49);
  const again = startSandboxOpenAI({ log: silentLog, clock: systemClock, port: Number(new URL(sandbox.url).port) });
  await expect(again).rejects.toThrow();
  await sandbox.stop();
});
