/** The turn loop over real HTTP, on both wires: what customers get, and what the provider is sent. */
import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { defineTool, type Tool } from "../../src/ai/tools";
import { lastBody, never, openWorld, PATHS, turnOf, WIRES } from "./sandbox-world";

const stockTool = (seen: unknown[], effect: Tool["effect"] = "read") =>
  defineTool({
    name: "find_stock",
    description: "Stock of a product.",
    parameters: Type.Object(
      { product: Type.String(), size: Type.Optional(Type.Integer({ minimum: 20 })) },
      { additionalProperties: false },
    ),
    effect,
    execute: async (args) => {
      seen.push(args);
      return { product: args.product, left: 3 };
    },
  });

const call = (name: string, args: unknown) => ({ name, arguments: typeof args === "string" ? args : JSON.stringify(args) });

describe.each(WIRES)("on the %s wire", (wire) => {
  test("fragments become one reply that answers each of them", async () => {
    await using world = await openWorld();
    const result = await world.assistantOn(wire).reply(turnOf(["hola", "una pregunta", "¿abren hoy?"]), never());
    expect(result.kind).toBe("reply");
    const text = result.kind === "reply" ? result.text : "";
    for (const fragment of ["«hola»", "«una pregunta»", "«¿abren hoy?»"]) expect(text).toContain(fragment);
    expect(world.sandbox.requests.map(({ path }) => path)).toEqual([PATHS[wire]]);
    expect(result.run).toMatchObject({
      provider: "sandbox",
      model: "chasqui-sandbox",
      wire,
      calls: 1,
      toolCalls: [],
      costMicros: 0,
    });
    expect(result.run.usage.input).toBeGreaterThan(1000);
    expect(result.run.usage.output).toBeGreaterThan(0);
  });

  test("a customer who wants a person gets one", async () => {
    await using world = await openWorld();
    for (const text of ["quiero hablar con una persona", "can I talk to a human?", "quero falar com um atendente"]) {
      const result = await world.assistantOn(wire).reply(turnOf(text), never());
      expect(result).toMatchObject({ kind: "hand-off", reason: "customer-asked", text: expect.stringContaining("🙌") });
      expect(result.kind === "hand-off" && result.summary).toContain(text);
      expect(result.run.toolCalls).toEqual([expect.objectContaining({ name: "hand_off", ok: true })]);
    }
  });

  test("thanks alone get a short goodbye in their language, and no hand-off", async () => {
    await using world = await openWorld();
    const replies = { gracias: "¡Con gusto!", "Thanks! 🙏": "You're welcome!", "Muito obrigada!": "De nada!" };
    for (const [text, start] of Object.entries(replies)) {
      expect(await world.assistantOn(wire).reply(turnOf(text), never())).toMatchObject({
        kind: "reply",
        text: expect.stringContaining(start),
      });
    }
  });

  test("a tool is carried out with checked arguments and its result goes back", async () => {
    await using world = await openWorld();
    const seen: unknown[] = [];
    world.sandbox.script([{ calls: [call("find_stock", { product: "bota", size: null })] }, { text: "Quedan **3** botas." }]);
    const result = await world.assistantOn(wire).reply(turnOf("¿hay botas?", { tools: [stockTool(seen)] }), never());
    expect(result).toMatchObject({ kind: "reply", text: "Quedan *3* botas." });
    expect(seen).toEqual([{ product: "bota" }]);
    expect(result.run).toMatchObject({ calls: 2, toolCalls: [{ name: "find_stock", args: { product: "bota" }, ok: true }] });
    expect(JSON.stringify(lastBody(world.sandbox))).toContain('{\\"product\\":\\"bota\\",\\"left\\":3}');
  });

  test("wrong arguments, broken JSON and unknown tools come back to the model as failures, nothing is carried out", async () => {
    await using world = await openWorld();
    const seen: unknown[] = [];
    world.sandbox.script([
      { calls: [call("find_stock", { product: "bota", size: 3 }), call("find_stock", '{"product": '), call("drop_tables", {})] },
      { text: "No lo sé." },
    ]);
    const result = await world.assistantOn(wire).reply(turnOf("¿hay botas?", { tools: [stockTool(seen)] }), never());
    expect(seen).toEqual([]);
    expect(result.kind).toBe("reply");
    expect(result.run.toolCalls.map(({ ok }) => ok)).toEqual([false, false, false]);
    const sent = JSON.stringify(lastBody(world.sandbox));
    for (const code of ["/size", "not valid JSON", "unknown_tool"]) expect(sent).toContain(code);
  });

  test("a tool that throws or hangs never breaks the turn", async () => {
    await using world = await openWorld();
    const broken = (name: string, execute: () => Promise<unknown>) =>
      defineTool({ name, description: "-", parameters: Type.Object({}), effect: "read", execute });
    const tools = [
      broken("throws", async () => {
        throw new Error("secret detail of the database");
      }),
      broken("hangs", () => new Promise(() => {})),
    ];
    world.sandbox.script([{ calls: [call("throws", {}), call("hangs", {})] }, { text: "Sin datos." }]);
    const result = await world.assistantOn(wire, { toolMs: 20 }).reply(turnOf("¿y?", { tools }), never());
    expect(result).toMatchObject({ kind: "reply", text: "Sin datos." });
    const sent = JSON.stringify(lastBody(world.sandbox));
    expect(sent).toContain("tool_failed");
    expect(sent).toContain("timeout");
    expect(sent).not.toContain("secret detail");
  });

  test("no_reply ends the turn in silence, close_conversation closes, and neither calls the model again", async () => {
    await using world = await openWorld();
    const assistant = world.assistantOn(wire);
    world.sandbox.script([
      { calls: [call("no_reply", { reason: "only an emoji" })] },
      { text: "¡Hasta pronto!", calls: [call("close_conversation", { resolution: "Booked." })] },
    ]);
    expect(await assistant.reply(turnOf("👍"), never())).toMatchObject({ kind: "silent", reason: "only an emoji" });
    expect(await assistant.reply(turnOf("listo"), never())).toMatchObject({
      kind: "close",
      resolution: "Booked.",
      text: "¡Hasta pronto!",
    });
    expect(world.sandbox.requests).toHaveLength(2);
  });

  test("beside other tools, a hand-off comes last and wins", async () => {
    await using world = await openWorld();
    const seen: unknown[] = [];
    world.sandbox.script([
      {
        calls: [
          call("close_conversation", { resolution: "-" }),
          call("hand_off", { reason: "complaint", summary: "Wants money back." }),
          call("find_stock", { product: "bota", size: null }),
        ],
      },
    ]);
    const result = await world.assistantOn(wire).reply(turnOf("¡exijo!", { tools: [stockTool(seen, "write")] }), never());
    expect(result).toMatchObject({ kind: "hand-off", reason: "complaint", summary: "Wants money back." });
    expect(seen).toHaveLength(1);
    expect(result.run.toolCalls.map(({ name }) => name)).toEqual(["find_stock", "hand_off"]);
  });

  test("a terminal tool of the caller has spoken for itself", async () => {
    await using world = await openWorld();
    world.sandbox.script([{ calls: [call("find_stock", { product: "bota", size: null })] }]);
    const result = await world.assistantOn(wire).reply(turnOf("¿botas?", { tools: [stockTool([], "terminal")] }), never());
    expect(result).toMatchObject({ kind: "silent", reason: "tool:find_stock" });
  });

  test("history, summary and the words of colleagues reach the model in order; the newest message is last", async () => {
    await using world = await openWorld();
    await world.assistantOn(wire).reply(
      turnOf("¿entonces?", {
        summary: "Facts: size 38",
        history: [
          { role: "user", text: "busco botas", at: 1 },
          { role: "assistant", text: "¿Qué talla?", at: 2 },
          { role: "operator", text: "Te las aparto.", at: 3 },
        ],
      }),
      never(),
    );
    const body = JSON.stringify(lastBody(world.sandbox));
    const places = ["Facts: size 38", "busco botas", "¿Qué talla?", "[colleague] Te las aparto.", "¿entonces?"].map((text) =>
      body.lastIndexOf(text),
    );
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place >= 0)).toBe(true);
  });

  test("a history that nobody compacted is bounded all the same", async () => {
    await using world = await openWorld();
    const history = Array.from({ length: 60 }, (_, index) => ({
      role: "user" as const,
      text: `old message ${index}.`,
      at: index,
    }));
    await world.assistantOn(wire).reply(turnOf("hola", { history }), never());
    const sent = JSON.stringify(lastBody(world.sandbox));
    expect(sent).toContain("old message 40.");
    expect(sent).not.toContain("old message 39.");
  });

  test("the log tells the figures of a turn and not a word of its texts", async () => {
    await using world = await openWorld();
    await world.assistantOn(wire).reply(turnOf("mi clave es tulipán", { summary: "amapola" }), never());
    const log = world.lines.join("");
    expect(log).toContain('"message":"turn finished"');
    expect(log).toContain('"provider":"sandbox"');
    for (const secret of ["tulipán", "amapola", world.sandbox.apiKey]) expect(log).not.toContain(secret);
  });

  test("texts and tool results are redacted before they leave", async () => {
    await using world = await openWorld();
    world.sandbox.script([{ calls: [call("find_stock", { product: "bota", size: null })] }, { text: "ok" }]);
    const redact = (text: string) => text.replaceAll("4111", "▮").replaceAll("bota", "▮");
    const history = [{ role: "user" as const, text: "tarjeta 4111", at: 1 }];
    await world
      .assistantOn(wire, {}, redact)
      .reply(turnOf("otra vez 4111", { summary: "card 4111", history, tools: [stockTool([])] }), never());
    const sent = JSON.stringify(world.sandbox.requests.map(({ body }) => body));
    expect(sent).not.toContain("4111");
    expect(sent).toContain('{\\"product\\":\\"▮\\"');
  });
});

