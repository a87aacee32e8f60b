/** Answers of servers that are only nearly OpenAI: what can be understood is, the rest is an error with a name. */
import { describe, expect, test } from "bun:test";
import type { Wire } from "../../src/ai/ai-port";
import { createAiPort } from "../../src/ai/connection";
import { systemClock as clock } from "../../src/core/clock";
import { silentLog as log } from "../../src/core/log";
import { never } from "./sandbox-world";

/** What a port makes of one answer body. */
async function read(wire: Wire, body: unknown): Promise<unknown> {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => Response.json(body) });
  try {
    const port = createAiPort({ apiKey: "x", baseUrl: `http://127.0.0.1:${server.port}/v1`, wire }, { clock, log });
    return await port
      .generate(
        {
          system: "s",
          items: [{ kind: "message", role: "user", text: "hi" }],
          tools: [],
          toolChoice: "auto",
          maxOutputTokens: 50,
          timeoutMs: 5_000,
        },
        never(),
      )
      .catch((error: unknown) => error);
  } finally {
    await server.stop(true);
  }
}

const message = (content: unknown, more: object = {}) => ({ type: "message", role: "assistant", content, ...more });
const said = (text: string) => [{ type: "output_text", text }];

describe("on /responses", () => {
  test.each<[string, unknown, object]>([
    ["nothing but text", { output: [message(said("hi"))] }, { text: "hi", model: "gpt-6-luna", usage: null, finish: "stop" }],
    [
      "thinking aloud is not said",
      { output: [message(said("Let me see"), { phase: "commentary" }), message(said("hi"), { phase: "final_answer" })] },
      { text: "hi" },
    ],
    ["several texts", { output: [message([...said("a"), ...said("b")]), message(said("c"))] }, { text: "a\nb\nc" }],
    ["a refusal", { output: [message([{ type: "refusal", refusal: "no" }])] }, { text: "", refusal: "no" }],
    ["items nobody knows", { output: [{ type: "web_search_call" }, message(said("hi"))] }, { text: "hi" }],
    [
      "a call without its id",
      { output: [{ type: "function_call", name: "t", arguments: "{}" }, message(said("hi"))] },
      { text: "hi", toolCalls: [] },
    ],
    [
      "usage with holes",
      { output: [], usage: { input_tokens: 5, output_tokens: 2, input_tokens_details: null } },
      { usage: { input: 5, cached: 0, cacheWrite: 0, cacheWrite12h: 0, output: 2, reasoning: 0 } },
    ],
    [
      "full usage",
      {
        output: [],
        usage: {
          input_tokens: 9,
          output_tokens: 4,
          input_tokens_details: {
            cached_tokens: 3,
            cache_write_tokens: 5,
            cache_write_tokens_details: { ttl_30m_tokens: 3, ttl_12h_tokens: 2 },
          },
          output_tokens_details: { reasoning_tokens: 1 },
        },
      },
      { usage: { input: 9, cached: 3, cacheWrite: 5, cacheWrite12h: 2, output: 4, reasoning: 1 } },
    ],
    ["usage that is nonsense", { output: [], usage: { input_tokens: -1, output_tokens: "2" } }, { usage: null }],
    [
      "a failed answer",
      { status: "failed", error: { code: "rate_limit_exceeded", message: "slow down" }, output: [] },
      { kind: "rate-limited", retryable: true },
    ],
    ["no output", { id: "resp_1" }, { kind: "invalid-output" }],
    ["a list", [], { kind: "invalid-output" }],
    ["null", null, { kind: "invalid-output" }],
  ])("%s", async (_, body, expected) => {
    expect(await read("responses", body)).toMatchObject(expected);
  });
});

describe("on /chat/completions", () => {
  const choice = (message: object, finish_reason: string | null = "stop") => ({ choices: [{ message, finish_reason }] });

  test.each<[string, unknown, object]>([
    ["nothing but text", choice({ content: " hi " }, null), { text: "hi", usage: null, finish: "stop" }],
    [
      "a call without arguments, and nulls",
      choice({ content: null, tool_calls: [{ id: "c", function: { name: "t" } }] }),
      { text: "", finish: "tool-calls", toolCalls: [{ callId: "c", name: "t", arguments: "{}" }] },
    ],
    ["no calls as null", choice({ content: "hi", tool_calls: null, refusal: null }), { text: "hi", toolCalls: [] }],
    ["cut by length", choice({ content: "hi" }, "length"), { finish: "length" }],
    ["filtered", choice({ content: null }, "content_filter"), { finish: "content-filter" }],
    [
      "usage with holes",
      { ...choice({ content: "hi" }), usage: { prompt_tokens: 5, completion_tokens: 2 }, model: "llama4" },
      { model: "llama4", usage: { input: 5, cached: 0, cacheWrite: 0, cacheWrite12h: 0, output: 2, reasoning: 0 } },
    ],
    ["an error with status 200", { error: { message: "model overloaded", code: "overloaded" } }, { kind: "unavailable" }],
    ["no choices", { choices: [] }, { kind: "invalid-output" }],
    ["a choice without a message", { choices: [{ text: "hi" }] }, { kind: "invalid-output" }],
  ])("%s", async (_, body, expected) => {
    expect(await read("chat", body)).toMatchObject(expected);
  });

  test("what was said goes back with its calls only, without the fields that answers have", async () => {
    const tool_calls = [{ id: "c", type: "function", index: 0, function: { name: "t", arguments: "{}" } }];
    expect(await read("chat", choice({ role: "assistant", content: null, reasoning: "hm", tool_calls }))).toMatchObject({
      outputItems: [
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c", type: "function", function: { name: "t", arguments: "{}" } }],
        },
      ],
    });
  });
});
