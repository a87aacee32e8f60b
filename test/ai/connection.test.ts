/** Which wire and which fields a connection uses: told by the provider, its address and the model; found out only where nobody can tell. */
import { describe, expect, test } from "bun:test";
import { AiError } from "../../src/ai/ai-error";
import type { GenerateRequest } from "../../src/ai/ai-port";
import { chatBody } from "../../src/ai/chat-completions";
import { type AiConnection, createAiPort } from "../../src/ai/connection";
import { responsesBody } from "../../src/ai/openai";
import { profileFor } from "../../src/ai/provider-profile";
import { systemClock as clock } from "../../src/core/clock";
import { silentLog as log } from "../../src/core/log";
import { lastBody, never, openWorld } from "./sandbox-world";

const request = (more: Partial<GenerateRequest> = {}): GenerateRequest => ({
  system: "Rules.",
  items: [{ kind: "message", role: "user", text: "hi" }],
  tools: [],
  toolChoice: "auto",
  maxOutputTokens: 100,
  timeoutMs: 5_000,
  ...more,
});

const tool = {
  name: "look",
  description: "-",
  schema: { type: "object", properties: {}, required: [], additionalProperties: false },
};

describe("profiles", () => {
  test.each<[Partial<AiConnection> & { model: string }, provider: string, wire: string]>([
    [{ model: "gpt-6-luna" }, "openai", "responses"],
    [{ model: "gpt-6-luna", baseUrl: "https://api.openai.com/v1" }, "openai", "responses"],
    [{ model: "gpt-6-luna", baseUrl: "https://eu.api.openai.com/v1" }, "openai", "responses"],
    [{ model: "my-deployment", baseUrl: "https://shop.openai.azure.com/openai/v1/" }, "azure", "responses"],
    [{ model: "meta/llama", baseUrl: "https://openrouter.ai/api/v1" }, "openrouter", "responses"],
    [{ model: "gemini-3-flash", baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai/" }, "gemini", "chat"],
    [{ model: "llama4", baseUrl: "http://localhost:11434/v1" }, "ollama", "chat"],
    [{ model: "qwen3", baseUrl: "http://10.0.0.7:1234/v1" }, "lm-studio", "chat"],
    [{ model: "qwen3", baseUrl: "http://gpu.local:8000/v1" }, "compatible", "chat"],
    [{ model: "gpt-6-luna", baseUrl: "http://gateway.local/v1" }, "compatible", "auto"],
    [{ model: "gpt-6-luna", baseUrl: "https://api.openai.com.evil.example/v1" }, "compatible", "auto"],
    [{ model: "qwen3", baseUrl: "http://gpu.local:8000/v1", provider: "vllm" }, "vllm", "chat"],
    [{ model: "gpt-6-luna", wire: "chat" }, "openai", "chat"],
  ])("%j", (connection, provider, wire) => {
    expect(profileFor(connection)).toMatchObject({ provider, wire });
  });

  test("older models of OpenAI are spared the fields they refuse", () => {
    expect(profileFor({ model: "gpt-4.1" })).toMatchObject({
      reasoningEffort: false,
      encryptedReasoning: false,
      cacheBreakpoints: false,
    });
    expect(profileFor({ model: "gpt-5.4-mini" })).toMatchObject({ reasoningEffort: true, cacheBreakpoints: false });
    expect(profileFor({ model: "gpt-5.6-luna" })).toMatchObject({ reasoningEffort: true, cacheBreakpoints: true });
    expect(profileFor({ model: "gpt-6-luna" })).toMatchObject({ reasoningEffort: true, cacheBreakpoints: true });
  });

  test("a plain compatible server gets plain chat and nothing else", () => {
    const profile = profileFor({ model: "qwen3", baseUrl: "http://gpu.local/v1" });
    const options = { apiKey: "x", model: "qwen3", effort: "low" as const, profile, clock };
    expect(chatBody(request({ tools: [tool], cacheKey: "k", safetyId: "s" }), options)).toEqual({
      model: "qwen3",
      messages: [
        { role: "system", content: "Rules." },
        { role: "user", content: "hi" },
      ],
      max_tokens: 100,
      tools: [{ type: "function", function: { name: "look", description: "-", parameters: tool.schema } }],
      tool_choice: "auto",
    });
  });

  test("OpenRouter is told not to store, and gets no cache fields", () => {
    const profile = profileFor({ model: "m", baseUrl: "https://openrouter.ai/api/v1" });
    const body = responsesBody(request({ cacheKey: "k" }), { apiKey: "x", model: "m", effort: "low", profile, clock });
    expect(body).toEqual({
      model: "m",
      input: [
        { role: "system", content: [{ type: "input_text", text: "Rules." }] },
        { role: "user", content: "hi" },
      ],
      max_output_tokens: 100,
      store: false,
      reasoning: { effort: "low" },
    });
  });

  test("where tool_choice is unknown, forbidding tools means not offering them", () => {
    const profile = profileFor({ model: "llama4", baseUrl: "http://localhost:11434/v1" });
    const options = { apiKey: "x", model: "llama4", effort: "low" as const, profile, clock };
    expect(chatBody(request({ tools: [tool], toolChoice: "none" }), options)).not.toHaveProperty("tools");
    expect(chatBody(request({ tools: [tool] }), options)).not.toHaveProperty("tool_choice");
  });

  test("reasoning that is not encrypted does not go back to a provider that stores nothing", () => {
    const items = [
      { type: "reasoning", id: "rs_1", summary: [] },
      { type: "reasoning", id: "rs_2", summary: [], encrypted_content: "x" },
      { type: "function_call", call_id: "c", name: "look", arguments: "{}" },
    ];
    const profile = profileFor({ model: "gpt-6-luna" });
    const { input } = responsesBody(request({ items: [{ kind: "output", items }] }), {
      apiKey: "x",
      model: "m",
      effort: "low",
      profile,
      clock,
    });
    expect((input as { id?: string }[]).map(({ id }) => id)).toEqual([undefined, "rs_2", undefined]);
  });
});

describe("a server nobody knows", () => {
  const unknown = (sandbox: { url: string; apiKey: string }) =>
    createAiPort({ baseUrl: sandbox.url, apiKey: sandbox.apiKey, model: "gpt-6-luna" }, { clock, log });

  test("is asked on /responses, with all that OpenAI takes", async () => {
    await using world = await openWorld();
    const port = unknown(world.sandbox);
    expect(port.wire).toBeNull();
    expect(await port.generate(request(), never())).toMatchObject({
      wire: "responses",
      provider: "compatible",
      model: "chasqui-sandbox",
    });
    expect(port.wire).toBe("responses");
    expect(lastBody(world.sandbox)).toMatchObject({
      store: false,
      model: "gpt-6-luna",
      prompt_cache_options: { mode: "implicit" },
    });
  });

  test("without /responses it is asked on /chat/completions from then on, with plain fields", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "no-responses-route" };
    const port = unknown(world.sandbox);
    expect(await port.generate(request(), never())).toMatchObject({ wire: "chat" });
    expect(await port.generate(request(), never())).toMatchObject({ wire: "chat" });
    expect(world.sandbox.requests.map(({ path }) => path)).toEqual([
      "/v1/responses",
      "/v1/chat/completions",
      "/v1/chat/completions",
    ]);
    expect(lastBody(world.sandbox)).toEqual({
      model: "gpt-6-luna",
      messages: [
        { role: "system", content: "Rules." },
        { role: "user", content: "hi" },
      ],
      max_tokens: 100,
    });
  });

  test("a retired model, a refused key or a broken server do not change the wire", async () => {
    await using world = await openWorld();
    const port = unknown(world.sandbox);
    for (const kind of ["model-retired", "refused-key", "server-error", "reset"] as const) {
      world.sandbox.faults = { kind, times: 1 };
      await expect(port.generate(request(), never())).rejects.toBeInstanceOf(AiError);
      expect(port.wire).toBeNull();
    }
    world.sandbox.faults = { kind: "none" };
    expect(await port.generate(request(), never())).toMatchObject({ wire: "responses" });
  });

  test("a wire that was chosen stays, even where it is missing", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "no-responses-route" };
    const port = createAiPort({ baseUrl: world.sandbox.url, apiKey: world.sandbox.apiKey, wire: "responses" }, { clock, log });
    const error: unknown = await port.generate(request(), never()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "bad-request", status: 404 });
    expect(world.sandbox.requests).toHaveLength(1);
  });
});

test("a wrong key is refused as such", async () => {
  await using world = await openWorld();
  const port = createAiPort({ baseUrl: world.sandbox.url, apiKey: "sk-wrong" }, { clock, log });
  expect(await port.generate(request(), never()).catch((thrown: unknown) => thrown)).toMatchObject({
    kind: "refused-key",
    status: 401,
    retryable: false,
  });
});

test("the model of one call can differ, and a structured answer fits its schema", async () => {
  await using world = await openWorld();
  const port = world.portOn("responses");
  const schema = {
    type: "object",
    properties: { mood: { type: "string", enum: ["good", "bad"] }, score: { type: "integer" } },
    required: ["mood", "score"],
    additionalProperties: false,
  };
  const { text } = await port.generate(request({ model: "gpt-6.1-terra", format: { name: "mood", schema } }), never());
  expect(JSON.parse(text)).toEqual({ mood: "good", score: 0 });
  expect(lastBody(world.sandbox).model).toBe("gpt-6.1-terra");
});