test("on /responses: nothing is stored, the static text comes first with a cache breakpoint, reasoning travels encrypted", async () => {
  await using world = await openWorld();
  world.sandbox.script([{ calls: [call("find_stock", { product: "bota", size: null })] }, { text: "ok" }]);
  await world.assistantOn("responses").reply(turnOf("hola", { tools: [stockTool([])] }), never());
  const body = lastBody(world.sandbox);
  expect(body).toMatchObject({
    model: "chasqui-sandbox",
    store: false,
    include: ["reasoning.encrypted_content"],
    reasoning: { effort: "low" },
    max_output_tokens: 800,
    prompt_cache_key: "assistant-1",
    prompt_cache_options: { mode: "implicit", ttl: "30m" },
    safety_identifier: "customer-hash",
    tool_choice: "auto",
  });
  const input = body.input as { type?: string; role?: string; content?: unknown }[];
  expect(input[0]).toMatchObject({
    role: "developer",
    content: [{ type: "input_text", prompt_cache_breakpoint: { mode: "explicit" } }],
  });
  expect(input.slice(2).map(({ type }) => type)).toEqual(["reasoning", "function_call", "function_call_output"]);
  const tools = body.tools as { name: string; strict: boolean; parameters: { required: string[] } }[];
  expect(tools.map(({ name }) => name)).toEqual(["find_stock", "hand_off", "no_reply", "close_conversation"]);
  expect(tools[0]).toMatchObject({ strict: true, parameters: { required: ["product", "size"], additionalProperties: false } });
  for (const forbidden of ["previous_response_id", "conversation", "prompt", "instructions", "user", "truncation"]) {
    expect(body).not.toHaveProperty(forbidden);
  }
});

test("on /chat/completions: tools come without reasoning, and neighbours of one role are one message", async () => {
  await using world = await openWorld();
  await world.assistantOn("chat").reply(turnOf("hola", { summary: "s", history: [{ role: "user", text: "h", at: 1 }] }), never());
  const body = lastBody(world.sandbox);
  expect(body).toMatchObject({ store: false, reasoning_effort: "none", max_completion_tokens: 800 });
  expect((body.messages as { role: string }[]).map(({ role }) => role)).toEqual(["developer", "user"]);
});

test("a tool may not take a built-in name", async () => {
  await using world = await openWorld();
  const tool = defineTool({
    name: "hand_off",
    description: "-",
    parameters: Type.Object({}),
    effect: "read",
    execute: async () => null,
  });
  await expect(world.assistantOn("responses").reply(turnOf("hola", { tools: [tool] }), never())).rejects.toThrow("built in");
  expect(world.sandbox.requests).toEqual([]);
});
