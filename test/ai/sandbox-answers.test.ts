/** What the sandbox provider says and counts, spoken to over raw HTTP. */
import { describe, expect, test } from "bun:test";
import type { SandboxOpenAI } from "../../src/ai/sandbox/server";
import { type Clock, systemClock } from "../../src/core/clock";
import { type Json, openWorld, post } from "./sandbox-world";

const parameters = { type: "object", properties: { q: { type: "string" } }, required: ["q"], additionalProperties: false };

describe("the simulated prompt cache", () => {
  const rules = "The shop sells boots and shoes of every size. ".repeat(160);
  const ask = (text: string, more: Json = {}): Json => ({
    model: "m",
    prompt_cache_key: "k",
    input: [
      { role: "developer", content: [{ type: "input_text", text: rules, prompt_cache_breakpoint: { mode: "explicit" } }] },
      { role: "user", content: text },
    ],
    ...more,
  });
  type Usage = { input_tokens: number; input_tokens_details: { cached_tokens: number; cache_write_tokens: number } };
  const usageOf = async (sandbox: SandboxOpenAI, body: Json) => (await post(sandbox, "/responses", body)).json.usage as Usage;

  test("a static start is written once, read by others with the same key, and forgotten after half an hour", async () => {
    let now = 0;
    const clock: Clock = { ...systemClock, monotonic: () => now };
    await using world = await openWorld({ clock });
    const first = await usageOf(world.sandbox, ask("one"));
    expect(first.input_tokens_details).toEqual(
      expect.objectContaining({ cached_tokens: 0, cache_write_tokens: first.input_tokens }),
    );
    const second = await usageOf(world.sandbox, ask("two"));
    expect(second.input_tokens_details.cached_tokens).toBeGreaterThan(1024);
    expect(second.input_tokens_details.cached_tokens).toBeLessThan(second.input_tokens);
    const other = await usageOf(world.sandbox, ask("two", { prompt_cache_key: "other" }));
    expect(other.input_tokens_details.cached_tokens).toBe(0);
    now += 1_800_001;
    expect((await usageOf(world.sandbox, ask("three"))).input_tokens_details.cached_tokens).toBe(0);
  });

  test("short prompts are never cached", async () => {
    await using world = await openWorld();
    for (let round = 0; round < 2; round++) {
      const { input_tokens_details } = await usageOf(world.sandbox, { model: "m", input: "hi" });
      expect(input_tokens_details).toMatchObject({ cached_tokens: 0, cache_write_tokens: 0 });
    }
  });
});

describe("what it says", () => {
  const say = async (sandbox: SandboxOpenAI, text: string) => {
    const { json } = await post(sandbox, "/responses", { model: "m", input: text });
    return (json.output as { content: { text: string }[] }[])[0]!.content[0]!.text;
  };

  test.each([
    ["Hola, ¿tienen stock?", "disponibilidad", "Asistente del sandbox"],
    ["Olá, vocês entregam hoje?", "entregas", "Assistente do sandbox"],
    ["How much is the delivery?", "price", "Sandbox assistant"],
    ["qual o preço?", "preço", "Assistente do sandbox"],
    ["blorp", "anotado", "Asistente del sandbox"],
  ])("%s: in its language, labelled as the sandbox", async (text, topic, label) => {
    await using world = await openWorld();
    const answer = await say(world.sandbox, text);
    expect(answer).toContain(topic);
    expect(answer).toContain(label);
  });

  test("asking for a person without the tool gets words, not a call", async () => {
    await using world = await openWorld();
    expect(await say(world.sandbox, "quiero hablar con una persona")).toContain("persona del equipo");
  });

  test("a forced tool is called with arguments that fit", async () => {
    await using world = await openWorld();
    const { json } = await post(world.sandbox, "/responses", {
      model: "m",
      input: "x",
      tool_choice: "required",
      tools: [{ type: "function", name: "search", strict: true, parameters }],
    });
    expect((json.output as Json[]).at(-1)).toMatchObject({ type: "function_call", name: "search", arguments: '{"q":"sandbox"}' });
  });
});

describe("structured answers", () => {
  const schema = {
    type: "object",
    properties: {
      list: { type: "array", minItems: 2, items: { type: "boolean" } },
      empty: { type: "array", items: { type: "string" } },
      price: { type: "number", minimum: 5 },
      fixed: { const: "x" },
      maybe: { anyOf: [{ type: "string" }, { type: "null" }] },
      either: { anyOf: [{ type: "integer" }, { type: "string" }] },
      union: { type: ["string", "null"] },
      nothing: { type: "null" },
      open: {},
    },
  };
  const expected = {
    list: [true, true],
    empty: [],
    price: 5,
    fixed: "x",
    maybe: null,
    either: 0,
    union: "sandbox",
    nothing: null,
    open: null,
  };

  test("are the smallest value that fits, on both wires", async () => {
    await using world = await openWorld();
    const format = { type: "json_schema", name: "all", schema, strict: false };
    const responses = await post(world.sandbox, "/responses", { model: "m", input: "x", text: { format } });
    expect(responses.json.output).toMatchObject([{ content: [{ text: JSON.stringify(expected) }] }]);
    const chat = await post(world.sandbox, "/chat/completions", {
      model: "m",
      messages: [{ role: "user", content: "x" }],
      response_format: { type: "json_schema", json_schema: { name: "all", schema } },
    });
    expect(chat.json.choices).toMatchObject([{ message: { content: JSON.stringify(expected) } }]);
  });
});

test("images and refusals of the past are read, on both wires", async () => {
  await using world = await openWorld();
  const responses = await post(world.sandbox, "/responses", {
    model: "m",
    instructions: "Rules.",
    input: [
      { role: "assistant", content: [{ type: "refusal", refusal: "No." }] },
      {
        role: "user",
        content: [
          { type: "input_text", text: "¿Qué es esto?" },
          { type: "input_image", image_url: "data:image/png;base64,AA==" },
        ],
      },
    ],
  });
  expect(responses.status).toBe(200);
  const chat = await post(world.sandbox, "/chat/completions", {
    model: "m",
    messages: [
      { role: "system", content: [{ type: "text", text: "Rules." }] },
      { role: "assistant", refusal: "No." },
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
        ],
      },
    ],
  });
  expect(chat.status).toBe(200);
});

test("a text that only looks like notes is answered as a text", async () => {
  await using world = await openWorld();
  for (const input of ['{"notes": broken', '{"notes":3}']) {
    const { json } = await post(world.sandbox, "/responses", { model: "m", input });
    expect(JSON.stringify(json.output)).toContain("Asistente del sandbox");
  }
});
