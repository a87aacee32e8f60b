/** Everything a provider can do to a turn, on both wires: each ends in an answer, a person or an AiError; never in silence, never in a hang. */
import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { AiError, type AiErrorKind } from "../../src/ai/ai-error";
import type { FaultKind } from "../../src/ai/sandbox/faults";
import { defineTool } from "../../src/ai/tools";
import { lastBody, never, openWorld, turnOf, until, WIRES } from "./sandbox-world";

async function failureOf(turn: Promise<unknown>): Promise<AiError> {
  const error = await turn.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AiError);
  return error as AiError;
}

const echo = (seen: unknown[] = []) =>
  defineTool({
    name: "echo",
    description: "-",
    parameters: Type.Object({ n: Type.Integer() }, { additionalProperties: false }),
    effect: "read",
    execute: async (args) => seen.push(args),
  });
const echoCall = (n: number) => ({ name: "echo", arguments: `{"n":${n}}` });

describe.each(WIRES)("on the %s wire", (wire) => {
  // A fault that passes is survived by the one retry.
  test.each<FaultKind>(["rate-limited", "server-error", "reset", "malformed-json", "wrong-shape", "empty-output"])(
    "%s once: the retry answers",
    async (kind) => {
      await using world = await openWorld();
      world.sandbox.faults = { kind, times: 1 };
      const result = await world.assistantOn(wire).reply(turnOf("hola"), never());
      expect(result).toMatchObject({ kind: "reply", run: { calls: 2 } });
      expect(world.sandbox.requests).toHaveLength(2);
    },
  );

  test.each<[FaultKind, AiErrorKind, calls: number, retryable: boolean]>([
    ["rate-limited", "rate-limited", 2, true],
    ["quota-exceeded", "rate-limited", 1, false],
    ["server-error", "unavailable", 2, true],
    ["reset", "unavailable", 2, true],
    ["malformed-json", "invalid-output", 2, true],
    ["wrong-shape", "invalid-output", 2, true],
    ["empty-output", "invalid-output", 2, true],
    ["context-too-long", "context-too-long", 1, false],
    ["model-retired", "model-retired", 1, false],
    ["refused-key", "refused-key", 1, false],
  ])("%s for good: %s after %d call(s)", async (fault, kind, calls, retryable) => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: fault };
    const error = await failureOf(world.assistantOn(wire).reply(turnOf("hola"), never()));
    expect(error).toMatchObject({ kind, retryable, run: { calls, provider: "sandbox" } });
    expect(world.sandbox.requests).toHaveLength(calls);
    expect(world.lines.join("")).not.toContain("sk-revoked-0000");
  });

  test("429: the wait the provider names is taken when short, and passed on when long", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "rate-limited", times: 1, retryAfterMs: 60 };
    const result = await world.assistantOn(wire).reply(turnOf("hola"), never());
    expect(result.run.ms).toBeGreaterThanOrEqual(55);
    world.sandbox.faults = { kind: "rate-limited", retryAfterMs: 20_000 };
    const error = await failureOf(world.assistantOn(wire).reply(turnOf("hola"), never()));
    expect(error).toMatchObject({ kind: "rate-limited", retryAfterMs: 20_000, status: 429, run: { calls: 1 } });
  });

  test("a refusal is an answer; a filtered answer goes to a person", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "refusal" };
    const refused = await world.assistantOn(wire).reply(turnOf("algo prohibido"), never());
    expect(refused).toMatchObject({ kind: "reply", text: "I'm sorry, but I can't help with that.", run: { calls: 1 } });
    world.sandbox.faults = { kind: "content-filter" };
    const filtered = await world.assistantOn(wire).reply(turnOf("algo prohibido"), never());
    expect(filtered).toMatchObject({ kind: "hand-off", reason: "content-filter" });
    expect(filtered.kind === "hand-off" && filtered.summary).toContain("algo prohibido");
  });

  test("an answer cut by the output limit ends with its last whole sentence", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "cut-short" };
    const result = await world.assistantOn(wire).reply(turnOf("hola"), never());
    expect(result).toMatchObject({ kind: "reply", text: "The first sentence is whole." });
  });

  test("an output limit reached before any text is retried with twice the room", async () => {
    await using world = await openWorld();
    world.sandbox.script([{ finish: "length" }]);
    const result = await world.assistantOn(wire).reply(turnOf("hola"), never());
    expect(result).toMatchObject({ kind: "reply", run: { calls: 2 } });
    const field = wire === "responses" ? "max_output_tokens" : "max_completion_tokens";
    expect(lastBody(world.sandbox)[field]).toBe(1600);
  });

  test("a history that is too long is cut to its end and asked again", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "context-too-long", times: 1 };
    const history = Array.from({ length: 10 }, (_, index) => ({ role: "user" as const, text: `message ${index}`, at: index }));
    const result = await world.assistantOn(wire).reply(turnOf("hola", { history }), never());
    expect(result).toMatchObject({ kind: "reply", run: { calls: 2 } });
    const sent = JSON.stringify(lastBody(world.sandbox));
    expect(sent).toContain("message 6");
    expect(sent).not.toContain("message 5");
  });

  test("unknown tools and broken arguments for ever: six calls, the last without tools, then a person", async () => {
    await using world = await openWorld();
    for (const kind of ["unknown-tool", "invalid-tool-json", "tool-loop"] as const) {
      const before = world.sandbox.requests.length;
      world.sandbox.faults = { kind };
      const result = await world.assistantOn(wire).reply(turnOf("¿hay botas?"), never());
      expect(result).toMatchObject({ kind: "hand-off", reason: "tool-loop", run: { calls: 6 } });
      expect(result.kind === "hand-off" && result.summary).toContain("¿hay botas?");
      const choices = world.sandbox.requests.slice(before).map(({ body }) => (body as { tool_choice: string }).tool_choice);
      expect(choices).toEqual(["auto", "auto", "auto", "auto", "auto", "none"]);
    }
  });

  test("the same call is carried out three times, twelve calls in all; then the model must speak", async () => {
    await using world = await openWorld();
    const seen: unknown[] = [];
    const same = { calls: [echoCall(1), echoCall(1), echoCall(1), echoCall(1)] };
    const others = { calls: [2, 3, 4, 5, 6, 7, 8, 9, 10].map(echoCall) };
    world.sandbox.script([same, others, { text: "Listo." }]);
    const result = await world.assistantOn(wire).reply(turnOf("¿?", { tools: [echo(seen)] }), never());
    expect(result).toMatchObject({ kind: "reply", text: "Listo.", run: { calls: 3 } });
    expect(seen).toHaveLength(3 + 8);
    expect(result.run.toolCalls.map(({ ok }) => ok)).toEqual([true, true, true, false, ...Array(8).fill(true), false]);
    expect(lastBody(world.sandbox).tool_choice).toBe("none");
  });

  test("retries count as calls: never more than six", async () => {
    await using world = await openWorld();
    const rounds = [1, 2, 3, 4].map((n) => ({ calls: [echoCall(n)] }));
    const failure = { fault: "server-error" } as const;
    world.sandbox.script([failure, ...rounds, failure, { text: "too late" }]);
    const error = await failureOf(world.assistantOn(wire).reply(turnOf("¿?", { tools: [echo()] }), never()));
    expect(error).toMatchObject({ kind: "unavailable", run: { calls: 6 } });
    expect(world.sandbox.requests).toHaveLength(6);
  });

  test("a call that hangs is cut off at its limit, tried once more, and the sockets are closed", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "hang" };
    const error = await failureOf(world.assistantOn(wire, { callMs: 40 }).reply(turnOf("hola"), never()));
    expect(error).toMatchObject({ kind: "timeout", retryable: true, run: { calls: 2, costMicros: null } });
    await until(() => world.sandbox.closedByClient === 2);
  });

  test("a turn has its own limit", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "hang" };
    const error = await failureOf(world.assistantOn(wire, { turnMs: 60 }).reply(turnOf("hola"), never()));
    expect(error).toMatchObject({ kind: "timeout", run: { calls: 1 } });
    expect(error.run!.ms).toBeLessThan(5_000);
    await until(() => world.sandbox.closedByClient === 1);
  });

  test("aborting closes the connection at once, and nothing is asked again", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "hang" };
    const abort = new AbortController();
    const turn = world.assistantOn(wire).reply(turnOf("hola"), abort.signal);
    await until(() => world.sandbox.requests.length === 1);
    expect(world.sandbox.closedByClient).toBe(0);
    abort.abort();
    expect(await failureOf(turn)).toMatchObject({ kind: "aborted", retryable: false });
    await until(() => world.sandbox.closedByClient === 1);
    expect(world.sandbox.requests).toHaveLength(1);
  });

  test("aborting during a tool or a wait ends the turn without another call", async () => {
    await using world = await openWorld();
    const abort = new AbortController();
    const stop = defineTool({
      name: "stop",
      description: "-",
      parameters: Type.Object({}),
      effect: "read",
      execute: async () => abort.abort(),
    });
    world.sandbox.script([{ calls: [{ name: "stop", arguments: "{}" }] }]);
    expect(await failureOf(world.assistantOn(wire).reply(turnOf("x", { tools: [stop] }), abort.signal))).toMatchObject({
      kind: "aborted",
    });
    expect(world.sandbox.requests).toHaveLength(1);

    world.sandbox.faults = { kind: "server-error" };
    const during = new AbortController();
    const waiting = world.assistantOn(wire, { retryWaitMs: 60_000, longestWaitMs: 60_000 }).reply(turnOf("x"), during.signal);
    await until(() => world.lines.some((line) => line.includes("trying once more")));
    during.abort();
    expect(await failureOf(waiting)).toMatchObject({ kind: "aborted" });
    expect(world.sandbox.requests).toHaveLength(2);
  });

  test.each([
    ["while the first still works", 1],
    ["as the first ends", 0],
  ])("aborting between two writes, %s, leaves the second one undone, and is no failure of a tool", async (_, worksForMs) => {
    await using world = await openWorld();
    const abort = new AbortController();
    const done: string[] = [];
    const write = (name: string, onRun: () => void) =>
      defineTool({
        name,
        description: "-",
        parameters: Type.Object({}),
        effect: "write",
        execute: async () => {
          done.push(name);
          onRun();
          if (worksForMs > 0) await Bun.sleep(worksForMs);
        },
      });
    const tools = [write("first", () => abort.abort()), write("second", () => {})];
    world.sandbox.script([
      {
        calls: [
          { name: "first", arguments: "{}" },
          { name: "second", arguments: "{}" },
        ],
      },
    ]);
    expect(await failureOf(world.assistantOn(wire).reply(turnOf("x", { tools }), abort.signal))).toMatchObject({
      kind: "aborted",
    });
    expect(done).toEqual(["first"]);
    expect(world.lines.join("")).not.toContain("a tool failed");
  });

  test("an aborted signal sends nothing", async () => {
    await using world = await openWorld();
    expect(await failureOf(world.assistantOn(wire).reply(turnOf("hola"), AbortSignal.abort()))).toMatchObject({
      kind: "aborted",
    });
    expect(world.sandbox.requests).toEqual([]);
  });

  test("a provider that reports no usage costs an unknown amount, not nothing", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "no-usage" };
    const { run } = await world.assistantOn(wire).reply(turnOf("hola"), never());
    expect(run).toMatchObject({ costMicros: null, usage: { input: 0, output: 0 } });
  });
});

test("a server that is not there is unavailable", async () => {
  const world = await openWorld();
  const assistant = world.assistantOn("responses");
  await world.sandbox.stop();
  expect(await failureOf(assistant.reply(turnOf("hola"), never()))).toMatchObject({ kind: "unavailable", run: { calls: 2 } });
});
