/** A send whose answer never came: its status settles it, or the silence of the webhook does, or a person. Never a second message by guessing. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { MessageView } from "../../src/events/view";
import { ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { createTestApp, NUMBER, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { type FaultGraph, startFaultGraph, statusOf } from "./fault-graph";

setDefaultTimeout(60_000);

const SETTLE_MS = 60_000;
/** The client gives a call up after 20 s. */
const GIVE_UP_MS = 21_000;

interface World extends AsyncDisposable {
  app: TestApp;
  graph: FaultGraph;
  clock: ManualClock;
  /** A customer writes; time goes on until the Graph API was called for their reply. */
  write(from: string, text: string): Promise<void>;
  unknown(): Promise<MessageView[]>;
  messageOf(id: string): Promise<MessageView>;
}

let count = 0;

async function startWorld(): Promise<World> {
  const graph = startFaultGraph();
  const clock = new ManualClock();
  const app = await createTestApp({ clock, env: { WHATSAPP_GRAPH_URL: graph.url, SETTLE_MS: String(SETTLE_MS) } });
  return {
    app,
    graph,
    clock,
    async write(from, text) {
      const before = graph.calls;
      expect(await app.receive({ from, id: `wamid.settle.${++count}`, text, at: clock.now() })).toBe(200);
      await untilAdvancing(clock, () => graph.calls > before, { step: 20, what: "a send call" });
    },
    unknown: () => app.api.data<MessageView[]>("/deliveries?state=unknown"),
    messageOf: (id) => app.api.data<MessageView>(`/messages/${id}`),
    async [Symbol.asyncDispose]() {
      graph.release();
      await app[Symbol.asyncDispose]();
      await graph[Symbol.asyncDispose]();
    },
  };
}

/** Lets the client give up, and gives the message that is unknown now. */
async function becomesUnknown({ clock, unknown }: World): Promise<MessageView> {
  const [message] = await untilAdvancing(
    clock,
    async () => {
      const found = await unknown();
      return found.length > 0 ? found : null;
    },
    { step: 1_000, limit: GIVE_UP_MS * 2, what: "an unknown send" },
  );
  return message as MessageView;
}

describe("a send whose answer never came", () => {
  test("is sent when its status says so, and not sent again", async () => {
    await using world = await startWorld();
    const { app, graph, clock, messageOf } = world;
    graph.mode = "keep-the-answer";
    await world.write("51987651001", "¿tienen stock?");
    const { id } = await becomesUnknown(world);
    graph.mode = "well";
    const [taken] = graph.taken;
    if (!taken) throw new Error("nothing was taken");
    expect(await app.post(statusOf(NUMBER, taken, "delivered", clock.now()))).toBe(200);
    await until(async () => (await messageOf(id)).delivery?.state === "delivered");
    expect((await messageOf(id)).wamid).toBe(taken.wamid);
    clock.advance(3 * SETTLE_MS);
    await Bun.sleep(100);
    expect(graph.taken).toHaveLength(1);
    expect(await world.unknown()).toEqual([]);
  });

  test("went nowhere when later sends were confirmed: it is sent once more, and the lane keeps its order", async () => {
    await using world = await startWorld();
    const { app, graph, clock, messageOf } = world;
    graph.mode = "hang";
    await world.write("51987651002", "primera pregunta");
    const { id } = await becomesUnknown(world);
    graph.mode = "well";
    await world.write("51987651003", "otra persona");
    const [later] = graph.taken;
    if (!later) throw new Error("nothing was taken");
    await app.post(statusOf(NUMBER, later, "delivered", clock.now()));
    expect(await app.receive({ from: "51987651002", id: "wamid.settle.next", text: "segunda", at: clock.now() })).toBe(200);
    await untilAdvancing(clock, () => graph.taken.length === 3, { step: 2_000, limit: 3 * SETTLE_MS, what: "both replies" });
    const mine = graph.taken.filter(({ to }) => to.includes("51987651002"));
    expect(mine.map(({ text }) => text.includes("primera pregunta"))).toEqual([true, false]);
    expect((await messageOf(id)).delivery?.state).toBe("sent");
    clock.advance(3 * SETTLE_MS);
    await Bun.sleep(100);
    expect(graph.taken).toHaveLength(3);
  });

  test("is left to a person when nothing proves anything; sending again really sends, once", async () => {
    await using world = await startWorld();
    const { app, graph, clock } = world;
    graph.mode = "hang";
    await world.write("51987651004", "¿abren hoy?");
    const { id } = await becomesUnknown(world);
    const early = await app.api.post(`/deliveries/${id}/resend`);
    expect([early.status, early.body.code]).toEqual([409, "delivery.not-open"]);
    graph.mode = "well";
    const counts = () => app.api.data<{ unknown: number; waiting: number }>("/deliveries/counts");
    await untilAdvancing(clock, async () => (await counts()).waiting === 0, {
      step: 5_000,
      limit: 3 * SETTLE_MS,
      what: "the end of waiting",
    });
    expect(graph.taken).toEqual([]);
    expect((await counts()).unknown).toBe(1);
    // Somebody else in the lane is not held up any longer.
    await world.write("51987651004", "¿hola?");
    expect(graph.taken).toHaveLength(1);

    const again = await app.api.post<MessageView>(`/deliveries/${id}/resend`);
    expect([again.status, again.body.data.delivery?.state]).toEqual([200, "queued"]);
    await untilAdvancing(clock, () => graph.taken.length === 2, { what: "the second try" });
    expect(graph.taken[1]?.text).toContain("¿abren hoy?");
    expect(await world.unknown()).toEqual([]);
    const twice = await app.api.post(`/deliveries/${id}/resend`);
    expect([twice.status, twice.body.code]).toEqual([409, "delivery.not-open"]);
  });

  test("can be left as it is", async () => {
    await using world = await startWorld();
    const { app, graph, clock } = world;
    graph.mode = "hang";
    await world.write("51987651005", "¿me escuchan?");
    const { id } = await becomesUnknown(world);
    await untilAdvancing(clock, async () => (await app.api.post(`/deliveries/${id}/dismiss`)).status === 200, {
      step: 5_000,
      limit: 3 * SETTLE_MS,
      what: "a dismissal",
    });
    expect(await world.unknown()).toEqual([]);
    graph.mode = "well";
    clock.advance(3 * SETTLE_MS);
    await Bun.sleep(100);
    expect(graph.taken).toEqual([]);
  });

  test("guests see and decide nothing", async () => {
    await using world = await startWorld();
    const { app } = world;
    for (const [method, path] of [
      ["GET", "/deliveries?state=unknown"],
      ["GET", "/deliveries/counts"],
      ["POST", "/deliveries/019345f2c1a4000a5be1f00d/resend"],
      ["GET", "/dead-letters"],
      ["POST", "/dead-letters/0123456789012345678901/retry"],
    ] as const)
      expect((await fetch(`${app.url}/api/v2${path}`, { method })).status).toBe(401);
    expect((await app.api.get("/deliveries?state=sent")).status).toBe(422);
    expect((await app.api.post("/deliveries/019345f2c1a4000a5be1f00d/resend")).status).toBe(404);
  });
});
