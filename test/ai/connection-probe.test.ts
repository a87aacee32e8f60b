/** "Test connection" and the list of models, against the real sandbox. */
import { describe, expect, test } from "bun:test";
import { type AiConnection, createAiPort } from "../../src/ai/connection";
import { probeConnection } from "../../src/ai/connection-probe";
import { listModels, shutdownWarning } from "../../src/ai/model-list";
import { systemClock as clock } from "../../src/core/clock";
import { silentLog as log } from "../../src/core/log";
import { never, openWorld, until, WIRES, type World } from "./sandbox-world";

const connectionTo = ({ sandbox }: World, more: Partial<AiConnection> = {}): AiConnection => ({
  baseUrl: sandbox.url,
  apiKey: sandbox.apiKey,
  ...more,
});
const okOf = (steps: readonly { step: string; ok: boolean }[]) => Object.fromEntries(steps.map(({ step, ok }) => [step, ok]));

describe("test connection", () => {
  test.each(WIRES)("everything works on the %s wire", async (wire) => {
    await using world = await openWorld();
    const report = await probeConnection(connectionTo(world, { provider: "sandbox", wire }), { clock, log }, never());
    expect(report).toMatchObject({ provider: "sandbox", wire, model: "chasqui-sandbox", usable: true, canUseTools: true });
    expect(okOf(report.steps)).toEqual({ plain: true, tool: true, structured: true });
    expect(report).not.toHaveProperty("suggestedWire");
    expect(world.sandbox.requests).toHaveLength(3);
  });

  test("a refused key is told after one call", async () => {
    await using world = await openWorld();
    const report = await probeConnection(connectionTo(world, { apiKey: "sk-wrong" }), { clock, log }, never());
    expect(report).toMatchObject({
      usable: false,
      canUseTools: false,
      steps: [{ step: "plain", ok: false, problem: "refused-key" }],
    });
    expect(report.steps).toHaveLength(1);
  });

  test("a wire that the server lacks: the other one is suggested, not taken", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "no-responses-route" };
    const report = await probeConnection(connectionTo(world, { wire: "responses" }), { clock, log }, never());
    expect(report).toMatchObject({ usable: false, wire: "responses", suggestedWire: "chat" });
    expect(world.sandbox.requests).toHaveLength(1);
  });

  test("a server that cannot do tools or structure is usable all the same", async () => {
    await using world = await openWorld();
    world.sandbox.script([{ text: "ready" }, { text: "I would call it." }, { text: "seven" }]);
    const report = await probeConnection(connectionTo(world), { clock, log }, never());
    expect(report).toMatchObject({ usable: true, canUseTools: false });
    expect(report.steps.slice(1)).toMatchObject([
      { step: "tool", ok: false, problem: "unexpected" },
      { step: "structured", ok: false, problem: "unexpected" },
    ]);
  });

  test("leaving the page ends it", async () => {
    await using world = await openWorld();
    world.sandbox.faults = { kind: "hang" };
    const abort = new AbortController();
    const probe = probeConnection(connectionTo(world), { clock, log }, abort.signal);
    await until(() => world.sandbox.requests.length === 1);
    abort.abort();
    expect(await probe.catch((error: unknown) => error)).toMatchObject({ kind: "aborted" });
    await until(() => world.sandbox.closedByClient === 1);
  });
});

describe("models", () => {
  test("come sorted, with a warning on those that end", async () => {
    await using world = await openWorld();
    const at = { ...clock, now: () => Date.UTC(2026, 10, 20) };
    expect(await listModels(connectionTo(world), at, never())).toEqual([
      { id: "chasqui-sandbox", shutdownDate: null, warning: null },
      {
        id: "chasqui-sandbox-old",
        shutdownDate: "2026-12-11",
        warning: { state: "ends-soon", date: "2026-12-11", daysLeft: 21, successor: null },
      },
    ]);
  });

  test("a wrong key and a server without the route fail as AiError", async () => {
    await using world = await openWorld();
    const failure = (connection: AiConnection) => listModels(connection, clock, never()).catch((error: unknown) => error);
    expect(await failure(connectionTo(world, { apiKey: "x" }))).toMatchObject({ name: "AiError", kind: "refused-key" });
    expect(await failure({ apiKey: world.sandbox.apiKey, baseUrl: world.sandbox.url.replace("/v1", "") })).toMatchObject({
      name: "AiError",
      status: 404,
    });
  });

  test.each<[string, string | null, string, object | null]>([
    ["gpt-5-mini", null, "2026-11-20", { state: "ends-soon", daysLeft: 21, successor: "gpt-6.1-terra" }],
    ["gpt-4o", null, "2027-02-01", { state: "ended", daysLeft: -18 }],
    ["gpt-6-luna", null, "2026-11-20", null],
    ["gpt-6-luna", "2030-01-01", "2026-11-20", null],
    ["gpt-6-luna", "no date", "2026-11-20", null],
  ])("%s ending %p on %s", (model, date, today, expected) => {
    const warning = shutdownWarning(model, date, Date.parse(today));
    if (expected === null) expect(warning).toBeNull();
    else expect(warning).toMatchObject(expected);
  });

  test("the default model of a connection is not one that ends", () => {
    const { model } = createAiPort({ apiKey: "x" }, { clock, log });
    expect(shutdownWarning(model, null, clock.now())).toBeNull();
  });
});
