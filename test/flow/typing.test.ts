/** "typing..." is there while the assistant works, also longer than WhatsApp shows it, and goes together with the read receipts. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { ChannelView } from "../../src/events/view";
import { ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { createTestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

interface Call {
  status?: string;
  message_id?: string;
  typing_indicator?: { type: string };
  text?: { body: string };
}

/** Notes what is asked of WhatsApp, in order. */
function listen() {
  const calls: Call[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      if (!new URL(request.url).pathname.endsWith("/messages")) return Response.json({ data: [] });
      const call = (await request.json()) as Call;
      calls.push(call);
      return Response.json(call.status ? { success: true } : { messages: [{ id: `wamid.OUT.${calls.length}` }] });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    calls,
    typing: () => calls.filter((call) => call.typing_indicator?.type === "text").map((call) => call.message_id),
    replies: () => calls.filter((call) => call.text).length,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** Longer than the 20 s after which it is shown again, shorter than the assistant's patience. */
const SLOW_MS = 22_000;

test("shown at once, again before WhatsApp takes it away, and not any more once the reply is there", async () => {
  const clock = new ManualClock();
  await using graph = listen();
  await using app = await createTestApp({ clock, assistantLatencyMs: SLOW_MS, env: { WHATSAPP_GRAPH_URL: graph.url } });
  await app.receive({ from: "51987650970", id: "wamid.slow", text: "¿tienen mantas?", at: clock.now() });
  // In small steps: what is real of a turn must not take seconds of this clock.
  await untilAdvancing(clock, () => graph.replies() === 1, { step: 25, limit: 60_000, what: "the reply" });
  expect(graph.typing()).toEqual(["wamid.slow", "wamid.slow"]);
  expect(graph.calls.at(-1)?.text).toBeDefined();
  clock.advance(60_000);
  await app.api.data("/deliveries/counts");
  expect(graph.typing()).toHaveLength(2);
});

test("where read receipts are off nothing is shown at all", async () => {
  await using graph = listen();
  await using app = await createTestApp({ env: { WHATSAPP_GRAPH_URL: graph.url } });
  const [channel] = await app.api.data<ChannelView[]>("/channels");
  expect((await app.api.patch(`/channels/${channel?.id}`, { readReceipts: false })).status).toBe(200);
  await app.receive({ from: "51987650971", id: "wamid.quiet", text: "hola" });
  await until(() => graph.replies() === 1, { what: "the reply" });
  expect(graph.calls.filter((call) => call.status === "read")).toEqual([]);
});
